#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/device/compute.hpp"
#include "core/device/device_info.hpp"

namespace gyro {

/// What this program can compute on. Modules (libgyro_*.so) are looked for and loaded when somebody
/// first asks for more than "cpu", never before: in $GYRO_MODULE_PATH, files or folders separated
/// by ':', if it is set (also to nothing); else in ../lib and ../lib/gyroscope seen from the
/// program. What was loaded or opened stays so until the program ends.

/// The CPU, then every device of every module, modules by descending score. A module that cannot be
/// loaded or has no device is listed once, not usable, with the reason.
[[nodiscard]] std::vector<DeviceInfo> list_devices();

struct DeviceOptions {
  std::uint64_t memory_budget =
      0;            ///< bytes of device memory that a call may hold, 0 = what is free
  int threads = 0;  ///< of the CPU, 0 = all
};

/// "cpu", "cuda:0", "cuda" (that module's first usable device), or "auto": the first usable device
/// of the list that is not the CPU, else the CPU. Never null. Fails with NotFound or Unavailable
/// and the reason; "auto" never fails.
[[nodiscard]] Result<std::shared_ptr<Compute>> open_device(std::string_view id,
                                                           const DeviceOptions& options = {});

/// Where a call ran.
struct Placement {
  std::string device = "cpu";  ///< Compute::id()
  std::string note;            ///< why it was the CPU although "auto" chose another; mostly empty
};

/// Whether "auto" makes way for the CPU after this error: the device does not do it, is lost, or is
/// too small. A wrong answer is no reason, it has to be seen.
[[nodiscard]] bool gives_way(const Error& error);

/// Calls `call(Compute&)`, which returns a Result, on a device. Only "auto" gives way to the CPU.
template <class Call>
[[nodiscard]] auto call_on(std::string_view id, const DeviceOptions& options, Placement& placement,
                           const Call& call) -> decltype(call(std::declval<Compute&>())) {
  GYRO_TRY(const auto device, open_device(id, options));
  placement = {device->id(), {}};
  auto done = call(*device);
  if (done || id != "auto" || !gives_way(done.error())) return done;
  GYRO_TRY(const auto cpu, open_device("cpu", options));
  placement = {cpu->id(), done.error().text()};
  return call(*cpu);
}

}  // namespace gyro

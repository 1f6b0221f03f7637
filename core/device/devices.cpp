#include "core/device/devices.hpp"

#include <fmt/format.h>

#include "core/device/cpu_compute.hpp"

namespace gyro {

std::vector<DeviceInfo> list_devices() {
  return {CpuCompute().device()};
}

Result<std::shared_ptr<Compute>> open_device(std::string_view id, const DeviceOptions& options) {
  if (id == "cpu" || id == "auto") return std::make_shared<CpuCompute>(options.threads);
  return fail(ErrorCode::NotFound, fmt::format("there is no device '{}'", id), {},
              "Known: cpu, auto.");
}

bool gives_way(const Error& error) {
  return error.code == ErrorCode::Unsupported || error.code == ErrorCode::Unavailable ||
         error.code == ErrorCode::TooLarge;
}

}  // namespace gyro

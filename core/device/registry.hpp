#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/device/devices.hpp"
#include "core/device/module.hpp"
#include "core/device/module_compute.hpp"

namespace gyro {

/// The CPU and the modules of some places; list_devices() and open_device() ask the one of the
/// program. Modules are loaded when first needed; contexts stay open, one a device and budget.
class DeviceRegistry {
 public:
  /// `places` as module_files() takes them.
  explicit DeviceRegistry(std::vector<std::filesystem::path> places) : places_(std::move(places)) {}

  [[nodiscard]] std::vector<DeviceInfo> list();
  [[nodiscard]] Result<std::shared_ptr<Compute>> open(std::string_view id,
                                                      const DeviceOptions& options);

 private:
  /// A module that cannot be used, by the name in its file's.
  struct Failure {
    std::string name;
    Error error;
  };

  void load();
  [[nodiscard]] Status check_useful(const Module& module) const;
  [[nodiscard]] Result<std::shared_ptr<Compute>> open_best(const DeviceOptions& options);
  [[nodiscard]] Result<std::shared_ptr<Compute>> open_named(std::string_view id,
                                                            const DeviceOptions& options);
  [[nodiscard]] Result<std::shared_ptr<Compute>> open_on(const Module& module,
                                                         const DeviceInfo& device,
                                                         std::uint64_t memory_budget);
  [[nodiscard]] Error unknown(std::string_view id) const;

  std::vector<std::filesystem::path> places_;
  std::mutex mutex_;  ///< of all below
  bool loaded_ = false;
  std::deque<Module> modules_;  ///< by descending score; never moved again once loaded
  std::vector<Failure> failures_;
  std::map<std::pair<std::string, std::uint64_t>, std::shared_ptr<ModuleCompute>> open_;
};

}  // namespace gyro

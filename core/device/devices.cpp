#include "core/device/devices.hpp"

#include "core/device/registry.hpp"

namespace gyro {
namespace {

/// Never destroyed: modules have exit handlers of their own, and contexts must not outlive them.
DeviceRegistry& registry() {
  static auto* const of_program = new DeviceRegistry(module_places());
  return *of_program;
}

}  // namespace

std::vector<DeviceInfo> list_devices() {
  return registry().list();
}

Result<std::shared_ptr<Compute>> open_device(std::string_view id, const DeviceOptions& options) {
  return registry().open(id, options);
}

bool gives_way(const Error& error) {
  return error.code == ErrorCode::Unsupported || error.code == ErrorCode::Unavailable ||
         error.code == ErrorCode::TooLarge;
}

}  // namespace gyro

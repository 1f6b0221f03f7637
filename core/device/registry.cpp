#include "core/device/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/base/advice.hpp"
#include "core/device/cpu_compute.hpp"

namespace gyro {
namespace {

/// A module as a device that cannot be used.
DeviceInfo unusable(const std::string& name, const Error& error) {
  DeviceInfo out;
  out.id = name;
  out.state = error.text();
  return out;
}

std::string_view module_of(std::string_view id) {
  return id.substr(0, id.find(':'));
}

}  // namespace

void DeviceRegistry::load() {
  if (std::exchange(loaded_, true)) return;
  for (const auto& file : module_files(places_)) {
    auto module = Module::load(file);
    if (!module) {
      failures_.push_back({module_name(file), std::move(module.error())});
      continue;
    }
    if (auto useful = check_useful(*module); !useful) {
      failures_.push_back({module->name(), useful.error().at(file.string())});
      continue;
    }
    modules_.push_back(*std::move(module));
  }
  std::ranges::stable_sort(modules_, std::greater<>(), &Module::score);
}

Status DeviceRegistry::check_useful(const Module& module) const {
  const bool known = std::ranges::any_of(
      modules_, [&](const Module& other) { return other.name() == module.name(); });
  if (known)
    return fail(ErrorCode::Mismatch, "another module of this name comes before it", {},
                "Take one of them out of the module folders and GYRO_MODULE_PATH.");
  if (module.score() > 0) return {};
  return fail(ErrorCode::Unavailable, "has nothing to offer on this machine", {},
              "Use --device cpu.");
}

std::vector<DeviceInfo> DeviceRegistry::list() {
  const std::lock_guard lock(mutex_);
  load();
  std::vector<DeviceInfo> out = {CpuCompute().device()};
  for (const auto& module : modules_) {
    auto devices = module.devices();
    if (devices) {
      std::ranges::move(*devices, std::back_inserter(out));
    } else {
      out.push_back(unusable(module.name(), devices.error()));
    }
  }
  for (const auto& failure : failures_) out.push_back(unusable(failure.name, failure.error));
  return out;
}

Result<std::shared_ptr<Compute>> DeviceRegistry::open(std::string_view id,
                                                      const DeviceOptions& options) {
  if (id == "cpu") return std::make_shared<CpuCompute>(options.threads);
  const std::lock_guard lock(mutex_);
  load();
  return id == "auto" ? open_best(options) : open_named(id, options);
}

Result<std::shared_ptr<Compute>> DeviceRegistry::open_best(const DeviceOptions& options) {
  for (const auto& module : modules_) {
    const auto devices = module.devices();
    if (!devices) continue;
    for (const auto& device : *devices) {
      if (!device.usable) continue;
      if (auto opened = open_on(module, device, options.memory_budget)) return opened;
    }
  }
  return std::make_shared<CpuCompute>(options.threads);
}

Result<std::shared_ptr<Compute>> DeviceRegistry::open_named(std::string_view id,
                                                            const DeviceOptions& options) {
  const std::string_view name = module_of(id);
  const auto module =
      std::ranges::find_if(modules_, [&](const Module& other) { return other.name() == name; });
  if (module == modules_.end()) return fail(unknown(id));
  const auto devices = module->devices();
  if (!devices) return fail(devices.error().at(id));
  for (const auto& device : *devices) {
    if (id != name && id != device.id) continue;
    if (device.usable) return open_on(*module, device, options.memory_budget);
    if (id == device.id)
      return fail(ErrorCode::Unavailable, device.state, device.id, advice::kListed);
  }
  if (id == name)
    return fail(ErrorCode::Unavailable,
                devices->empty() ? "it has no device"
                                 : "none of its devices is usable: " + devices->front().state,
                std::string(id), advice::kListed);
  return fail(unknown(id));
}

Result<std::shared_ptr<Compute>> DeviceRegistry::open_on(const Module& module,
                                                         const DeviceInfo& device,
                                                         std::uint64_t memory_budget) {
  auto& known = open_[{device.id, memory_budget}];
  if (!known || known->lost()) {
    known.reset();
    GYRO_TRY(known, ModuleCompute::open(module, device, memory_budget));
  }
  return known;
}

Error DeviceRegistry::unknown(std::string_view id) const {
  for (const auto& failure : failures_) {
    if (failure.name == module_of(id)) return failure.error.at(id);
  }
  const std::string_view name = module_of(id);
  std::string known = "cpu, auto";
  bool loaded = false;
  for (const auto& module : modules_) {
    known += ", " + module.name();
    loaded |= module.name() == name;
  }
  if (loaded) {
    return {ErrorCode::NotFound,
            fmt::format("there is no device '{}'", id),
            {},
            fmt::format("Known: {}; gyro devices lists them.", known)};
  }
  std::string places;
  for (const auto& place : places_) {
    places += (places.empty() ? " in " : ", ") + place.lexically_normal().string();
  }
  return {
      ErrorCode::NotFound,
      fmt::format("there is no device '{}': no module libgyro_{}.so was found{}", id, name, places),
      {},
      fmt::format("Known: {}; gyro devices lists them. Name another place in GYRO_MODULE_PATH.",
                  known)};
}

}  // namespace gyro

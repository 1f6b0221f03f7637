#include "core/device/devices.hpp"

#include <fmt/format.h>

#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"

namespace gyro::cli {
namespace {

std::string known(const std::string& text) {
  return text.empty() ? "–" : printable(text);
}

std::string memory_text(const DeviceInfo& device) {
  if (device.memory_total == 0) return "–";
  return fmt::format("{} of {}", bytes_text(static_cast<std::int64_t>(device.memory_free)),
                     bytes_text(static_cast<std::int64_t>(device.memory_total)));
}

std::string text_of(const std::vector<DeviceInfo>& devices) {
  using enum Table::Align;
  Table table(
      {{"device"}, {"name"}, {"capability"}, {"driver"}, {"memory free", Right}, {"state"}});
  for (const auto& device : devices) {
    table.add({known(device.id), known(device.name), known(device.capability), known(device.driver),
               memory_text(device), known(device.state)});
  }
  return table.text();
}

Json json_of(const DeviceInfo& device) {
  return {{"id", device.id},
          {"name", device.name},
          {"usable", device.usable},
          {"state", device.state},
          {"capability", device.capability},
          {"driver", device.driver},
          {"runtime", device.runtime},
          {"memory_total", device.memory_total},
          {"memory_free", device.memory_free}};
}

int list(bool json) {
  const auto devices = list_devices();
  if (!json) return print(text_of(devices));
  Json all = Json::array();
  for (const auto& device : devices) all.push_back(json_of(device));
  return print_json({{"devices", std::move(all)}});
}

}  // namespace

void add_devices(CLI::App& app, Action& action) {
  auto json = std::make_shared<bool>(false);
  auto* const command =
      app.add_subcommand("devices", "List what --device can name, and what cannot be used and why");
  command->add_flag("--json", *json, "One JSON object on standard output");
  command->footer(
      "Compute modules (libgyro_*.so) are looked for in ../lib and ../lib/gyroscope beside the\n"
      "program, or in the files and folders of GYRO_MODULE_PATH, separated by ':'.\n");
  command->callback([json, &action] { action = [json] { return list(*json); }; });
}

}  // namespace gyro::cli

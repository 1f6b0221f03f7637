#include "core/device/devices.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/work.hpp"
#include "core/remote/client.hpp"

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

struct Options {
  std::optional<std::string> worker;
  bool json = false;
};

Result<std::vector<DeviceInfo>> devices_of(const Options& options, Progress& progress) {
  if (!options.worker) return list_devices();
  remote::WorkerSettings settings;
  settings.command = *options.worker;
  return remote::WorkerClient(std::move(settings)).devices(progress);
}

int list(const Options& options) {
  Work work(true);
  const auto devices = devices_of(options, work.progress);
  if (!devices) return work.end(devices.error());
  if (!options.json) return print(text_of(*devices));
  Json all = Json::array();
  for (const auto& device : *devices) all.push_back(json_of(device));
  return print_json({{"devices", std::move(all)}});
}

}  // namespace

void add_devices(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command =
      app.add_subcommand("devices", "List what --device can name, and what cannot be used and why");
  command
      ->add_option("--worker", options->worker,
                   "Those of the worker that COMMAND starts, as 'ssh host gyro-worker'")
      ->type_name("COMMAND");
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->footer(
      "Compute modules (libgyro_*.so) are looked for in ../lib and ../lib/gyroscope beside the\n"
      "program, or in the files and folders of GYRO_MODULE_PATH, separated by ':'.\n");
  command->callback([options, &action] { action = [options] { return list(*options); }; });
}

}  // namespace gyro::cli

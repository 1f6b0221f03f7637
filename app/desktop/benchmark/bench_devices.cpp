#include "app/desktop/benchmark/bench_devices.hpp"

#include "app/desktop/benchmark/benchmark_panel.hpp"
#include "app/desktop/session/devices.hpp"
#include "app/desktop/session/text.hpp"
#include "core/remote/benchmark.hpp"
#include "core/remote/run.hpp"

namespace gyro::desktop {
namespace {

bool isGpu(const DeviceInfo& device) {
  return device.usable && device.id != Devices::kCpu;
}

/// Why none of the local worker's devices can measure.
QString reasonOf(const Devices::Place& place) {
  if (place.error) return toText(place.error->text());
  for (const auto& device : place.devices) {
    if (device.id != Devices::kCpu && !device.usable) {
      return BenchmarkPanel::tr("This machine has no GPU that can be used: %1.")
          .arg(toText(device.state));
    }
  }
  if (place.asking || place.devices.empty()) return BenchmarkPanel::tr("Looking for a GPU…");
  return BenchmarkPanel::tr("This machine has no GPU module; a worker elsewhere may have one.");
}

Result<BenchReport> measure(const QString& device, const std::vector<BenchCell>& cells,
                            Progress& progress) {
  const auto place = remote::parse_worker(device.toStdString());
  if (!place) return fail(ErrorCode::NotFound, "there is no such device", device.toStdString());
  remote::WorkerSettings settings;
  settings.command = place->command;
  remote::WorkerClient worker(settings);
  return remote::run_benchmark(worker, place->device, 0, cells, progress);
}

void offer(BenchmarkPanel* panel, const Devices* devices) {
  QList<BenchDevice> found;
  for (const auto& device : devices->here().devices) {
    if (isGpu(device)) found.append({Devices::idHere(device), toText(device.name)});
  }
  for (const auto& device : devices->elsewhere().devices) {
    if (!isGpu(device)) continue;
    found.append({devices->idElsewhere(device),
                  BenchmarkPanel::tr("%1 (elsewhere)").arg(toText(device.name))});
  }
  panel->setDevices(found, reasonOf(devices->here()), measure);
}

}  // namespace

void connectDevices(BenchmarkPanel* panel, Devices* devices) {
  QObject::connect(devices, &Devices::changed, panel, [panel, devices] { offer(panel, devices); });
  QObject::connect(panel, &BenchmarkPanel::devicesWanted, devices, [devices] {
    if (devices->here().devices.empty() && !devices->here().asking) devices->refresh();
  });
}

}  // namespace gyro::desktop

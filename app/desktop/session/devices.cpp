#include "app/desktop/session/devices.hpp"

#include <QSettings>
#include <utility>

#include "app/desktop/session/text.hpp"
#include "core/remote/run.hpp"

namespace gyro::desktop {
namespace {

constexpr auto kChosen = "device/chosen";
constexpr auto kName = "device/name";
constexpr auto kCommand = "device/command";
constexpr auto kCpuWhenLost = "device/cpuWhenLost";
/// A cancel over a network takes its time.
constexpr std::chrono::milliseconds kFarCancel{1000};

std::shared_ptr<remote::WorkerClient> workerOf(const QString& command) {
  remote::WorkerSettings settings;
  settings.command = command.toStdString();
  if (!command.isEmpty()) settings.cancel_patience = kFarCancel;
  return std::make_shared<remote::WorkerClient>(settings);
}

}  // namespace

Devices::Devices(Jobs* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), worker_here_(workerOf({})), name_(tr("CPU")) {}

Devices::~Devices() = default;

QString Devices::idHere(const DeviceInfo& device) {
  if (device.id == kCpu) return QString::fromLatin1(kCpu);
  return QStringLiteral("worker:#%1").arg(toText(device.id));
}

QString Devices::idElsewhere(const DeviceInfo& device) const {
  return QStringLiteral("worker:%1#%2").arg(command_, toText(device.id));
}

Runner Devices::runner() const {
  const auto chosen = remote::parse_worker(chosen_.toStdString());
  if (!chosen) return {};
  return {chosen->command.empty() ? worker_here_ : worker_elsewhere_, chosen->device, {}};
}

void Devices::choose(const QString& id, const QString& name) {
  if (id == chosen_) return;
  chosen_ = id;
  name_ = name;
  save();
  emit changed();
}

void Devices::setCommand(const QString& command) {
  if (command.trimmed() == command_) return;
  const bool was_used = chosen_ != QLatin1String(kCpu) && !chosen_.startsWith("worker:#");
  command_ = command.trimmed();
  worker_elsewhere_ = command_.isEmpty() ? nullptr : workerOf(command_);
  jobs_->drop("devices.elsewhere");
  elsewhere_ = {};
  if (was_used) choose(QString::fromLatin1(kCpu), tr("CPU"));
  save();
  if (worker_elsewhere_) ask(elsewhere_, "devices.elsewhere", worker_elsewhere_);
  emit changed();
}

void Devices::setCpuWhenLost(bool on) {
  if (on == cpu_when_lost_) return;
  cpu_when_lost_ = on;
  save();
  emit changed();
}

void Devices::refresh() {
  ask(here_, "devices.here", worker_here_);
  if (worker_elsewhere_) ask(elsewhere_, "devices.elsewhere", worker_elsewhere_);
  emit changed();
}

void Devices::ask(Place& place, const QString& slot,
                  const std::shared_ptr<remote::WorkerClient>& worker) {
  using Found = Result<std::vector<DeviceInfo>>;
  place.asking = true;
  jobs_->start<Found>(
      slot, tr("Looking for devices"),
      [worker](Progress& progress) { return worker->devices(progress); },
      [this, &place](Found found) {
        place.asking = false;
        place.error.reset();
        place.devices.clear();
        if (found) {
          place.devices = *std::move(found);
        } else {
          place.error = found.error();
        }
        emit changed();
      });
}

void Devices::remember() {
  const QSettings settings;
  command_ = settings.value(kCommand).toString();
  if (!command_.isEmpty()) worker_elsewhere_ = workerOf(command_);
  cpu_when_lost_ = settings.value(kCpuWhenLost, false).toBool();
  const QString chosen = settings.value(kChosen, chosen_).toString();
  const auto worker = remote::parse_worker(chosen.toStdString());
  if (worker && (worker->command.empty() || toText(worker->command) == command_)) {
    chosen_ = chosen;
    name_ = settings.value(kName, chosen).toString();
  }
  remembers_ = true;
  emit changed();
}

void Devices::save() {
  if (!remembers_) return;
  QSettings settings;
  settings.setValue(kChosen, chosen_);
  settings.setValue(kName, name_);
  settings.setValue(kCommand, command_);
  settings.setValue(kCpuWhenLost, cpu_when_lost_);
}

}  // namespace gyro::desktop

#include "app/desktop/device/device_menu.hpp"

#include <QActionGroup>
#include <utility>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr int kStateLength = 60;

/// "NVIDIA H200 · 141 GB, 138 GB free · driver 570.86 · ready": what a person tells cards by.
QString describe(const DeviceInfo& device) {
  QStringList parts{toText(device.name.empty() ? device.id : device.name)};
  if (device.memory_total > 0) {
    QString memory = bytesText(static_cast<double>(device.memory_total));
    if (device.usable && device.memory_free > 0) {
      memory += QObject::tr(", %1 free").arg(bytesText(static_cast<double>(device.memory_free)));
    }
    parts.append(memory);
  }
  if (!device.driver.empty()) parts.append(QObject::tr("driver %1").arg(toText(device.driver)));
  QString state = toText(device.state);
  if (state.size() > kStateLength) state = state.left(kStateLength) + QStringLiteral("…");
  parts.append(device.usable ? state : QObject::tr("cannot be used: %1").arg(state));
  return parts.join(QStringLiteral(" · "));
}

QString plain(QString text) {
  return text.replace(QLatin1Char('&'), QLatin1String("&&"));
}

}  // namespace

DeviceMenu::DeviceMenu(Devices* devices, QList<QAction*> below, QWidget* parent)
    : QMenu(parent), devices_(devices), below_(std::move(below)) {
  setToolTipsVisible(true);
  connect(this, &QMenu::aboutToShow, this, [this] {
    if (!std::exchange(asked_, true)) devices_->refresh();
  });
  connect(devices_, &Devices::changed, this, &DeviceMenu::fill);
  fill();
}

void DeviceMenu::fill() {
  // What stands below belongs to the registry and only leaves the menu.
  for (QAction* action : actions()) {
    removeAction(action);
    if (action->parent() == this) action->deleteLater();
  }
  auto* const cpu = addAction(tr("CPU, in this program"), this,
                              [this] { devices_->choose(Devices::kCpu, tr("CPU")); });
  cpu->setCheckable(true);
  cpu->setChecked(devices_->chosen() == QLatin1String(Devices::kCpu));
  addPlace(tr("This machine"), devices_->here(), false);
  if (!devices_->command().isEmpty()) addPlace(devices_->command(), devices_->elsewhere(), true);
  addSeparator();
  for (QAction* action : below_) {
    if (action == nullptr) {
      addSeparator();
    } else {
      addAction(action);
    }
  }
}

void DeviceMenu::addPlace(const QString& title, const Devices::Place& place, bool elsewhere) {
  addSection(plain(title));
  if (place.asking) return addNote(tr("Looking for devices…"));
  if (place.error) return addNote(tr("No answer"), toText(place.error->text()));
  bool any = false;
  for (const auto& device : place.devices) {
    if (!elsewhere && device.id == Devices::kCpu) continue;
    any = true;
    addDevice(device, elsewhere ? devices_->idElsewhere(device) : Devices::idHere(device));
  }
  if (!any && !place.devices.empty()) addNote(tr("No GPU was found"));
}

void DeviceMenu::addDevice(const DeviceInfo& device, const QString& id) {
  const QString name = toText(device.name.empty() ? device.id : device.name);
  QAction* const action =
      addAction(plain(describe(device)), this, [this, id, name] { devices_->choose(id, name); });
  action->setCheckable(true);
  action->setChecked(devices_->chosen() == id);
  action->setEnabled(device.usable);
  action->setToolTip(QStringLiteral("%1: %2").arg(toText(device.id), toText(device.state)));
}

void DeviceMenu::addNote(const QString& text, const QString& tip) {
  QAction* const note = addAction(text);
  note->setEnabled(false);
  note->setToolTip(tip);
}

}  // namespace gyro::desktop

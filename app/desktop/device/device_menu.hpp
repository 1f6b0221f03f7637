#pragma once

#include <QMenu>

#include "app/desktop/session/devices.hpp"

namespace gyro::desktop {

/// The devices there are, to choose from: the CPU, this machine's, those of the worker elsewhere.
/// Asks for them when it is first opened; its own actions stand below.
class DeviceMenu : public QMenu {
  Q_OBJECT
 public:
  /// `below`: actions of the registry, null for a separator.
  DeviceMenu(Devices* devices, QList<QAction*> below, QWidget* parent = nullptr);

 private:
  void fill();
  void addPlace(const QString& title, const Devices::Place& place, bool elsewhere);
  void addDevice(const DeviceInfo& device, const QString& id);
  void addNote(const QString& text, const QString& tip = {});

  Devices* devices_;
  QList<QAction*> below_;
  bool asked_ = false;
};

}  // namespace gyro::desktop

#include "app/desktop/shell/recent_files.hpp"

#include <QFileInfo>
#include <QSettings>
#include <algorithm>

namespace gyro::desktop {
namespace {

constexpr int kMost = 10;
constexpr auto kKey = "recentFiles";

}  // namespace

QStringList recentFiles() {
  QStringList paths = QSettings().value(kKey).toStringList();
  paths.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
  return paths;
}

void rememberFile(const QString& path) {
  QSettings settings;
  QStringList paths = settings.value(kKey).toStringList();
  paths.removeAll(path);
  paths.prepend(path);
  while (paths.size() > kMost) paths.removeLast();
  settings.setValue(kKey, paths);
}

void forgetFiles() {
  QSettings().remove(kKey);
}

}  // namespace gyro::desktop

#pragma once

#include <QStringList>

namespace gyro::desktop {

/// The files that were opened last, newest first, kept in the settings; those that are gone are
/// left out.
[[nodiscard]] QStringList recentFiles();
void rememberFile(const QString& path);
void forgetFiles();

}  // namespace gyro::desktop

#pragma once

#include <QString>
#include <string_view>

namespace gyro::desktop {

/// core's UTF-8 text for Qt.
[[nodiscard]] inline QString toText(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// A fraction as every table and readout shows it: .4183 → "0.41830".
[[nodiscard]] inline QString fractionText(double value) {
  return QString::number(value, 'f', 5);
}

/// "12.5 MB", for memory and files.
[[nodiscard]] inline QString bytesText(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB"};
  int unit = 0;
  while (bytes >= 1000 && unit < 3) {
    bytes /= 1000;
    ++unit;
  }
  return QStringLiteral("%1 %2")
      .arg(bytes, 0, 'f', unit == 0 || bytes >= 100 ? 0 : 1)
      .arg(QLatin1String(units[unit]));
}

}  // namespace gyro::desktop

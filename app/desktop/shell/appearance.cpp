#include "app/desktop/shell/appearance.hpp"

#include <QApplication>
#include <QIcon>
#include <QPalette>
#include <QStyle>

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

struct Shades {
  QRgb window, base, alternate, text, dim, button, line, highlight, highlighted, link;
};

constexpr Shades kLight{0xfff6f6f7, 0xffffffff, 0xfff2f3f5, 0xff202327, 0xff7b8187,
                        0xfffbfbfc, 0xffc9ccd0, 0xff2f6fb3, 0xffffffff, 0xff1f66b0};
constexpr Shades kDark{0xff232629, 0xff1b1e20, 0xff26292c, 0xffe6e7e9, 0xff8f959b,
                       0xff2d3135, 0xff45494e, 0xff3d7fc4, 0xffffffff, 0xff6fb0f0};

QPalette paletteOf(const Shades& s) {
  QPalette p(QColor(s.button), QColor(s.window));
  p.setColor(QPalette::WindowText, s.text);
  p.setColor(QPalette::Base, s.base);
  p.setColor(QPalette::AlternateBase, s.alternate);
  p.setColor(QPalette::Text, s.text);
  p.setColor(QPalette::PlaceholderText, s.dim);
  p.setColor(QPalette::ButtonText, s.text);
  p.setColor(QPalette::BrightText, s.highlighted);
  p.setColor(QPalette::Mid, s.line);
  p.setColor(QPalette::Highlight, s.highlight);
  p.setColor(QPalette::HighlightedText, s.highlighted);
  p.setColor(QPalette::Link, s.link);
  p.setColor(QPalette::ToolTipBase, s.base);
  p.setColor(QPalette::ToolTipText, s.text);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, s.dim);
  }
  p.setColor(QPalette::Disabled, QPalette::Highlight, s.line);
  return p;
}

const QPalette& systemPalette() {
  static const QPalette palette =
      QApplication::style()->name() == QLatin1String("fusion") && !isDark(QApplication::palette())
          ? paletteOf(kLight)
          : QApplication::palette();
  return palette;
}

}  // namespace

void applyAppearance(Appearance appearance) {
  const QPalette& system = systemPalette();  // before it is replaced
  switch (appearance) {
    case Appearance::System:
      QApplication::setPalette(system);
      break;
    case Appearance::Light:
      QApplication::setPalette(paletteOf(kLight));
      break;
    case Appearance::Dark:
      QApplication::setPalette(paletteOf(kDark));
      break;
  }
  if (QApplication::style()->name() == QLatin1String("fusion")) {
    QApplication::setPalette(checkBoxPalette(QApplication::palette()), "QCheckBox");
  }
  applyIconTheme();
}

void applyIconTheme() {
  QStringList paths = QIcon::themeSearchPaths();
  for (const char* path : {"/usr/share/icons", "/usr/local/share/icons"}) {
    if (!paths.contains(QLatin1String(path))) paths.append(QLatin1String(path));
  }
  QIcon::setThemeSearchPaths(paths);
  const QString breeze =
      isDark(QApplication::palette()) ? QStringLiteral("breeze-dark") : QStringLiteral("breeze");
  QIcon::setFallbackThemeName(breeze);
  const QString theme = QIcon::themeName();
  if (theme.isEmpty() || theme == QLatin1String("hicolor") ||
      theme.startsWith(QLatin1String("breeze"))) {
    QIcon::setThemeName(breeze);
  }
}

}  // namespace gyro::desktop

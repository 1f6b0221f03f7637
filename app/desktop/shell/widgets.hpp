#pragma once

#include <QString>

class QToolButton;
class QWidget;

namespace gyro::desktop {

/// The widget in a frameless area that scrolls upwards and downwards alone, wide enough for it.
[[nodiscard]] QWidget* scrolled(QWidget* widget);

/// A flat button with its words beside an icon of the theme.
[[nodiscard]] QToolButton* quietButton(const QString& icon, const QString& text,
                                       const QString& tip);

}  // namespace gyro::desktop

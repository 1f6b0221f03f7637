#pragma once

#include <QString>

class QLayout;
class QStackedWidget;
class QToolButton;
class QWidget;

namespace gyro::desktop {

/// The widget in a frameless area that scrolls upwards and downwards alone, wide enough for it. The
/// wheel changes no field in it but the one that has the keyboard.
[[nodiscard]] QWidget* scrolled(QWidget* widget);

class EmptyPage;

/// Fills a panel with two pages: 0 is what it says while it is empty, 1 the content under its head.
[[nodiscard]] QStackedWidget* emptyOrContent(QWidget* panel, EmptyPage* empty, QLayout* head,
                                             QWidget* content);

/// A flat button with its words beside an icon of the theme.
[[nodiscard]] QToolButton* quietButton(const QString& icon, const QString& text,
                                       const QString& tip);

}  // namespace gyro::desktop

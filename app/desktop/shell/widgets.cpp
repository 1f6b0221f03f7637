#include "app/desktop/shell/widgets.hpp"

#include <QIcon>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

namespace gyro::desktop {

QWidget* scrolled(QWidget* widget) {
  auto* const area = new QScrollArea;
  area->setWidget(widget);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setMinimumWidth(widget->minimumSizeHint().width() +
                        area->verticalScrollBar()->sizeHint().width() + 2);
  return area;
}

QToolButton* quietButton(const QString& icon, const QString& text, const QString& tip) {
  auto* const tool = new QToolButton;
  tool->setIcon(QIcon::fromTheme(icon));
  tool->setText(text);
  tool->setToolTip(tip);
  tool->setAccessibleName(text);
  tool->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  tool->setAutoRaise(true);
  return tool;
}

}  // namespace gyro::desktop

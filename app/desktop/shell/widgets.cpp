#include "app/desktop/shell/widgets.hpp"

#include <QIcon>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/shell/empty_page.hpp"

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

QStackedWidget* emptyOrContent(QWidget* panel, EmptyPage* empty, QLayout* head, QWidget* content) {
  auto* const filled = new QWidget;
  auto* const layout = new QVBoxLayout(filled);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(head);
  layout->addWidget(content, 1);
  auto* const pages = new QStackedWidget;
  pages->addWidget(empty);
  pages->addWidget(filled);
  auto* const outer = new QVBoxLayout(panel);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(pages);
  return pages;
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

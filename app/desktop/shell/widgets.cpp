#include "app/desktop/shell/widgets.hpp"

#include <QAbstractSpinBox>
#include <QChildEvent>
#include <QComboBox>
#include <QIcon>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/shell/empty_page.hpp"

namespace gyro::desktop {
namespace {

/// Keeps the wheel that scrolls an area from changing the fields that pass under the pointer: only
/// the one that has the keyboard listens to it.
class WheelGuard : public QObject {
 public:
  WheelGuard(QWidget* guarded, QObject* parent) : QObject(parent) { guard(guarded); }

  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::ChildPolished) {
      auto* const child = static_cast<QChildEvent*>(event)->child();
      if (auto* const widget = qobject_cast<QWidget*>(child)) guard(widget);
    }
    auto* const widget = qobject_cast<QWidget*>(watched);
    if (event->type() != QEvent::Wheel || !changesByWheel(widget) || widget->hasFocus()) {
      return false;
    }
    event->ignore();
    return true;
  }

 private:
  static bool changesByWheel(QWidget* widget) {
    return qobject_cast<QComboBox*>(widget) != nullptr ||
           qobject_cast<QAbstractSpinBox*>(widget) != nullptr;
  }

  void guard(QWidget* widget) {
    widget->installEventFilter(this);
    if (changesByWheel(widget)) widget->setFocusPolicy(Qt::StrongFocus);
    for (auto* const child : widget->findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
      guard(child);
    }
  }
};

}  // namespace

QWidget* scrolled(QWidget* widget) {
  auto* const area = new QScrollArea;
  area->setWidget(widget);
  new WheelGuard(widget, area);
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

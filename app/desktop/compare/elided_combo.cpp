#include "app/desktop/compare/elided_combo.hpp"

#include <QHelpEvent>
#include <QStylePainter>
#include <QToolTip>

namespace gyro::desktop {
namespace {

constexpr int kSlack = 4;  // pixels between the text and the field's edges

}  // namespace

ElidedCombo::ElidedCombo(int characters, QWidget* parent) : QComboBox(parent) {
  setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  setMinimumContentsLength(characters);
}

bool ElidedCombo::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && !currentText().isEmpty()) {
    const QString what = toolTip().isEmpty() ? accessibleName() : toolTip();
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                       what.isEmpty() ? currentText() : tr("%1: %2").arg(what, currentText()),
                       this);
    return true;
  }
  return QComboBox::event(event);
}

void ElidedCombo::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  QStylePainter painter(this);
  painter.setPen(palette().color(QPalette::Text));
  QStyleOptionComboBox option;
  initStyleOption(&option);
  painter.drawComplexControl(QStyle::CC_ComboBox, option);
  const QRect field =
      style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
  option.currentText =
      fontMetrics().elidedText(option.currentText, Qt::ElideRight, field.width() - kSlack);
  painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

}  // namespace gyro::desktop

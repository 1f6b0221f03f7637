#include "app/desktop/shell/look_panel.hpp"

#include <QEvent>
#include <QFontDatabase>
#include <QLabel>
#include <QVBoxLayout>
#include <cmath>

#include "app/desktop/heatmap/color_keys.hpp"
#include "app/desktop/heatmap/color_panel.hpp"
#include "app/desktop/heatmap/minimap.hpp"
#include "app/desktop/shell/pane.hpp"

namespace gyro::desktop {
namespace {

constexpr int kReadoutLines = 6;

QString number(float value) {
  return std::isnan(value) ? QStringLiteral("–") : QString::number(value, 'g', 6);
}

QString place(int index) {
  return index < 0 ? QStringLiteral("–") : QString::number(index);
}

QString linesOf(const CellInfo& cell) {
  QStringList lines{
      QObject::tr("row      %1  (original %2)").arg(place(cell.row), place(cell.originalRow)),
      QObject::tr("column   %1  (original %2)").arg(place(cell.column), place(cell.originalColumn)),
      QObject::tr("value    %1").arg(number(cell.value)),
      QObject::tr("saliency %1").arg(number(cell.saliency)),
      QObject::tr("tile     %1  group %2  lane %3")
          .arg(place(cell.tile), place(cell.group), place(cell.lane)),
      cell.state == MaskState::Unknown ? QString() : nameOf(cell.state)};
  return lines.join(QLatin1Char('\n'));
}

}  // namespace

LookPanel::LookPanel(QWidget* parent)
    : QWidget(parent), colors_(new ColorPanel), readout_(new QLabel), minimap_(new Minimap) {
  readout_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  readout_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  readout_->setAccessibleName(tr("Readout of the cell under the cursor"));
  readout_->setMinimumHeight(readout_->fontMetrics().lineSpacing() * kReadoutLines);
  readout_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  minimap_->setAccessibleName(tr("Minimap"));
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  layout->addWidget(colors_, 3);
  layout->addWidget(readout_);
  layout->addWidget(minimap_, 2);
  clearCell();
}

void LookPanel::setPane(HeatmapPane* pane) {
  if (pane_) pane_->disconnect(this);
  pane_ = pane;
  connect(pane, &HeatmapPane::contentChanged, this, &LookPanel::refreshKeys);
  colors_->setModel(pane->view()->colorModel());
  minimap_->setView(pane->view());
  refreshKeys();
}

void LookPanel::refreshKeys() {
  const auto source = pane_ ? pane_->view()->source() : nullptr;
  if (!source) return colors_->setKeys({}, {});
  colors_->setKeys(colorKeys(*source, isDark(palette())), colorKeysNote(*source));
}

void LookPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) refreshKeys();
}

void LookPanel::setCell(const CellInfo& cell) {
  readout_->setText(linesOf(cell));
}

void LookPanel::clearCell() {
  readout_->setText(tr("Point at a cell to read it here; L locks it."));
}

QString LookPanel::readout() const {
  return readout_->text();
}

}  // namespace gyro::desktop

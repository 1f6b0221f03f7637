#include <QAction>
#include <QContextMenuEvent>
#include <QMenu>
#include <algorithm>
#include <cmath>

#include "app/desktop/heatmap/overlay.hpp"
#include "app/desktop/heatmap/view.hpp"

namespace gyro::desktop {
namespace {

constexpr double kNotch = 1.25;  // zoom factor of one notch of the wheel
constexpr double kSquaring =
    1.2;                  // how much faster the denser axis zooms in until cells are square
constexpr int kSlop = 4;  // pixels before a press becomes a drag

}  // namespace

QAction* HeatmapView::addAct(const QString& text, const QKeySequence& key,
                             std::function<void()> run) {
  auto* action = new QAction(text, this);
  action->setShortcut(key);
  action->setShortcutContext(Qt::WidgetShortcut);
  connect(action, &QAction::triggered, this, std::move(run));
  addAction(action);
  return action;
}

void HeatmapView::makeActions() {
  actions_.fit = addAct(tr("Fit"), Qt::Key_F, [this] { fit(); });
  actions_.oneToOne = addAct(tr("One cell a pixel"), Qt::Key_1, [this] { oneToOne(); });
  actions_.zoomIn = addAct(tr("Zoom in"), Qt::Key_Plus, [this] { zoomBy(kNotch * kNotch); });
  actions_.zoomIn->setShortcuts({QKeySequence(Qt::Key_Plus), QKeySequence(Qt::Key_Equal)});
  actions_.zoomOut =
      addAct(tr("Zoom out"), Qt::Key_Minus, [this] { zoomBy(1 / (kNotch * kNotch)); });
  actions_.boxZoom = addAct(tr("Zoom to a box"), {}, {[] {}});
  actions_.boxZoom->setCheckable(true);
  connect(actions_.boxZoom, &QAction::toggled, this, &HeatmapView::setBoxZoom);
  actions_.lock = addAct(tr("Lock readout"), Qt::Key_L, {[] {}});
  actions_.lock->setCheckable(true);
  connect(actions_.lock, &QAction::toggled, this, &HeatmapView::lockReadout);
  actions_.copyValue = addAct(tr("Copy value"), QKeySequence::Copy, [this] { copyValue(); });
  actions_.copyCell = addAct(tr("Copy readout"), {}, [this] { copyCell(); });
  actions_.copyImage = addAct(tr("Copy picture"), {}, [this] { copyImage(); });
  actions_.copyValues = addAct(tr("Copy visible values"), {}, [this] { copyValues(); });
  addAction(history_->backAction());
  addAction(history_->forwardAction());
}

void HeatmapView::contextMenuEvent(QContextMenuEvent* event) {
  if (!source()) return;
  QMenu menu(this);
  if (const auto cell = cellAt(event->pos()); cell && !locked_) {
    placeCursor(cell->y(), cell->x(), Told::Everyone);
  }
  menu.addActions(ownerActions_);
  if (!ownerActions_.isEmpty()) menu.addSeparator();
  menu.addActions({actions_.fit, actions_.oneToOne, actions_.boxZoom});
  menu.addActions({history_->backAction(), history_->forwardAction()});
  menu.addSeparator();
  menu.addActions({actions_.lock, actions_.copyValue, actions_.copyCell});
  menu.addSeparator();
  menu.addActions({actions_.copyImage, actions_.copyValues});
  menu.exec(event->globalPos());
}

void HeatmapView::fit() {
  person(allCells(), false);
}

void HeatmapView::oneToOne() {
  const QPointF middle = overlay_->cursor
                             ? QPointF(overlay_->cursor->column + 0.5, overlay_->cursor->row + 0.5)
                             : visibleCells().center();
  const QSizeF size = QSizeF(rect_->size()) * bufferDevicePixelRatio();
  person(QRectF(middle - QPointF(size.width(), size.height()) / 2, size), false);
}

void HeatmapView::zoomBy(double factor) {
  const QRectF cells = visibleCells();
  QPointF about = cells.center();
  if (overlay_->cursor) {
    const QPointF cell(overlay_->cursor->column + 0.5, overlay_->cursor->row + 0.5);
    if (cells.contains(cell)) about = cell;
  }
  person(QRectF(about - (about - cells.topLeft()) / factor, cells.size() / factor), true);
}

void HeatmapView::setBoxZoom(bool on) {
  boxZoom_ = on;
  actions_.boxZoom->setChecked(on);
  on ? QCustomPlot::setCursor(Qt::CrossCursor) : unsetCursor();
}

QPointF HeatmapView::cellsAt(const QPointF& position) const {
  return {columnAxis()->pixelToCoord(position.x()), rowAxis()->pixelToCoord(position.y())};
}

std::optional<QPoint> HeatmapView::cellAt(const QPointF& position) const {
  if (!source() || !QRectF(rect_->rect()).contains(position)) return std::nullopt;
  const QPointF at = cellsAt(position);
  const QPoint cell(static_cast<int>(std::floor(at.x())), static_cast<int>(std::floor(at.y())));
  const bool inside = QRect(0, 0, source()->columns(), source()->rows()).contains(cell);
  return inside ? std::optional(cell) : std::nullopt;
}

std::optional<CellInfo> HeatmapView::infoAt(const QPointF& position) const {
  const auto cell = cellAt(position);
  return cell ? std::optional(source()->cell(cell->y(), cell->x())) : std::nullopt;
}

void HeatmapView::mousePressEvent(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  if (event->button() != Qt::LeftButton || !cellAt(event->position())) return;
  const bool box = boxZoom_ || event->modifiers().testFlag(Qt::ShiftModifier);
  drag_ = box ? Drag::Box : dragTells_ ? Drag::Tell : Drag::Pan;
  dragStart_ = event->position();
  dragCells_ = visibleCells();
  dragged_ = false;
}

void HeatmapView::mouseMoveEvent(QMouseEvent* event) {
  const QPointF moved = event->position() - dragStart_;
  if (drag_ != Drag::None && !dragged_) dragged_ = moved.manhattanLength() >= kSlop;
  if (drag_ == Drag::Box && dragged_) {
    overlay_->band = QRectF(dragStart_, event->position()).normalized() & QRectF(rect_->rect());
    update();
  } else if (drag_ == Drag::Pan && dragged_) {
    const QPointF cells(moved.x() * dragCells_.width() / rect_->width(),
                        moved.y() * dragCells_.height() / rect_->height());
    applyRegion(dragCells_.translated(-cells), Told::Everyone);
  } else if (drag_ == Drag::Tell && dragged_) {
    const auto from = infoAt(dragStart_);
    const auto to = infoAt(event->position());
    if (from && to) emit cellDragged(*from, *to);
  } else if (drag_ == Drag::None && !locked_) {
    if (const auto cell = cellAt(event->position()))
      placeCursor(cell->y(), cell->x(), Told::Everyone);
  }
}

void HeatmapView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || drag_ == Drag::None) return;
  const Drag drag = drag_;
  drag_ = Drag::None;
  if (!dragged_) {
    const auto cell = cellAt(event->position());
    if (!cell) return;
    if (!locked_) placeCursor(cell->y(), cell->x(), Told::Everyone);
    emit cellActivated(source()->cell(cell->y(), cell->x()));
  } else if (drag == Drag::Pan) {
    history_->push(visibleCells());
  } else if (drag == Drag::Tell) {
    const auto from = infoAt(dragStart_);
    const auto to = infoAt(event->position());
    if (from && to) emit cellDropped(*from, *to);
    emit dragEnded();
  } else {
    const QRectF band = overlay_->band;
    overlay_->band = QRectF();
    setBoxZoom(false);
    if (band.width() >= kSlop && band.height() >= kSlop) {
      person(QRectF(cellsAt(band.topLeft()), cellsAt(band.bottomRight())), false);
    }
    update();
  }
}

void HeatmapView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && source()) fit();
}

void HeatmapView::wheelEvent(QWheelEvent* event) {
  event->accept();
  if (!source() || !QRectF(rect_->rect()).contains(event->position())) return;
  // Alt turns the wheel sideways on some platforms.
  const int delta =
      event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
  if (delta == 0) return;
  const double factor = std::pow(kNotch, delta / 120.0);
  double fx = event->modifiers().testFlag(Qt::AltModifier) ? 1 : factor;
  double fy = event->modifiers().testFlag(Qt::ControlModifier) ? 1 : factor;
  const QSizeF cover = heatmap_->cellsPerPixel();
  const double stretch = cover.height() / cover.width();
  if (fx == fy && factor > 1) {
    if (stretch > 1) fy *= std::min(stretch, kSquaring);
    if (stretch < 1) fx *= std::min(1 / stretch, kSquaring);
  }
  const QPointF at = cellsAt(event->position());
  const QRectF cells = visibleCells();
  person(QRectF(at.x() - (at.x() - cells.x()) / fx, at.y() - (at.y() - cells.y()) / fy,
                cells.width() / fx, cells.height() / fy),
         true);
}

void HeatmapView::leaveEvent(QEvent* event) {
  QCustomPlot::leaveEvent(event);
  emit cursorLeft();
}

void HeatmapView::moveCursor(int down, int right) {
  const auto& at = overlay_->cursor;
  const QPoint start = at ? QPoint(at->column, at->row) : visibleCells().center().toPoint();
  // The first single step only shows where the cursor is.
  const bool moves = at || std::abs(down) + std::abs(right) > 1;
  const int row = std::clamp(start.y() + (moves ? down : 0), 0, source()->rows() - 1);
  const int column = std::clamp(start.x() + (moves ? right : 0), 0, source()->columns() - 1);
  reveal(row, column);
  placeCursor(row, column, Told::Everyone);
}

void HeatmapView::keyPressEvent(QKeyEvent* event) {
  if (!source()) return QCustomPlot::keyPressEvent(event);
  const bool far = event->modifiers().testFlag(Qt::ControlModifier);
  const int rows = far ? std::max(8, source()->tileRows()) : 1;
  const int columns = far ? std::max(8, source()->groupColumns()) : 1;
  const int page = std::max(1, static_cast<int>(visibleCells().height() * 0.9));
  const int most = std::max(source()->rows(), source()->columns());
  switch (event->key()) {
    case Qt::Key_Up:
      return moveCursor(-rows, 0);
    case Qt::Key_Down:
      return moveCursor(rows, 0);
    case Qt::Key_Left:
      return moveCursor(0, -columns);
    case Qt::Key_Right:
      return moveCursor(0, columns);
    case Qt::Key_PageUp:
      return moveCursor(-page, 0);
    case Qt::Key_PageDown:
      return moveCursor(page, 0);
    case Qt::Key_Home:
      return moveCursor(-most, -most);
    case Qt::Key_End:
      return moveCursor(most, most);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (overlay_->cursor) emit cellActivated(*overlay_->cursor);
      return;
    case Qt::Key_Escape:
      return escape();
    default:
      QCustomPlot::keyPressEvent(event);
  }
}

void HeatmapView::escape() {
  if (drag_ == Drag::Tell && dragged_) {
    drag_ = Drag::None;
    emit dragEnded();
  } else if (boxZoom_ || drag_ == Drag::Box) {
    drag_ = Drag::None;
    overlay_->band = QRectF();
    setBoxZoom(false);
    update();
  } else if (locked_) {
    lockReadout(false);
  } else if (overlay_->cursor) {
    clearCursor();
    emit cursorLeft();
  } else if (visibleCells() != allCells()) {
    fit();
  }
}

void HeatmapView::resizeEvent(QResizeEvent* event) {
  Q_UNUSED(event)
  setViewport(rect());
  updateLayout();  // the title tells how many cells a pixel has now
  updateTitle();
  update();
}

void HeatmapView::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (title_ == nullptr || overlay_ == nullptr || colors_ == nullptr) return;
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyTheme();
}

bool HeatmapView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const QPointF position = static_cast<QHelpEvent*>(event)->pos();
    if (title_->text() != shownTitle_ && QRectF(title_->outerRect()).contains(position)) {
      QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), shownTitle_, this);
      return true;
    }
    for (const auto* strips : {&rowStrips_, &columnStrips_}) {
      for (const auto* strip : *strips) {
        if (!QRectF(strip->outerRect()).contains(position)) continue;
        const double at = strips == &rowStrips_ ? position.y() : position.x();
        const QString value = QString::number(strip->valueAtPixel(at), 'g', 4);
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                           strip->data().tooltip + QStringLiteral("\n") + value, this);
        return true;
      }
    }
  }
  return QCustomPlot::event(event);
}

}  // namespace gyro::desktop

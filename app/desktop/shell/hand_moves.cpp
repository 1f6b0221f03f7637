#include "app/desktop/shell/hand_moves.hpp"

#include <QWidget>
#include <cmath>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/pane.hpp"

namespace gyro::desktop {
namespace {

HandMove moveOf(HandMove::Kind kind, const CellInfo& from, const CellInfo& to) {
  if (kind == HandMove::Kind::Rows) return {kind, -1, from.originalRow, to.originalRow};
  return {kind, from.tile, from.originalColumn, to.originalColumn};
}

/// A drag to another tile is about rows, within a tile about vectors.
HandMove dragOf(const CellInfo& from, const CellInfo& to) {
  return moveOf(from.tile == to.tile ? HandMove::Kind::Vectors : HandMove::Kind::Rows, from, to);
}

/// "0.41830 → 0.41842 (▲ +0.00012)"
QString gainText(double before, double after) {
  const double gain = after - before;
  const QString size = fractionText(std::abs(gain));
  const QString sign = gain > 0   ? QStringLiteral("▲ +%1")
                       : gain < 0 ? QStringLiteral("▼ −%1")
                                  : QStringLiteral("= %1");
  return QStringLiteral("%1 → %2 (%3)")
      .arg(fractionText(before), fractionText(after), sign.arg(size));
}

}  // namespace

HandMoves::HandMoves(Session* session, QWidget* scope)
    : QObject(scope),
      session_(session),
      scope_(scope),
      row_(add(tr("Pick the &row"), tr("Pick the row under the cursor, then the one to swap with"),
               Qt::Key_R)),
      vector_(add(tr("Pick the &vector"),
                  tr("Pick the column vector under the cursor, then the one to swap with"),
                  Qt::Key_V)),
      forget_(add(tr("&Forget what is picked"), tr("Swap nothing"), Qt::Key_Backspace)),
      drag_(add(tr("Move by &dragging"), tr("Drag rows and vectors onto each other to swap them"),
                Qt::Key_M)) {
  drag_->setCheckable(true);
  connect(row_, &QAction::triggered, this, [this] { pick(HandMove::Kind::Rows); });
  connect(vector_, &QAction::triggered, this, [this] { pick(HandMove::Kind::Vectors); });
  connect(forget_, &QAction::triggered, this, &HandMoves::forget);
  connect(drag_, &QAction::toggled, this, &HandMoves::setDragging);
  connect(session, &Session::layerChanged, this, &HandMoves::forget);
  refreshActions();
}

QAction* HandMoves::add(const QString& text, const QString& tip, const QKeySequence& key) {
  auto* const action = new QAction(text, this);
  action->setShortcut(key);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  action->setStatusTip(tip);
  action->setToolTip(QStringLiteral("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText)));
  scope_->addAction(action);
  return action;
}

void HandMoves::attach(HeatmapPane* pane) {
  panes_.removeAll(nullptr);
  panes_.append(pane);
  HeatmapView* const view = pane->view();
  view->setOwnerActions(actions());
  view->setDragTells(drag_->isChecked());
  connect(view, &HeatmapView::cursorMoved, this, [this, pane](const CellInfo& cell) {
    if (picked_) preview(pane, picked_->cell, cell);
  });
  connect(view, &HeatmapView::cellDragged, this,
          [this, pane](const CellInfo& from, const CellInfo& to) {
            if (pane->movable() == nullptr) return;
            const HandMove wanted = dragOf(from, to);
            const bool rows = wanted.kind == HandMove::Kind::Rows;
            pane->setPicked(rows ? from.originalRow : -1, from.tile,
                            rows ? -1 : from.originalColumn);
            preview(pane, from, to);
          });
  connect(view, &HeatmapView::cellDropped, this,
          [this, pane](const CellInfo& from, const CellInfo& to) { move(pane, dragOf(from, to)); });
  connect(view, &HeatmapView::dragEnded, this, &HandMoves::forget);
}

void HandMoves::setDragging(bool on) {
  for (const auto& pane : panes_) {
    if (pane) pane->view()->setDragTells(on);
  }
  emit told(on ? tr("Drag to another tile to swap rows, within a tile to swap vectors")
               : QString());
}

void HandMoves::pick(HandMove::Kind kind) {
  if (!active_ || active_->movable() == nullptr) {
    return emit told(tr("This pane shows nothing that can be moved by hand"));
  }
  const auto cell = active_->view()->cursor();
  if (!cell || cell->tile < 0) return emit told(tr("Put the cursor on a cell first"));
  if (picked_ && picked_->kind == kind) {
    const HandMove wanted = moveOf(kind, picked_->cell, *cell);
    const bool elsewhere = kind == HandMove::Kind::Vectors && cell->tile != picked_->cell.tile;
    forget();
    if (wanted.a == wanted.b) return;
    if (elsewhere) return emit told(tr("Vectors change places within one tile only"));
    return move(active_, wanted);
  }
  picked_ = {kind, *cell};
  const bool rows = kind == HandMove::Kind::Rows;
  for (const auto& pane : panes_) {
    if (pane) {
      pane->setPicked(rows ? cell->originalRow : -1, cell->tile, rows ? -1 : cell->originalColumn);
    }
  }
  refreshActions();
  emit told(
      rows ? tr("Row %1 is picked: go to a row of another tile and press R").arg(cell->originalRow)
           : tr("Column %1 of tile %2 is picked: go to another of the tile and press V")
                 .arg(cell->originalColumn)
                 .arg(cell->tile));
}

void HandMoves::forget() {
  picked_.reset();
  previewed_.reset();
  for (const auto& pane : panes_) {
    if (pane) pane->setPicked(-1, -1, -1);
  }
  refreshActions();
}

void HandMoves::refreshActions() {
  const bool rows = picked_ && picked_->kind == HandMove::Kind::Rows;
  const bool vectors = picked_ && picked_->kind == HandMove::Kind::Vectors;
  row_->setText(rows ? tr("Swap with the picked &row") : tr("Pick the &row"));
  vector_->setText(vectors ? tr("Swap with the picked &vector") : tr("Pick the &vector"));
  forget_->setEnabled(picked_.has_value());
}

void HandMoves::preview(HeatmapPane* pane, const CellInfo& from, const CellInfo& to) {
  const RunResult* const base = pane->movable();
  if (base == nullptr || from.tile < 0 || to.tile < 0) return;
  const HandMove wanted = picked_ ? moveOf(picked_->kind, from, to) : dragOf(from, to);
  if (wanted == previewed_) return;
  previewed_ = wanted;
  const auto after = retained_after(*base, wanted);
  emit told(after ? tr("%1: %2").arg(toText(sentence(wanted)),
                                     gainText(base->search.retained_saliency, *after))
                  : toText(after.error().text()));
}

void HandMoves::move(HeatmapPane* pane, const HandMove& move) {
  const RunResult* const base = pane->movable();
  if (base == nullptr) return;
  const double before = base->search.retained_saliency;
  const auto after = session_->moveByHand(*base, pane->movableRun(), move);
  if (!after) return emit told(toText(after.error().text()));
  // The pane goes on with what it began.
  pane->show(pane->kind(), pane->order(), HeatmapPane::kCurrentRun);
  emit told(tr("%1: %2").arg(toText(sentence(move)), gainText(before, *after)));
}

}  // namespace gyro::desktop

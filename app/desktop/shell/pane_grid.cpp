#include "app/desktop/shell/pane_grid.hpp"

#include <QEvent>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/shell/hand_moves.hpp"

namespace gyro::desktop {
namespace {

constexpr PaneKind kFirstKinds[PaneGrid::kMostPanes] = {PaneKind::Weight, PaneKind::Mask,
                                                        PaneKind::LostSaliency, PaneKind::TileFlow};

}  // namespace

PaneGrid::PaneGrid(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      hand_(new HandMoves(session, this)),
      link_(new HeatmapLink(this)),
      rows_(new QSplitter(Qt::Vertical)),
      upper_(new QSplitter(Qt::Horizontal)),
      lower_(new QSplitter(Qt::Horizontal)) {
  link_->setColorLinked(false);
  for (auto* splitter : {rows_, upper_, lower_}) {
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(4);
  }
  rows_->addWidget(upper_);
  rows_->addWidget(lower_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(rows_);
  setCount(2);
}

HeatmapPane* PaneGrid::addPane() {
  auto* const pane = new HeatmapPane(session_);
  pane->show(kFirstKinds[panes_.size()], HeatmapOrder::Original);
  panes_.append(pane);
  HeatmapView* const view = pane->view();
  view->installEventFilter(this);
  connect(pane, &HeatmapPane::closeWanted, this, [this, pane] { removePane(pane); });
  connect(pane, &HeatmapPane::focused, this, [this, pane] { activate(pane); });
  connect(pane, &HeatmapPane::contentChanged, this, [this, pane] { relink(pane); });
  connect(view, &HeatmapView::cursorMoved, this, &PaneGrid::cursorMoved);
  connect(view, &HeatmapView::cursorLeft, this, &PaneGrid::cursorLeft);
  connect(view, &HeatmapView::cellActivated, this, &PaneGrid::cellActivated);
  connect(view, &HeatmapView::failed, this, &PaneGrid::failed);
  hand_->attach(pane);
  relink(pane);
  return pane;
}

void PaneGrid::removePane(HeatmapPane* pane) {
  if (panes_.size() == 1 || !panes_.removeOne(pane)) return;
  link_->remove(pane->view());
  if (active_ == pane) active_ = nullptr;
  pane->hide();
  pane->deleteLater();
  arrange();
}

void PaneGrid::setCount(int count) {
  count = std::clamp(count, 1, kMostPanes);
  while (panes_.size() < count) addPane();
  while (panes_.size() > count) removePane(panes_.last());
  arrange();
}

void PaneGrid::arrange() {
  const auto count = panes_.size();
  const qsizetype above = count <= 2 ? count : (count + 1) / 2;
  for (qsizetype i = 0; i < count; ++i) {
    (i < above ? upper_ : lower_)->addWidget(panes_[i]);
    panes_[i]->setCloseVisible(count > 1);
  }
  lower_->setVisible(count > above);
  const int share = std::max(1, width() / static_cast<int>(above));
  upper_->setSizes(QList<int>(above, share));
  if (count > above) lower_->setSizes(QList<int>(count - above, share));
  if (active_ == nullptr) activate(panes_.first());
  emit countChanged(static_cast<int>(count));
}

void PaneGrid::relink(HeatmapPane* pane) {
  if (pane->showsLayer() && pane->order() != HeatmapOrder::Packed) {
    const auto views = link_->views();
    if (std::find(views.begin(), views.end(), pane->view()) == views.end()) {
      link_->add(pane->view());
    }
  } else {
    link_->remove(pane->view());
  }
}

void PaneGrid::setLinked(bool linked) {
  link_->setRegionLinked(linked);
  link_->setCursorLinked(linked);
}

void PaneGrid::showStep(const Permutation& state, const std::vector<int>& rows) {
  for (auto* pane : panes_) pane->setMarked(rows);
  const RunPtr run = session_->currentRun();
  const ProblemPtr problem = run && !session_->live() ? run->result.problem : session_->problem();
  const bool followed = std::any_of(panes_.begin(), panes_.end(),
                                    [](HeatmapPane* pane) { return pane->followsStep(); });
  if (!followed || !problem || state.output_order.empty()) return;
  session_->jobs()->start<Result<RunResult>>(
      "step", tr("Mask of the step"),
      [problem, state](Progress&) { return judge(problem, {}, state); },
      [this](Result<RunResult> result) {
        if (!result) return;
        const auto shown = std::make_shared<const RunResult>(*std::move(result));
        for (auto* pane : panes_) pane->setStep(shown);
      });
}

void PaneGrid::activate(HeatmapPane* pane) {
  if (active_ == pane) return;
  if (active_ != nullptr) active_->setActive(false);
  active_ = pane;
  active_->setActive(true);
  hand_->setPane(pane);
  emit activeChanged(pane);
}

bool PaneGrid::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::MouseButtonPress) {
    const auto pane = std::find_if(panes_.begin(), panes_.end(), [watched](HeatmapPane* candidate) {
      return candidate->view() == watched;
    });
    if (pane != panes_.end()) activate(*pane);
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace gyro::desktop

#include "app/desktop/stepper/stepper_panel.hpp"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/assignment_view.hpp"
#include "app/desktop/stepper/clustering_view.hpp"
#include "app/desktop/stepper/moment_loader.hpp"
#include "app/desktop/stepper/objective_curve.hpp"
#include "app/desktop/stepper/sampling_view.hpp"
#include "app/desktop/stepper/step_player.hpp"
#include "app/desktop/stepper/transport.hpp"

namespace gyro::desktop {
namespace {

constexpr double kWide = 2.2;  // width : height from which the four views stand in one row

QSplitter* makeSplitter(Qt::Orientation orientation) {
  auto* splitter = new QSplitter(orientation);
  splitter->setChildrenCollapsible(false);
  splitter->setHandleWidth(5);
  return splitter;
}

}  // namespace

StepperPanel::StepperPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      player_(new StepPlayer(this)),
      loader_(new MomentLoader(this)),
      transport_(new Transport(player_, this)),
      sampling_(new SamplingView),
      clustering_(new ClusteringView),
      assignment_(new AssignmentView),
      objective_(new QWidget),
      objective_heading_(new QLabel(tr("Objective"))),
      curve_(new ObjectiveCurve),
      sentence_(new QLabel),
      phase_(new QLabel),
      upper_(makeSplitter(Qt::Horizontal)),
      lower_(makeSplitter(Qt::Horizontal)),
      rows_(makeSplitter(Qt::Vertical)) {
  build();
  makeTools();
  connect(session_, &Session::currentRunChanged, this, &StepperPanel::sourceChanged);
  connect(session_, &Session::liveChanged, this, &StepperPanel::sourceChanged);
  connect(session_, &Session::problemChanged, this, &StepperPanel::sourceChanged);
  connect(session_, &Session::marksChanged, this, &StepperPanel::showMarks);
  connect(player_, &StepPlayer::traceChanged, this, &StepperPanel::traceChanged);
  connect(player_, &StepPlayer::moved, this, &StepperPanel::cursorMoved);
  connect(player_, &StepPlayer::grew, curve_, &ObjectiveCurve::refresh);
  connect(loader_, &MomentLoader::stateReady, this, &StepperPanel::showMoment);
  connect(loader_, &MomentLoader::detailReady, this, &StepperPanel::showDetail);
  connect(curve_, &ObjectiveCurve::positionClicked, player_, &StepPlayer::seek);
  sourceChanged();
}

StepperPanel::~StepperPanel() = default;

void StepperPanel::build() {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Stepper"));
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  sentence_->setAccessibleName(tr("What the step did"));
  sentence_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  phase_->setForegroundRole(QPalette::PlaceholderText);
  auto* line = new QHBoxLayout;
  line->setContentsMargins(6, 0, 6, 0);
  line->addWidget(sentence_, 1);
  line->addWidget(phase_);
  auto* curveLayout = new QVBoxLayout(objective_);
  curveLayout->setContentsMargins(2, 2, 2, 2);
  curveLayout->setSpacing(2);
  curveLayout->addWidget(objective_heading_);
  curveLayout->addWidget(curve_, 1);
  rows_->addWidget(upper_);
  rows_->addWidget(lower_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addWidget(transport_);
  layout->addLayout(line);
  layout->addWidget(rows_, 1);
  arrange();
}

QAction* StepperPanel::addTool(const QString& text, const QString& tip, const QKeySequence& key,
                               void (StepperPanel::*run)()) {
  auto* action = new QAction(text, this);
  action->setToolTip(key.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, key.toString()));
  action->setShortcut(key);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  addAction(action);
  tools_.append(action);
  if (run != nullptr) connect(action, &QAction::triggered, this, run);
  return action;
}

void StepperPanel::addButton(QAction* action) {
  auto* button = new QToolButton;
  button->setDefaultAction(action);
  button->setAutoRaise(true);
  transport_->addTool(button);
}

void StepperPanel::makeTools() {
  makeMarksMenu();
  loop_ = addTool(tr("Loop"), tr("Play the marked range, or between the bookmarks, in a circle"),
                  {}, nullptr);
  loop_->setCheckable(true);
  connect(loop_, &QAction::toggled, this, &StepperPanel::setLooping);
  addButton(loop_);
  fork_ = addTool(tr("Go on from here…"),
                  tr("Begin a second search at this step, with other parameters"),
                  QKeySequence(QStringLiteral("Ctrl+Shift+F")), &StepperPanel::fork);
  fork_->setIconText(tr("Fork…"));
  addButton(fork_);
  bounds_ = addTool(tr("Bounds"),
                    tr("Make room in the curve for the upper bounds on what the mask keeps"), {},
                    nullptr);
  bounds_->setCheckable(true);
  bounds_->setChecked(true);
  connect(bounds_, &QAction::toggled, curve_, &ObjectiveCurve::setBoundsShown);
  addButton(bounds_);
  all_views_ =
      addTool(tr("All views"), tr("All four views, or only that of the step's part"), {}, nullptr);
  all_views_->setCheckable(true);
  all_views_->setChecked(true);
  connect(all_views_, &QAction::toggled, this, &StepperPanel::showStages);
  addButton(all_views_);
}

void StepperPanel::makeMarksMenu() {
  bookmark_ = addTool(tr("Bookmark"), tr("Set or remove a bookmark here"), Qt::Key_B,
                      &StepperPanel::toggleBookmark);
  addTool(tr("Name the bookmark…"), tr("Name the bookmark here, or set one"), Qt::Key_F2,
          &StepperPanel::askForName);
  addTool(tr("Next bookmark"), tr("To the next bookmark"), QKeySequence(Qt::SHIFT | Qt::Key_B),
          &StepperPanel::nextBookmark);
  addTool(tr("Previous bookmark"), tr("To the previous bookmark"),
          QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_B), &StepperPanel::previousBookmark);
  addTool(tr("Play from here (A)"), tr("Begin the play range at this step"), Qt::Key_BracketLeft,
          &StepperPanel::setRangeFirst);
  addTool(tr("Play to here (B)"), tr("End the play range at this step"), Qt::Key_BracketRight,
          &StepperPanel::setRangeLast);
  addTool(tr("Forget the play range"), tr("Play the whole search again"), Qt::Key_Backslash,
          &StepperPanel::clearRange);
  auto* button = new QToolButton;
  button->setText(QStringLiteral("⚑"));
  button->setToolTip(tr("Bookmarks and play range"));
  button->setAccessibleName(button->toolTip());
  button->setPopupMode(QToolButton::InstantPopup);
  button->setAutoRaise(true);
  auto* menu = new QMenu(button);
  connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillMarksMenu(menu); });
  button->setMenu(menu);
  transport_->addTool(button);
}

void StepperPanel::fillMarksMenu(QMenu* menu) {
  menu->clear();
  menu->addActions(tools_.mid(0, 4));
  menu->addSeparator();
  for (const auto& mark : marks().bookmarks) {
    const QString name = mark.name.isEmpty() ? tr("step %1").arg(mark.position)
                                             : tr("%1, step %2").arg(mark.name).arg(mark.position);
    menu->addAction(name, this, [this, at = mark.position] { jumpTo(at); });
  }
  menu->addSeparator();
  menu->addActions(tools_.mid(4, 3));
}

QList<QAction*> StepperPanel::transportActions() const {
  const auto& actions = transport_->actions();
  return {actions.first, actions.back, actions.play, actions.forward, actions.last};
}

std::array<StageView*, 3> StepperPanel::stageViews() const {
  return {sampling_, clustering_, assignment_};
}

QString StepperPanel::sentence() const {
  return sentence_->text();
}

void StepperPanel::arrange() {
  const bool wide = width() > kWide * height();
  auto* second = wide ? upper_ : lower_;
  if (assignment_->parentWidget() == second && upper_->indexOf(sampling_) >= 0) return;
  upper_->addWidget(sampling_);
  upper_->addWidget(clustering_);
  second->addWidget(assignment_);
  second->addWidget(objective_);
  lower_->setVisible(!wide);
  for (auto* row : {upper_, lower_}) {
    for (int i = 0; i < row->count(); ++i) row->setStretchFactor(i, 1);
  }
  upper_->setSizes(wide ? QList<int>{270, 270, 250, 330} : QList<int>{100, 100});
  lower_->setSizes({100, 100});
}

void StepperPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

QString StepperPanel::emptyReason() const {
  if (session_->live()) return tr("The search has not begun its first step yet.");
  if (!session_->problem() && !session_->currentRun()) {
    return tr("Open a checkpoint, choose a layer and run a strategy: its steps are replayed here.");
  }
  const RunPtr run = session_->currentRun();
  if (!run) return tr("Run a strategy on this layer: its steps are replayed here.");
  if (!run->result.trace || run->result.trace->steps.empty()) {
    return tr("“%1” has no steps to replay: run gyro, for one, to see a search.").arg(run->name);
  }
  return {};
}

void StepperPanel::sourceChanged() {
  const auto live = session_->live();
  if (live != nullptr && live == live_) return;
  const bool stays = live_ != nullptr && !player_->following();
  const Cursor here = player_->cursor();
  live_ = live;
  if (live) {
    live_marks_ = {};
    if (!session_->problem()) return;
    context_ = {session_->problem(), nullptr, nullptr, nullptr};
    return player_->setLive(live, [this] { return loader_->traceIdle(); });
  }
  const RunPtr run = session_->currentRun();
  const auto trace = run ? run->result.trace : nullptr;
  if (trace != nullptr && trace == shown_trace_) return;
  context_ = {run ? run->result.problem : nullptr, nullptr, nullptr, nullptr};
  player_->setTrace(trace != nullptr && !trace->steps.empty() ? trace : nullptr);
  if (stays) player_->resumeAt(here);
  // What was marked while the search ran belongs to the run that it became.
  if (run && trace && !live_marks_.empty()) {
    setMarks(std::exchange(live_marks_, {}), tr("mark steps of %1").arg(run->name));
  }
}

void StepperPanel::traceChanged() {
  shown_trace_ = player_->trace();
  loop_->setChecked(false);
  context_.moment = nullptr;
  context_.detail = nullptr;
  context_.strategy = nullptr;
  std::vector<ObjectiveCurve::Bound> bounds;
  if (shown_trace_) {
    const auto strategy = find_strategy(shown_trace_->strategy);
    if (strategy) context_.strategy = &(*strategy)->info();
    bounds = {{tr("row bound"), context_.problem->row_bound},
              {tr("unstructured bound"), context_.problem->unstructured_bound}};
  }
  loader_->setTrace(shown_trace_, context_.problem);
  const QString empty = emptyReason();
  curve_->setEmptyText(tr("The objective of every step is drawn here."));
  curve_->setTrace(shown_trace_, context_.strategy, std::move(bounds));
  showMarks();
  if (!shown_trace_) return clearViews(empty);
  cursorMoved();
}

void StepperPanel::clearViews(const QString& why) {
  sampling_->setMessage(tr("The rows or vectors that a step draws are marked here."));
  clustering_->setMessage(tr("The clusters of what a step drew are shown here."));
  assignment_->setMessage(tr("The cost matrix of a step's assignment is shown here."));
  for (auto* view : stageViews()) view->setCurrent(false);
  sentence_->setText(why);
  phase_->clear();
}

void StepperPanel::cursorMoved() {
  const Cursor cursor = player_->cursor();
  curve_->setPosition(static_cast<double>(cursor.position) +
                      (cursor.stage == Stage::Outcome ? 0 : 0.25 * (1 + int(cursor.stage))));
  loader_->request(cursor);
}

void StepperPanel::showMoment(const MomentPtr& moment) {
  context_.moment = moment;
  const auto step = moment->cursor.step();
  if (context_.detail && (!step || context_.detail->step != *step)) context_.detail = nullptr;
  if (moment->error) return clearViews(toText(moment->error->text()));
  showSentence();
  showStages();
  emit stateShown(moment->state, context_.detail ? sampling_->markedRows() : QList<int>{});
}

void StepperPanel::showDetail(const MomentDetailPtr& detail) {
  if (!context_.moment || context_.moment->cursor.step() != detail->step) return;
  context_.detail = detail;
  learnStages();
  showStages();
  if (!sampling_->markedRows().isEmpty()) {
    emit stateShown(context_.moment->state, sampling_->markedRows());
  }
}

void StepperPanel::learnStages() {
  std::vector<Stage> known{Stage::Outcome};
  const StepDetail& detail = context_.detail->detail;
  if (!detail.sampled.empty()) known.push_back(Stage::Sampling);
  if (!detail.cluster_of.empty()) known.push_back(Stage::Clustering);
  if (detail.cost.size() > 0) known.push_back(Stage::Assignment);
  player_->setStages(context_.detail->step, known);
}

void StepperPanel::showStages() {
  if (!context_.moment || context_.moment->error) return;
  const Stage now = context_.moment->cursor.stage;
  for (auto* view : stageViews()) {
    view->setCurrent(now == view->stage());
    view->setVisible(all_views_->isChecked() || now == view->stage() ||
                     (now == Stage::Outcome && view->stage() == Stage::Sampling));
    if (!context_.moment->step) {
      view->setMessage(tr("This is the start: step forward to see the first sample."));
    } else if (view->stage() > now) {
      view->setMessage(tr("Not done yet: press . for the next part of the step."));
    } else {
      if (context_.detail && !view->message().isEmpty()) view->setMessage({});
      view->show(context_);
    }
  }
  if (!context_.moment->step) sampling_->showState(context_.problem, context_.moment->state);
  QFont font = objective_heading_->font();
  font.setBold(now == Stage::Outcome);
  objective_heading_->setFont(font);
  objective_heading_->setText((now == Stage::Outcome ? QStringLiteral("▸ ") : QString()) +
                              tr("Objective"));
}

void StepperPanel::showSentence() {
  const Moment& moment = *context_.moment;
  const PhaseInfo* phase = context_.phase();
  phase_->setText(phase != nullptr ? toText(phase->name) : QString());
  phase_->setToolTip(phase != nullptr ? toText(phase->doc) : QString());
  if (!moment.step || context_.strategy == nullptr) {
    return sentence_->setText(tr("The state before the first step."));
  }
  const auto step = *moment.cursor.step();
  const QString told =
      moment.cursor.stage == Stage::Outcome
          ? toText(gyro::sentence(*context_.strategy, context_.problem->shape, *moment.step))
          : tr("%1: what follows is not judged yet").arg(nameOf(moment.cursor.stage).toLower());
  sentence_->setText(tr("Step %1: %2").arg(step + 1).arg(told));
  sentence_->setToolTip(sentence_->text());
}

}  // namespace gyro::desktop

#include <QAction>
#include <QInputDialog>
#include <algorithm>
#include <utility>

#include "app/desktop/stepper/objective_curve.hpp"
#include "app/desktop/stepper/step_player.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"

/// Bookmarks, the play range and the fork of a stepper.
namespace gyro::desktop {
namespace {

auto markAt(QList<Bookmark>& marks, int position) {
  return std::find_if(marks.begin(), marks.end(),
                      [position](const Bookmark& mark) { return mark.position == position; });
}

bool before(const Bookmark& a, const Bookmark& b) {
  return a.position < b.position;
}

/// The range to play around a position: what was marked, else up to the bookmarks on both sides.
std::pair<int, int> rangeAround(const StepMarks& marks, int here, int size) {
  if (marks.range_first >= 0 || marks.range_last >= 0) {
    return {std::max(0, marks.range_first), marks.range_last < 0 ? size : marks.range_last};
  }
  const auto& all = marks.bookmarks;
  const auto after = std::upper_bound(all.begin(), all.end(), Bookmark{here, {}}, before);
  return {after == all.begin() ? 0 : std::prev(after)->position,
          after == all.end() ? size : after->position};
}

}  // namespace

int StepperPanel::here() const {
  return static_cast<int>(player_->cursor().position);
}

StepMarks StepperPanel::marks() const {
  if (player_->isLive()) return live_marks_;
  const RunPtr run = session_->currentRun();
  return run && player_->trace() ? session_->marks(run->id) : StepMarks{};
}

void StepperPanel::setMarks(const StepMarks& marks, const QString& text) {
  if (player_->isLive()) {
    live_marks_ = marks;
    return showMarks();
  }
  if (const RunPtr run = session_->currentRun()) session_->setMarks(run->id, marks, text);
}

void StepperPanel::showMarks() {
  const StepMarks now = marks();
  curve_->setBookmarks(now.bookmarks);
  fork_->setEnabled(player_->trace() != nullptr && !player_->isLive());
  for (auto* action : tools_.mid(0, 7)) action->setEnabled(player_->trace() != nullptr);
  setLooping(loop_->isChecked());
}

void StepperPanel::jumpTo(int position) {
  player_->seek(static_cast<std::size_t>(position));
}

void StepperPanel::toggleBookmark() {
  if (!player_->trace()) return;
  StepMarks now = marks();
  const auto found = markAt(now.bookmarks, here());
  const bool removes = found != now.bookmarks.end();
  if (removes) {
    now.bookmarks.erase(found);
  } else {
    now.bookmarks.append(Bookmark{here(), {}});
    std::sort(now.bookmarks.begin(), now.bookmarks.end(), before);
  }
  setMarks(now,
           (removes ? tr("remove the bookmark at step %1") : tr("bookmark step %1")).arg(here()));
}

void StepperPanel::nameBookmark(const QString& name) {
  if (!player_->trace()) return;
  StepMarks now = marks();
  auto found = markAt(now.bookmarks, here());
  if (found == now.bookmarks.end()) found = now.bookmarks.insert(found, Bookmark{here(), {}});
  found->name = name;
  std::sort(now.bookmarks.begin(), now.bookmarks.end(), before);
  setMarks(now, tr("name the bookmark at step %1").arg(here()));
}

void StepperPanel::askForName() {
  if (!player_->trace()) return;
  StepMarks now = marks();
  const auto found = markAt(now.bookmarks, here());
  auto* const dialog = new QInputDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Name the bookmark"));
  dialog->setLabelText(tr("Bookmark at step %1").arg(here()));
  dialog->setTextValue(found == now.bookmarks.end() ? QString() : found->name);
  connect(dialog, &QInputDialog::textValueSelected, this, &StepperPanel::nameBookmark);
  dialog->open();
}

void StepperPanel::nextBookmark() {
  const auto all = marks().bookmarks;
  if (all.isEmpty()) return;
  const auto next = std::upper_bound(all.begin(), all.end(), Bookmark{here(), {}}, before);
  jumpTo(next == all.end() ? all.front().position : next->position);
}

void StepperPanel::previousBookmark() {
  const auto all = marks().bookmarks;
  if (all.isEmpty()) return;
  const auto next = std::lower_bound(all.begin(), all.end(), Bookmark{here(), {}}, before);
  jumpTo(next == all.begin() ? all.back().position : std::prev(next)->position);
}

void StepperPanel::setRangeFirst() {
  if (!player_->trace()) return;
  StepMarks now = marks();
  now.range_first = here();
  if (now.range_last <= here()) now.range_last = -1;
  setMarks(now, tr("play from step %1").arg(here()));
  loop_->setChecked(true);
}

void StepperPanel::setRangeLast() {
  if (!player_->trace()) return;
  StepMarks now = marks();
  now.range_last = here();
  if (now.range_first >= here()) now.range_first = -1;
  setMarks(now, tr("play to step %1").arg(here()));
  loop_->setChecked(true);
}

void StepperPanel::clearRange() {
  StepMarks now = marks();
  now.range_first = -1;
  now.range_last = -1;
  setMarks(now, tr("forget the play range"));
  loop_->setChecked(false);
}

void StepperPanel::setLooping(bool on) {
  std::optional<std::pair<std::size_t, std::size_t>> range;
  if (on && player_->trace()) {
    const auto [first, last] = rangeAround(marks(), here(), static_cast<int>(player_->size()));
    if (first < last) range = {static_cast<std::size_t>(first), static_cast<std::size_t>(last)};
  }
  player_->setRange(range);
  curve_->setPlayRange(range);
}

/// The step that would come next says which phase and round the search was in.
void StepperPanel::fork() {
  const RunPtr run = session_->currentRun();
  const MomentPtr& moment = context_.moment;
  if (!run || !shown_trace_ || player_->isLive() || !moment || moment->error) return;
  const auto& steps = shown_trace_->steps;
  const std::size_t position = moment->cursor.position;
  auto start = std::make_shared<SearchStart>();
  start->permutation = moment->state;
  const SearchStep& next = steps[std::min(position, steps.size() - 1)];
  start->phase = next.phase;
  start->round = next.round;
  start->share = static_cast<double>(position) / static_cast<double>(steps.size());
  emit forkWanted(run->id, position, start);
}

}  // namespace gyro::desktop

#include "app/desktop/stepper/step_player.hpp"

#include <algorithm>
#include <utility>

namespace gyro::desktop {
namespace {

constexpr int kFrame = 33;  // ms: 30 frames a second

}  // namespace

StepPlayer::StepPlayer(QObject* parent) : QObject(parent) {
  timer_.setInterval(kFrame);
  connect(&timer_, &QTimer::timeout, this, &StepPlayer::tick);
}

void StepPlayer::setTrace(std::shared_ptr<const Trace> trace) {
  live_ = nullptr;
  growing_ = nullptr;
  trace_ = std::move(trace);
  pending_.reset();
  range_.reset();
  stages_.reset();
  running_ = false;
  timer_.stop();
  cursor_ = {size(), Stage::Outcome};
  emit traceChanged();
  emit playingChanged();
}

void StepPlayer::setLive(std::shared_ptr<LiveSearch> live, std::function<bool()> may_grow) {
  setTrace(nullptr);
  live_ = std::move(live);
  may_grow_ = std::move(may_grow);
  following_ = true;
  was_playing_ = playing();
  timer_.start();
  pollLive();
  emit playingChanged();
}

bool StepPlayer::playing() const {
  return live_ ? !live_->paused() : running_;
}

void StepPlayer::setRange(std::optional<std::pair<std::size_t, std::size_t>> range) {
  range_ = std::move(range);
}

void StepPlayer::setStages(std::size_t step, const std::vector<Stage>& stages) {
  stages_ = {step, stages};
}

bool StepPlayer::has(Stage stage, std::size_t step) const {
  if (stage == Stage::Outcome || !stages_ || stages_->first != step) return true;
  const auto& known = stages_->second;
  return std::find(known.begin(), known.end(), stage) != known.end();
}

void StepPlayer::move(Cursor cursor) {
  pending_.reset();
  if (cursor == cursor_) return;
  cursor_ = cursor;
  emit moved();
}

void StepPlayer::resumeAt(Cursor cursor) {
  if (const auto step = cursor.step(); step && *step < size()) move(cursor);
}

void StepPlayer::first() {
  following_ = false;
  move({0, Stage::Outcome});
}

void StepPlayer::last() {
  following_ = true;
  move({size(), Stage::Outcome});
}

void StepPlayer::seek(std::size_t position) {
  following_ = live_ && position >= size();
  move({std::min(position, size()), Stage::Outcome});
}

void StepPlayer::back() {
  following_ = false;
  if (cursor_.stage != Stage::Outcome) return move({cursor_.position, Stage::Outcome});
  if (cursor_.position > 0) move({cursor_.position - 1, Stage::Outcome});
}

void StepPlayer::forward() {
  if (cursor_.position < size()) return move({cursor_.position + 1, Stage::Outcome});
  askForStep(Stage::Outcome);
}

void StepPlayer::nextStage() {
  if (cursor_.stage == Stage::Outcome) {
    if (cursor_.position >= size()) return askForStep(Stage::Sampling);
    following_ = false;
    return move({cursor_.position, Stage::Sampling});
  }
  int stage = static_cast<int>(cursor_.stage) + 1;
  while (!has(static_cast<Stage>(stage), cursor_.position)) ++stage;
  if (stage == static_cast<int>(Stage::Outcome)) {
    return move({cursor_.position + 1, Stage::Outcome});
  }
  move({cursor_.position, static_cast<Stage>(stage)});
}

void StepPlayer::previousStage() {
  following_ = false;
  const auto step = cursor_.step();
  if (!step) return;
  int stage = static_cast<int>(cursor_.stage) - 1;
  while (stage >= 0 && !has(static_cast<Stage>(stage), *step)) --stage;
  move({*step, stage < 0 ? Stage::Outcome : static_cast<Stage>(stage)});
}

void StepPlayer::setStage(Stage stage) {
  const auto step = cursor_.step();
  if (!step) {
    if (stage != Stage::Outcome) nextStage();
    return;
  }
  following_ = following_ && stage == Stage::Outcome;
  move({stage == Stage::Outcome ? *step + 1 : *step, stage});
}

void StepPlayer::toLandmark(Landmark landmark, int direction) {
  if (!trace_) return;
  const auto found = find_landmark(*trace_, cursor_.position, direction, landmark);
  if (!found) return;
  following_ = false;
  move({*found, Stage::Outcome});
}

void StepPlayer::setSpeed(double steps_per_second) {
  speed_ = steps_per_second;
}

void StepPlayer::togglePlay() {
  if (playing()) return pause();
  if (live_) {
    following_ = true;
    live_->resume();
  } else if (size() > 0) {
    const std::size_t end = range_ ? range_->second : size();
    if (cursor_.position >= end) seek(range_ ? range_->first : 0);
    running_ = true;
    owed_ = 0;
    timer_.start();
  }
  was_playing_ = playing();
  emit playingChanged();
}

void StepPlayer::pause() {
  if (live_) {
    live_->pause();
  } else {
    running_ = false;
    timer_.stop();
  }
  was_playing_ = playing();
  emit playingChanged();
}

void StepPlayer::askForStep(Stage stage) {
  if (!live_ || pending_) return;
  pending_ = stage;
  if (live_->paused()) live_->advance(1);
}

void StepPlayer::tick() {
  if (live_) return pollLive();
  owed_ += speed_ * kFrame / 1000;
  const auto steps = static_cast<std::size_t>(owed_);
  owed_ -= static_cast<double>(steps);
  if (steps == 0) return;
  const std::size_t end = range_ ? std::min(range_->second, size()) : size();
  const std::size_t to = cursor_.position + steps;
  if (to < end) return move({to, Stage::Outcome});
  if (range_ && cursor_.position >= end) return move({range_->first, Stage::Outcome});
  move({end, Stage::Outcome});
  if (!range_) pause();
}

void StepPlayer::pollLive() {
  if (was_playing_ != playing()) {
    was_playing_ = playing();
    emit playingChanged();
  }
  if (!may_grow_()) return;
  if (!growing_) {
    auto known = std::make_shared<Trace>();
    if (!live_->update(*known)) return;
    growing_ = known;
    trace_ = known;
    cursor_ = {0, Stage::Outcome};
    emit traceChanged();
  } else if (!live_->update(*growing_)) {
    return;
  }
  emit grew();
  if (pending_ && cursor_.position < size()) {
    const Stage stage = *pending_;
    following_ = stage == Stage::Outcome;
    move(stage == Stage::Outcome ? Cursor{cursor_.position + 1, stage}
                                 : Cursor{cursor_.position, stage});
  } else if (following_) {
    move({size(), Stage::Outcome});
  }
}

}  // namespace gyro::desktop

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/parallel.hpp"
#include "core/trace/trace.hpp"

namespace gyro {
namespace {

constexpr std::size_t kMostKeyframes = 64;
constexpr std::size_t kLeastSpacing = 64;

bool in_range(std::int32_t value, std::int32_t count) {
  return value >= 0 && value < count;
}

bool fits(const Change& change, const HinmShape& shape) {
  if (change.tile < 0) {
    return in_range(change.position, shape.rows) && in_range(change.channel, shape.rows);
  }
  return change.tile < shape.tiles() && in_range(change.position, shape.kept) &&
         in_range(change.channel, shape.cols);
}

void apply(const Change& change, const HinmShape& shape, Permutation& state) {
  const auto place = static_cast<std::size_t>(change.position);
  if (change.tile < 0) {
    state.output_order[place] = change.channel;
  } else {
    state.tile_vectors(shape, change.tile)[place] = change.channel;
  }
}

}  // namespace

Result<Replay> Replay::open(const Trace& trace, MatrixView saliency) {
  GYRO_TRY(const Strategy* const strategy, find_strategy(trace.strategy));
  if (saliency.rows() != trace.shape.rows || saliency.cols() != trace.shape.cols) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the trace is of a {}×{} layer, the saliency is {}×{}",
                            trace.shape.rows, trace.shape.cols, saliency.rows(), saliency.cols()),
                {}, "Open the layer that the search was recorded on.");
  }
  GYRO_CHECK(validate(trace.start, trace.shape));
  Replay replay(trace, saliency, *strategy);
  GYRO_CHECK(replay.build_keyframes());
  replay.current_ = replay.keyframes_.front();
  replay.show();
  return replay;
}

Status Replay::check_step(std::size_t index) const {
  const SearchStep& step = trace_->steps[index];
  const auto phases = static_cast<std::int32_t>(strategy_->info().phases.size());
  const bool good = in_range(step.phase, phases) && step.tile >= -1 &&
                    step.tile < trace_->shape.tiles() &&
                    std::all_of(step.changes.begin(), step.changes.end(),
                                [&](const Change& change) { return fits(change, trace_->shape); });
  if (good && step.snapshot) return validate(*step.snapshot, trace_->shape);
  if (good) return {};
  return fail(ErrorCode::Malformed, fmt::format("step {} does not fit the trace", index), "trace",
              "The file was changed or belongs to another version; record the search again.");
}

bool Replay::follows_rows(std::size_t step) const {
  const auto phase = static_cast<std::size_t>(trace_->steps[step].phase);
  return strategy_->info().phases[phase].vectors_follow_rows;
}

/// A keyframe now and then, and one wherever vectors begin to be moved on their own, so that a seek
/// never has to fill in vectors on its way.
Status Replay::build_keyframes() {
  const std::size_t spacing = std::max(kLeastSpacing, size() / kMostKeyframes);
  Frame frame{0, trace_->start, false};
  keyframes_.push_back(frame);
  while (frame.position < size()) {
    GYRO_CHECK(check_step(frame.position));
    if (frame.stale && !follows_rows(frame.position)) {
      fill(frame.state);
      frame.stale = false;
      keyframes_.push_back(frame);
    }
    advance(frame);
    if (frame.position % spacing == 0 || frame.position == size()) {
      GYRO_CHECK(validate(frame.state, trace_->shape));
      keyframes_.push_back(frame);
    }
  }
  return {};
}

const Replay::Frame& Replay::keyframe_before(std::size_t position) const {
  const auto after =
      std::upper_bound(keyframes_.begin(), keyframes_.end(), position,
                       [](std::size_t p, const Frame& frame) { return p < frame.position; });
  return *std::prev(after);
}

void Replay::advance(Frame& frame) const {
  const SearchStep& step = trace_->steps[frame.position];
  frame.stale = follows_rows(frame.position) && !step.snapshot;
  if (step.snapshot) {
    frame.state = *step.snapshot;
  } else if (step.accepted) {
    for (const auto& change : step.changes) apply(change, trace_->shape, frame.state);
  }
  ++frame.position;
}

void Replay::fill(Permutation& state) const {
  state = with_default_vectors(saliency_, trace_->shape, std::move(state.output_order),
                               trace_->options.threads);
}

Permutation Replay::state_at(std::size_t position) const {
  Frame frame = keyframe_before(position);
  while (frame.position < position) advance(frame);
  if (frame.stale) fill(frame.state);
  return std::move(frame.state);
}

const Permutation& Replay::seek(std::size_t position) {
  position = std::min(position, size());
  const Frame& keyframe = keyframe_before(position);
  if (position < current_.position || keyframe.position > current_.position) current_ = keyframe;
  while (current_.position < position) advance(current_);
  show();
  return shown_;
}

/// Fills in only the tiles whose rows are not those last shown.
void Replay::show() {
  if (!current_.stale) {
    shown_ = current_.state;
    shown_filled_ = false;
    return;
  }
  const auto& shape = trace_->shape;
  const Permutation last = std::exchange(shown_, current_.state);
  parallel_for(shape.tiles(), trace_->options.threads, [&](int tile) {
    const auto rows = std::as_const(shown_).tile_rows(shape, tile);
    const auto out = shown_.tile_vectors(shape, tile);
    if (shown_filled_ && std::ranges::equal(rows, last.tile_rows(shape, tile))) {
      std::ranges::copy(last.tile_vectors(shape, tile), out.begin());
    } else {
      std::ranges::copy(default_vectors(saliency_, shape, rows), out.begin());
    }
  });
  shown_filled_ = true;
}

Result<StepDetail> Replay::detail(std::size_t step) {
  if (step >= size()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("the trace has no step {}", step), {},
                fmt::format("It has {} steps.", size()));
  }
  if (trace_->device != "cpu") return StepDetail{};
  return strategy_->explain({saliency_, trace_->shape}, trace_->options, state_at(step),
                            trace_->steps[step]);
}

}  // namespace gyro

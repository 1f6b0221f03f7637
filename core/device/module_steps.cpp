#include "core/device/module_steps.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

/// A snapshot takes a number a place, a change three and a header.
constexpr std::size_t kChangesWorthSnapshot = 4;

void add_changes(std::span<const std::int32_t> from, std::span<const std::int32_t> to,
                 std::int32_t tile, std::vector<Change>& out) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (from[i] != to[i]) out.push_back({tile, static_cast<std::int32_t>(i), to[i]});
  }
}

}  // namespace

void StepBridge::on_step(void* self, const gyro_step* step) noexcept {
  auto& bridge = *static_cast<StepBridge*>(self);
  if (!bridge.heard_ || step == nullptr) return;
  try {
    bridge.heard_ = bridge.hear(*step);
  } catch (...) {
    bridge.heard_ =
        fail(ErrorCode::TooLarge, "a step of the search could not be kept", {}, advice::kMemory);
  }
  if (!bridge.heard_) bridge.progress_.stop();
}

Status StepBridge::finish(const Permutation& found) {
  if (last_ || !heard_) return heard_;
  try {
    last_ = found;
    observer_.started(*last_);
  } catch (...) {
    heard_ =
        fail(ErrorCode::TooLarge, "the start of the search could not be kept", {}, advice::kMemory);
  }
  return heard_;
}

Status StepBridge::heard() const {
  return heard_;
}

bool StepBridge::start(const gyro_step& step, std::optional<Permutation>& state) {
  if (last_) return true;
  const bool told = step.phase == -1 && state;
  last_ = told ? *std::move(state) : identity_permutation(problem_.saliency, shape_);
  observer_.started(*last_);
  return !told;
}

Status StepBridge::check(const gyro_step& step) const {
  const auto phases = static_cast<std::int32_t>(strategy_.phases.size());
  if (step.phase >= 0 && step.phase < phases && step.tile >= -1 && step.tile < shape_.tiles()) {
    return {};
  }
  return fail(ErrorCode::Internal,
              fmt::format("it told a step of phase {}, tile {}, which the search does not have",
                          step.phase, step.tile),
              {}, advice::kUntrusted);
}

Status StepBridge::hear(const gyro_step& step) {
  std::optional<Permutation> state;
  if (step.state != nullptr) {
    GYRO_TRY(state, state_of(*step.state));
  }
  if (!start(step, state)) return {};
  GYRO_CHECK(check(step));
  SearchStep out;
  out.phase = step.phase;
  out.tile = step.tile;
  out.round = step.round;
  out.sample = step.sample;
  out.accepted = step.accepted != 0;
  out.moved = step.moved;
  out.before = step.before;
  out.after = step.after;
  const bool follow = strategy_.phases[static_cast<std::size_t>(step.phase)].vectors_follow_rows;
  if (state) {
    tell(out, follow, *std::move(state));
  } else if (follow) {
    vectors_known_ = false;
  }
  observer_.stepped(out);
  return {};
}

Result<Permutation> StepBridge::state_of(const gyro_orders& orders) const {
  if (orders.output_order == nullptr || orders.vector_index == nullptr) {
    return fail(ErrorCode::Internal, "it told a step with half a state", {}, advice::kUntrusted);
  }
  const auto vectors = std::ptrdiff_t{shape_.tiles()} * shape_.kept;
  Permutation out{{orders.output_order, orders.output_order + shape_.rows},
                  {orders.vector_index, orders.vector_index + vectors}};
  if (const auto valid = validate(out, shape_); !valid) {
    return fail(ErrorCode::Internal, "it told a state that is none: " + valid.error().what, {},
                advice::kUntrusted);
  }
  return out;
}

void StepBridge::tell(SearchStep& step, bool follow, Permutation state) {
  if (!follow && !vectors_known_) {
    last_ = with_default_vectors(problem_.saliency, shape_, std::move(last_->output_order));
  }
  step.changes = changes_to(state, !follow);
  const std::size_t places = state.output_order.size() + state.vector_index.size();
  const bool hidden = !step.accepted && !step.changes.empty();
  if (hidden || step.changes.size() * kChangesWorthSnapshot > places) snapshots_ = true;
  if (snapshots_ && !step.changes.empty()) {
    step.changes.clear();
    step.snapshot = std::make_shared<const Permutation>(state);
  }
  vectors_known_ = !follow || step.snapshot != nullptr;
  last_ = std::move(state);
}

std::vector<Change> StepBridge::changes_to(const Permutation& state, bool vectors) const {
  std::vector<Change> out;
  add_changes(last_->output_order, state.output_order, -1, out);
  for (int tile = 0; vectors && tile < shape_.tiles(); ++tile) {
    add_changes(last_->tile_vectors(shape_, tile), state.tile_vectors(shape_, tile), tile, out);
  }
  return out;
}

}  // namespace gyro

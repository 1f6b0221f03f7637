#include "core/io/trace_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

std::size_t vectors_in(const HinmShape& shape) {
  return static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept);
}

void append_snapshot(TraceColumns& columns, std::size_t step, const Permutation& state,
                     const HinmShape& shape) {
  columns.snapshot_step.push_back(static_cast<std::int64_t>(step));
  columns.snapshot_order.insert(columns.snapshot_order.end(), state.output_order.begin(),
                                state.output_order.end());
  if (state.vector_index.empty()) {
    columns.snapshot_vectors.resize(columns.snapshot_vectors.size() + vectors_in(shape), -1);
  } else {
    columns.snapshot_vectors.insert(columns.snapshot_vectors.end(), state.vector_index.begin(),
                                    state.vector_index.end());
  }
}

void append_step(TraceColumns& columns, const SearchStep& step) {
  columns.phase.push_back(step.phase);
  columns.tile.push_back(step.tile);
  columns.round.push_back(step.round);
  columns.sample.push_back(step.sample);
  columns.stream.push_back(step.stream);
  columns.accepted.push_back(step.accepted ? 1 : 0);
  columns.moved.push_back(step.moved);
  columns.before.push_back(step.before);
  columns.after.push_back(step.after);
  columns.changes.push_back(static_cast<std::int32_t>(step.changes.size()));
  for (const auto& change : step.changes) {
    columns.change_tile.push_back(change.tile);
    columns.change_position.push_back(change.position);
    columns.change_channel.push_back(change.channel);
  }
}

bool fits(const Change& change, const HinmShape& shape) {
  const bool of_rows = change.tile == -1;
  return change.tile >= -1 && change.tile < shape.tiles() && change.position >= 0 &&
         change.position < (of_rows ? shape.rows : shape.kept) && change.channel >= 0 &&
         change.channel < (of_rows ? shape.rows : shape.cols);
}

/// A step without its changes and snapshot.
SearchStep step_at(const TraceColumns& columns, std::size_t i) {
  SearchStep step;
  step.phase = columns.phase[i];
  step.tile = columns.tile[i];
  step.round = columns.round[i];
  step.sample = columns.sample[i];
  step.stream = columns.stream[i];
  step.accepted = columns.accepted[i] != 0;
  step.moved = columns.moved[i];
  step.before = columns.before[i];
  step.after = columns.after[i];
  return step;
}

std::shared_ptr<const Permutation> snapshot_at(const TraceColumns& columns, std::size_t number,
                                               const HinmShape& shape) {
  const auto part = [&](const std::vector<std::int32_t>& all, std::size_t length) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(number * length);
    return std::vector<std::int32_t>(from, from + static_cast<std::ptrdiff_t>(length));
  };
  auto state = std::make_shared<Permutation>();
  state->output_order = part(columns.snapshot_order, static_cast<std::size_t>(shape.rows));
  state->vector_index = part(columns.snapshot_vectors, vectors_in(shape));
  const auto& vectors = state->vector_index;
  if (std::all_of(vectors.begin(), vectors.end(), [](auto column) { return column == -1; })) {
    state->vector_index.clear();
  }
  return state;
}

Status check_columns(const TraceColumns& columns) {
  std::int64_t changes = 0;
  for (const auto count : columns.changes) {
    if (count < 0)
      return fail(ErrorCode::Malformed, "a step has a negative number of changes", {},
                  advice::kRecordAgain);
    changes += count;
  }
  if (changes != static_cast<std::int64_t>(columns.change_tile.size())) {
    return fail(
        ErrorCode::Malformed,
        fmt::format("the steps have {} changes, the file {}", changes, columns.change_tile.size()),
        {}, advice::kRecordAgain);
  }
  const auto& at = columns.snapshot_step;
  const bool ascending =
      std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end();
  if (!ascending || (!at.empty() && (at.front() < 0 || at.back() >= static_cast<std::int64_t>(
                                                                        columns.phase.size())))) {
    return fail(ErrorCode::Malformed, "the snapshots' steps are not ascending steps of the trace",
                {}, advice::kRecordAgain);
  }
  return {};
}

tl::unexpected<Error> at_step(Error error, std::size_t step) {
  error.what = fmt::format("step {} {}", step, error.what);
  return fail(std::move(error));
}

}  // namespace

Status check_state(const Permutation& state, const HinmShape& shape) {
  if (!state.vector_index.empty()) return validate(state, shape);
  // Nothing is allocated for a number of rows that the file only claims.
  if (state.output_order.size() != static_cast<std::size_t>(shape.rows)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the output order has {} rows instead of {}", state.output_order.size(),
                            shape.rows),
                {}, advice::kRecordAgain);
  }
  auto sorted = state.output_order;
  std::sort(sorted.begin(), sorted.end());
  if (sorted == identity_order(shape.rows)) return {};
  return fail(ErrorCode::Mismatch, "the output order is no permutation of the rows", {},
              advice::kRecordAgain);
}

Status check_step(const SearchStep& step, const HinmShape& shape) {
  if (step.phase < 0 || step.round < 0 || step.sample < 0 || step.moved < 0 || step.tile < -1 ||
      step.tile >= shape.tiles()) {
    return fail(ErrorCode::Malformed, "has a phase, tile or count out of range", {},
                advice::kRecordAgain);
  }
  if (!std::isfinite(step.before) || !std::isfinite(step.after)) {
    return fail(ErrorCode::Malformed, "has an objective that is not finite", {},
                advice::kRecordAgain);
  }
  if (!std::all_of(step.changes.begin(), step.changes.end(),
                   [&](const Change& change) { return fits(change, shape); })) {
    return fail(ErrorCode::Malformed, "has a change outside the layer", {}, advice::kRecordAgain);
  }
  return step.snapshot ? check_state(*step.snapshot, shape) : Status();
}

Result<TraceColumns> columns_of(const Trace& trace) {
  TraceColumns columns;
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const auto valid = check_step(trace.steps[i], trace.shape);
    if (!valid) return at_step(valid.error(), i);
    append_step(columns, trace.steps[i]);
    if (trace.steps[i].snapshot) {
      append_snapshot(columns, i, *trace.steps[i].snapshot, trace.shape);
    }
  }
  return columns;
}

Status add_steps(Trace& trace, const TraceColumns& columns) {
  GYRO_CHECK(check_columns(columns));
  std::size_t change = 0;
  std::size_t snapshot = 0;
  trace.steps.reserve(columns.phase.size());
  for (std::size_t i = 0; i < columns.phase.size(); ++i) {
    SearchStep step = step_at(columns, i);
    for (std::int32_t left = columns.changes[i]; left > 0; --left, ++change) {
      step.changes.push_back({columns.change_tile[change], columns.change_position[change],
                              columns.change_channel[change]});
    }
    if (snapshot < columns.snapshot_step.size() &&
        columns.snapshot_step[snapshot] == static_cast<std::int64_t>(i)) {
      step.snapshot = snapshot_at(columns, snapshot++, trace.shape);
    }
    const auto valid = check_step(step, trace.shape);
    if (!valid) return at_step(valid.error(), i);
    trace.steps.push_back(std::move(step));
  }
  return {};
}

}  // namespace gyro

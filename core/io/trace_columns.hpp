#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "core/trace/trace.hpp"

namespace gyro {

/// A trace's steps as columns, the way a file stores them; see trace_file.hpp.
struct TraceColumns {
  std::vector<std::int32_t> phase, tile, round, sample, moved, changes;
  std::vector<std::uint64_t> stream;
  std::vector<std::uint8_t> accepted;
  std::vector<double> before, after;
  std::vector<std::int32_t> change_tile, change_position, change_channel;
  std::vector<std::int64_t> snapshot_step;
  std::vector<std::int32_t> snapshot_order, snapshot_vectors;
};

/// Fails with Internal where a step does not fit the trace's shape.
[[nodiscard]] Result<TraceColumns> columns_of(const Trace& trace);

/// Fills in trace.steps. The columns of one kind must be of equal length; counts, ranges and orders
/// are checked against trace.shape.
[[nodiscard]] Status add_steps(Trace& trace, const TraceColumns& columns);

/// Fails unless it is an output order and, unless there are none, vectors of the shape.
[[nodiscard]] Status check_state(const Permutation& state, const HinmShape& shape);

/// Fails unless a step's changes, snapshot and figures can be of a search on that shape.
[[nodiscard]] Status check_step(const SearchStep& step, const HinmShape& shape);

}  // namespace gyro

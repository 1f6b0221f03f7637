#pragma once

#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/trace/trace.hpp"

namespace gyro {

/// The root attribute that says that a file is a trace, and in which format.
inline constexpr const char* kTraceMark = "gyroscope_trace";

/// Writes a trace as HDF5, as a whole or not at all (replace_file()), and reads it back to compare.
///
/// Root attributes: gyroscope_trace = 1, strategy, device ("cpu" where it is missing), shape, V, N,
/// M, kept, steps, and `options`, a JSON object of seed, parameters, threads, budget_seconds,
/// max_steps. Sets, all gzip, left out where they would be empty:
///   start/output_order [m], start/vector_index [tiles × kept]
///   steps/{phase, tile, round, sample, stream, accepted, moved, before, after} [steps]
///   steps/changes [steps]: how many rows of the next three sets belong to each step
///   changes/{tile, position, channel}
///   snapshots/step [s], snapshots/output_order [s, m], snapshots/vector_index [s, tiles·kept],
///   −1 throughout where a snapshot has no vectors
[[nodiscard]] Status write_trace(const std::string& path, const Trace& trace);

/// Reads what write_trace() wrote; a file changed by hand is checked for everything that would make
/// a replay leave its arrays. Whether it fits a saliency is Replay::open()'s to say.
[[nodiscard]] Result<Trace> read_trace(const std::string& path, Progress* progress = nullptr);

}  // namespace gyro

#pragma once

#include <optional>
#include <string>

#include "core/permutation/strategy.hpp"

namespace gyro::benchmark {

/// Who is timed: a strategy with its parameters, "gyro" or "gyroscope:window=128:…", or a peer,
/// "external" (see run_external()).
struct Entrant {
  std::string name;                    ///< as typed
  const Strategy* strategy = nullptr;  ///< null: the peer
  Parameters parameters;
};
[[nodiscard]] Result<Entrant> parse_entrant(const std::string& text);

/// One line of the table of results.
struct Score {
  std::string case_name;
  std::string entrant;
  double budget = 0;  ///< seconds; 0: until it ends by itself
  std::uint64_t seed = 1;
  int threads = 0;
  double identity = 0;  ///< what no permutation keeps
  double retained = 0;  ///< the best of the runs
  double seconds = 0;   ///< of all runs together
  int runs = 0;
  std::int64_t steps = 0;     ///< of all runs
  double first_retained = 0;  ///< of the first run alone,
  double first_seconds = 0;   ///< and how long it took
  std::string stopped_by;     ///< the last run; "refused" with retained = 0 when it cannot
};

/// Runs an entrant for `budget` seconds. If it ends early it starts again with another seed until
/// the time is spent (not if seeds change nothing); the best counts. Seeds of two calls with
/// different `seed` never meet.
[[nodiscard]] Score race(const Entrant& entrant, const SearchProblem& problem, double budget,
                         std::uint64_t seed, int threads);

/// A peer's command, timed by the clock on the wall. It is run by the shell with these variables:
/// GYRO_SALIENCY (file of float32, rows × cols), GYRO_ROWS, GYRO_COLS, GYRO_VECTOR_SIZE, GYRO_N,
/// GYRO_M, GYRO_KEPT, GYRO_SEED, GYRO_BUDGET, GYRO_THREADS, and GYRO_OUTPUT, where it has to leave
/// int32: the output order (rows numbers) and, if it has one, the vector index (tiles × kept).
[[nodiscard]] Result<Score> run_external(const std::string& command, const SearchProblem& problem,
                                         double budget, std::uint64_t seed, int threads);

}  // namespace gyro::benchmark

#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "tests/benchmarks/search/race.hpp"

namespace gyro::benchmark {

/// The table of results, a CSV file. Written line by line, so that a run that was cut off can go
/// on: its last, cut line is passed over.
[[nodiscard]] std::string csv_header();
[[nodiscard]] std::string csv_line(const Score& score);
/// A file that is not there is an empty table.
[[nodiscard]] Result<std::vector<Score>> read_scores(const std::string& path);

/// Whether a table has a line for the same case, entrant, budget, seed and threads.
[[nodiscard]] bool has_line(const std::vector<Score>& scores, const Score& like);

struct Spread {
  double mean = 0;
  double deviation = 0;  ///< of the sample; 0 for one value
  int count = 0;
};
[[nodiscard]] Spread spread_of(const std::vector<double>& values);

/// Mean ± deviation of every entrant on every case, budget by budget, the paired difference from
/// `reference` over the seeds both have, and a last line that names what is above it, if anything.
[[nodiscard]] std::string summary(const std::vector<Score>& scores, const std::string& reference);

/// The same as a table of a help page: `reference` and the best of the others, 1 s and 5 s.
[[nodiscard]] std::string suite_rows(const std::vector<Score>& scores,
                                     const std::string& reference);

/// The rows of README's table of searches.
[[nodiscard]] std::string readme_rows(const std::vector<Score>& scores);

}  // namespace gyro::benchmark

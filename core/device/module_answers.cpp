#include "core/device/module_answers.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "core/base/advice.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

/// Sums in float may exceed what they are a part of by this much.
constexpr double kRounding = 1e-3;

}  // namespace

Status check_kept(const SearchProblem& problem, const Permutation& permutation,
                  const KeptSaliency& kept) {
  GYRO_CHECK(check_feasible(kept.mask, problem.shape, permutation));
  const Metrics metrics = measure(problem.saliency, problem.shape, permutation, kept.mask);
  for (std::size_t row = 0; row < kept.rows.size(); ++row) {
    const LossSplit& counted = metrics.rows[row];
    if (std::abs(kept.rows[row] - counted.retained) <= kRetainedTolerance * counted.total) continue;
    return fail(ErrorCode::Mismatch,
                fmt::format("it says that row {} keeps {:.9g}, but it keeps {:.9g}", row,
                            kept.rows[row], counted.retained),
                {}, advice::kUntrusted);
  }
  return {};
}

bool is_sound(const SquaredErrors& errors, bool part) {
  for (std::size_t row = 0; row < errors.all.size(); ++row) {
    const double lost = errors.lost[row];
    const double all = errors.all[row];
    if (!std::isfinite(lost) || !std::isfinite(all) || lost < 0 || all < 0) return false;
    if (part && lost > (1 + kRounding) * all) return false;
  }
  return true;
}

bool are_assignments(std::span<const std::int32_t> columns, int size) {
  std::vector<char> taken(static_cast<std::size_t>(size), 0);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i % taken.size() == 0) taken.assign(taken.size(), 0);
    const auto column = static_cast<std::size_t>(columns[i]);
    if (columns[i] < 0 || column >= taken.size() || taken[column] != 0) return false;
    taken[column] = 1;
  }
  return true;
}

}  // namespace gyro

#include "core/model/bounds.hpp"

#include <algorithm>

#include "core/sparsity/bounds_search.hpp"

namespace gyro {
namespace {

constexpr std::int64_t kPerMille = 1000;

/// Subgradient steps: 200 on a small layer, fewer where one step takes long.
int iterations_for(const HinmShape& shape) {
  constexpr double kWork = 4e8;
  return static_cast<int>(
      std::clamp(kWork / (static_cast<double>(shape.rows) * shape.cols), 10.0, 200.0));
}

}  // namespace

Result<Bounds> compute_bounds(const Problem& problem, const Permutation& permutation,
                              Progress& progress, int threads) {
  const MatrixView saliency = view_of(*problem.saliency);
  const auto cancelled = [&] { return progress.cancelled(); };
  progress.begin("bound over all orders", kPerMille);
  Bounds out;
  {
    const std::lock_guard lock(problem.overall->mutex);
    auto& known = problem.overall->bound;
    if (!known && !cancelled()) {
      const double bound = bound_overall(saliency, problem.shape, threads, [&](double share) {
        return progress.reach(static_cast<std::int64_t>(share * kPerMille));
      });
      if (!cancelled()) known = bound;
    }
    out.overall = known.value_or(problem.row_bound);
  }
  progress.begin("bound given the order", problem.shape.tiles());
  out.given_order = bound_given_order(saliency, problem.shape, permutation.output_order,
                                      iterations_for(problem.shape), threads,
                                      [&] { return !progress.advance(); });
  if (cancelled()) return fail(ErrorCode::Cancelled, "cancelled before the bounds were known");
  return out;
}

}  // namespace gyro

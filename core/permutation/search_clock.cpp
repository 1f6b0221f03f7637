#include "core/permutation/search_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/advice.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {

SearchClock::SearchClock(const SearchOptions& options, const Progress& progress)
    : options_(options), progress_(progress) {}

bool SearchClock::expired() {
  const StopReason known = reason();
  if (known == StopReason::Budget || known == StopReason::Cancelled) return true;
  if (progress_.cancelled()) {
    stop(StopReason::Cancelled);
    return true;
  }
  if (!options_.budget_seconds || seconds() < *options_.budget_seconds) return false;
  stop(StopReason::Budget);
  return true;
}

bool SearchClock::out_of_steps() {
  if (steps_left() > 0) return false;
  stop(StopReason::Steps);
  return true;
}

std::int64_t SearchClock::steps_left() const {
  if (!options_.max_steps) return std::numeric_limits<std::int64_t>::max();
  return std::max<std::int64_t>(0, *options_.max_steps - steps_);
}

void SearchClock::stop(StopReason reason) {
  StopReason none = StopReason::Finished;
  reason_.compare_exchange_strong(none, reason, std::memory_order_relaxed);
}

double SearchClock::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

double SearchClock::share_spent() const {
  if (!options_.budget_seconds) return 0;
  return *options_.budget_seconds > 0 ? std::min(1.0, seconds() / *options_.budget_seconds) : 1;
}

SearchResult SearchClock::finish(const SearchProblem& problem, Permutation permutation) const {
  SearchResult out;
  out.seconds = seconds();
  out.steps = steps_;
  out.stopped_by = reason();
  out.retained_saliency =
      retained_saliency(problem.saliency, problem.shape, permutation, options_.threads);
  out.permutation = std::move(permutation);
  return out;
}

Status check_problem(const SearchProblem& problem) {
  const auto& [saliency, shape] = problem;
  if (saliency.rows() != shape.rows || saliency.cols() != shape.cols) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the saliency is {}×{}, the shape {}×{}", saliency.rows(),
                            saliency.cols(), shape.rows, shape.cols),
                {}, advice::kDefect);
  }
  if (const auto bad = count_nonfinite(saliency); bad > 0) {
    return fail(ErrorCode::NonFinite, fmt::format("{} saliencies are NaN or infinite", bad), {},
                "Check the weights, and the calibration data if this saliency uses any.");
  }
  if (saliency.size() > 0 && saliency.minCoeff() < 0) {
    return fail(ErrorCode::InvalidArgument, "the saliency has negative entries", {},
                "Use a saliency that is zero where a weight is worth nothing.");
  }
  return {};
}

Status check_start(const StrategyInfo& info, const HinmShape& shape, const SearchOptions& options) {
  if (!options.start) return {};
  const SearchStart& start = *options.start;
  if (!info.takes_start) {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} makes its order anew and cannot go on from a given one", info.name),
                {}, "Choose gyro or gyroscope, for two that can.");
  }
  const auto phases = static_cast<std::int32_t>(info.phases.size());
  if (start.phase < 0 || start.phase >= phases || start.round < 0 || !(start.share >= 0) ||
      start.share > 1) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} has no phase {}, round {}, share {} to start in", info.name,
                            start.phase, start.round, start.share),
                {}, "Start from a step of a run of this strategy.");
  }
  return validate(start.permutation, shape);
}

}  // namespace gyro

#include "core/permutation/search_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "core/base/advice.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {

SearchClock::SearchClock(const SearchOptions& options, const Progress& progress)
    : options_(options), progress_(progress), held_before_(progress.held_seconds()) {}

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
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count() -
         (progress_.held_seconds() - held_before_);
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

namespace {

/// Whether every entry is finite and not negative, in one pass over the bits: as an integer, such a
/// float is neither negative (but for −0) nor above the largest finite one.
bool all_countable(const MatrixView& saliency) {
  constexpr auto kLargest = std::bit_cast<std::int32_t>(std::numeric_limits<float>::max());
  constexpr auto kMinusZero = std::numeric_limits<std::int32_t>::min();
  std::int32_t bad = 0;
  for (Eigen::Index i = 0; i < saliency.size(); ++i) {
    const auto bits = std::bit_cast<std::int32_t>(saliency.data()[i]);
    bad |= (bits > kLargest) | ((bits < 0) & (bits != kMinusZero)) ? 1 : 0;
  }
  return bad == 0;
}

}  // namespace

Status check_problem(const SearchProblem& problem) {
  const auto& [saliency, shape] = problem;
  if (saliency.rows() != shape.rows || saliency.cols() != shape.cols) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the saliency is {}×{}, the shape {}×{}", saliency.rows(),
                            saliency.cols(), shape.rows, shape.cols),
                {}, advice::kDefect);
  }
  if (all_countable(saliency)) return {};
  if (const auto bad = count_nonfinite(saliency); bad > 0) {
    return fail(ErrorCode::NonFinite, fmt::format("{} saliencies are NaN or infinite", bad), {},
                "Check the weights, and the calibration data if this saliency uses any.");
  }
  return fail(ErrorCode::InvalidArgument, "the saliency has negative entries", {},
              "Use a saliency that is zero where a weight is worth nothing.");
}

Status check_start(const StrategyInfo& info, const HinmShape& shape, const SearchOptions& options) {
  if (!options.start && info.keeps_start) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} needs a permutation", info.name), {},
                "Name a file that holds one, with --param path=FILE.");
  }
  if (!options.start) return {};
  const SearchStart& start = *options.start;
  if (!info.takes_start) {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} makes its order anew and cannot go on from a given one", info.name),
                {}, "Choose gyro or gyroscope, for two that can.");
  }
  const auto phases = std::max<std::int32_t>(1, static_cast<std::int32_t>(info.phases.size()));
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

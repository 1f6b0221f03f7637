#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "core/base/advice.hpp"
#include "core/device/module_answers.hpp"
#include "core/device/module_compute.hpp"
#include "core/device/module_steps.hpp"
#include "core/device/parameters_json.hpp"
#include "core/permutation/search_clock.hpp"
#include "core/permutation/windows.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

constexpr std::int32_t kLastReason = static_cast<std::int32_t>(StopReason::Cancelled);

/// What a module is asked for; `options` must outlive it.
gyro_search request_of(const std::string& strategy, const std::string& parameters,
                       const SearchOptions& options) {
  gyro_search out{};
  out.strategy = strategy.c_str();
  out.parameters = parameters.c_str();
  out.seed = options.seed;
  out.budget_seconds = options.budget_seconds.value_or(-1);
  out.max_steps = options.max_steps.value_or(-1);
  return out;
}

/// Places for a module to fill; what it leaves is no channel.
Permutation unfilled(const HinmShape& shape) {
  const auto places =
      static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept);
  return {std::vector<std::int32_t>(static_cast<std::size_t>(shape.rows), -1),
          std::vector<std::int32_t>(places, -1)};
}

/// The found search judged by the CPU. Fails with what cannot be.
Result<SearchResult> judged(const SearchProblem& problem, Permutation permutation,
                            const gyro_found& found, int threads) {
  const auto cannot_be = [](std::string what) {
    return fail(ErrorCode::Internal, std::move(what), {}, advice::kUntrusted);
  };
  if (const auto valid = validate(permutation, problem.shape); !valid) {
    return cannot_be("it found an invalid permutation: " + valid.error().what);
  }
  if (found.steps < 0 || found.stopped_by < 0 || found.stopped_by > kLastReason) {
    return cannot_be(
        fmt::format("it reports {} steps and the end {}", found.steps, found.stopped_by));
  }
  SearchResult out;
  out.retained_saliency = retained_saliency(problem.saliency, problem.shape, permutation, threads);
  if (!(std::abs(found.retained_saliency - out.retained_saliency) <= kRetainedTolerance)) {
    return cannot_be(fmt::format("it reports a retained saliency of {:.6f}, but it is {:.6f}",
                                 found.retained_saliency, out.retained_saliency));
  }
  out.permutation = std::move(permutation);
  out.steps = found.steps;
  out.stopped_by = static_cast<StopReason>(found.stopped_by);
  return out;
}

}  // namespace

Result<SearchResult> ModuleCompute::search(std::string_view strategy, const SearchProblem& problem,
                                           const SearchOptions& options, Progress& progress,
                                           SearchObserver* observer) {
  GYRO_TRY(const Strategy* const known, find_strategy(strategy));
  GYRO_CHECK(check_problem(problem));
  if (options.start) return fail(unsupported("search that goes on from a given state"));
  if (window_of(options, problem.shape) < problem.shape.kept) {
    return fail(unsupported("search that keeps groups inside windows"));
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::string parameters = json_of(options.parameters);
  gyro_search request = request_of(known->info().name, parameters, options);
  ProgressBridge bridge(progress);
  std::optional<StepBridge> steps;
  if (observer != nullptr) {
    steps.emplace(problem, known->info(), *observer, bridge);
    request.observer = &*steps;
    request.on_step = &StepBridge::on_step;
  }
  Permutation orders = unfilled(problem.shape);
  gyro_found found{};
  found.output_order = orders.output_order.data();
  found.vector_index = orders.vector_index.data();
  const gyro_shape shape = gyro::plain(problem.shape);
  const auto called = call("search", module_.table().search, bridge, gyro::plain(problem.saliency),
                           &shape, &request, &found);
  // What was wrong about the steps is the reason for a stop that follows it.
  if (steps && !steps->heard()) return fail(steps->heard().error().at(id()));
  if (!called) return fail(called.error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  auto result = judged(problem, std::move(orders), found, options.threads);
  if (!result) return fail(wrong(result.error().what));
  result->seconds = seconds.count();
  if (steps) {
    if (const auto heard = steps->finish(result->permutation); !heard) {
      return fail(heard.error().at(id()));
    }
  }
  return result;
}

}  // namespace gyro

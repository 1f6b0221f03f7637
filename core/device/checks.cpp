#include "core/device/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/advice.hpp"
#include "core/permutation/search_clock.hpp"

namespace gyro {

Status check_orders(const SearchProblem& problem, const Permutation& permutation) {
  GYRO_CHECK(check_problem(problem));
  return validate(permutation, problem.shape);
}

Status check_clusters(const SearchProblem& problem, std::span<const std::int32_t> remaining,
                      std::span<const std::int32_t> clusters) {
  GYRO_CHECK(check_problem(problem));
  const auto rows = static_cast<std::size_t>(problem.shape.rows);
  const auto tiles = static_cast<std::size_t>(problem.shape.tiles());
  if (remaining.size() + clusters.size() != rows || clusters.empty() ||
      clusters.size() % tiles != 0) {
    return fail(ErrorCode::Mismatch, "the remaining and the drawn rows are not those of the tiles",
                {}, advice::kDefect);
  }
  std::vector<std::int32_t> all(remaining.begin(), remaining.end());
  all.insert(all.end(), clusters.begin(), clusters.end());
  std::sort(all.begin(), all.end());
  if (all == identity_order(problem.shape.rows)) return {};
  return fail(ErrorCode::Mismatch, "the remaining and the drawn rows are not every row once", {},
              advice::kDefect);
}

Status check_places(const SearchProblem& problem, std::span<const std::int32_t> places) {
  const auto groups = static_cast<std::size_t>(problem.shape.tiles()) *
                      static_cast<std::size_t>(problem.shape.groups());
  const bool good = std::ranges::all_of(
      places, [&](std::int32_t place) { return place >= 0 && place < problem.shape.nm.m; });
  if (places.size() == groups && good) return {};
  return fail(ErrorCode::Mismatch, "there is not one place of every group to give away", {},
              advice::kDefect);
}

Status check_batch(int batch, int size, std::span<const double> costs) {
  if (batch < 1 || size < 1 ||
      costs.size() / static_cast<std::size_t>(size) / static_cast<std::size_t>(size) !=
          static_cast<std::size_t>(batch) ||
      costs.size() % (static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) != 0) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} costs are not {} matrices of {}×{}", costs.size(), batch, size, size), {},
        advice::kDefect);
  }
  if (std::ranges::all_of(costs, [](double cost) { return std::isfinite(cost); })) return {};
  return fail(ErrorCode::NonFinite, "there are NaN or infinite costs", {}, "Give finite costs.");
}

}  // namespace gyro

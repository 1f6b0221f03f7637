#include "core/model/hand_move.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gyro {
namespace {

Error useless(std::string what, std::string advice) {
  return {ErrorCode::InvalidArgument, std::move(what), {}, std::move(advice)};
}

bool in_range(std::int32_t value, int count) {
  return value >= 0 && value < count;
}

/// The tiles of a move, one or two.
Result<std::vector<int>> tiles_of(const Permutation& permutation, const HinmShape& shape,
                                  const HandMove& move) {
  if (move.kind == HandMove::Kind::Vectors) {
    if (in_range(move.tile, shape.tiles())) return std::vector<int>{move.tile};
    return fail(useless(fmt::format("there is no tile {}", move.tile), {}));
  }
  if (!in_range(move.a, shape.rows) || !in_range(move.b, shape.rows)) {
    return fail(useless(fmt::format("there are no rows {} and {}", move.a, move.b), {}));
  }
  const auto& order = permutation.output_order;
  const auto tile_of = [&](std::int32_t row) {
    return static_cast<int>(std::find(order.begin(), order.end(), row) - order.begin()) /
           shape.vector_size;
  };
  const int first = tile_of(move.a);
  const int second = tile_of(move.b);
  if (first != second) return std::vector<int>{first, second};
  return fail(useless(fmt::format("rows {} and {} share tile {}", move.a, move.b, first),
                      "Within a tile the order of rows changes nothing: choose one elsewhere."));
}

Status swap_vectors(Permutation& state, const HinmShape& shape, const HandMove& move) {
  if (!in_range(move.a, shape.cols) || !in_range(move.b, shape.cols)) {
    return fail(useless(fmt::format("there are no columns {} and {}", move.a, move.b), {}));
  }
  const auto vectors = state.tile_vectors(shape, move.tile);
  const auto a = std::find(vectors.begin(), vectors.end(), move.a);
  const auto b = std::find(vectors.begin(), vectors.end(), move.b);
  if (a == vectors.end() && b == vectors.end()) {
    return fail(
        useless(fmt::format("tile {} drops both columns {} and {}", move.tile, move.a, move.b),
                "One of them must be kept: choose a column of a group."));
  }
  if (a != vectors.end() && b != vectors.end()) {
    if ((a - vectors.begin()) / shape.nm.m == (b - vectors.begin()) / shape.nm.m) {
      return fail(
          useless(fmt::format("columns {} and {} share a group", move.a, move.b),
                  "Within a group the order of vectors changes nothing: choose one elsewhere."));
    }
    std::iter_swap(a, b);
  } else if (a != vectors.end()) {
    *a = move.b;
  } else {
    *b = move.a;
  }
  return {};
}

}  // namespace

std::string sentence(const HandMove& move) {
  if (move.kind == HandMove::Kind::Rows) {
    return fmt::format("swap rows {} and {}", move.a, move.b);
  }
  return fmt::format("swap columns {} and {} in tile {}", move.a, move.b, move.tile);
}

Result<Permutation> moved(const Permutation& permutation, const HinmShape& shape,
                          const HandMove& move) {
  GYRO_TRY(const auto tiles, tiles_of(permutation, shape, move));
  static_cast<void>(tiles);
  Permutation out = permutation;
  if (move.kind == HandMove::Kind::Vectors) {
    GYRO_CHECK(swap_vectors(out, shape, move));
  } else {
    auto& order = out.output_order;
    std::iter_swap(std::find(order.begin(), order.end(), move.a),
                   std::find(order.begin(), order.end(), move.b));
  }
  return out;
}

Result<RunResult> judge_move(const RunResult& before, const HandMove& move, int threads) {
  const Problem& problem = *before.problem;
  const HinmShape& shape = problem.shape;
  const MatrixView saliency = view_of(*problem.saliency);
  GYRO_TRY(const auto tiles, tiles_of(before.search.permutation, shape, move));
  RunResult out;
  out.problem = before.problem;
  out.request.strategy = kManual;
  GYRO_TRY(out.search.permutation, moved(before.search.permutation, shape, move));
  out.search.steps = 1 + (before.request.strategy == kManual ? before.search.steps : 0);
  auto mask = std::make_shared<Mask>(*before.mask);
  auto metrics = std::make_shared<Metrics>(*before.metrics);
  for (const int tile : tiles) {
    rebuild_tile(saliency, shape, out.search.permutation, tile, *mask);
  }
  remeasure(saliency, shape, out.search.permutation, *mask, tiles, *metrics);
  out.search.retained_saliency = metrics->layer.retained_fraction();
  out.weight_error = weight_error(view_of(*problem.layer.weight), *mask, threads);
  out.mask = std::move(mask);
  out.imported_mask = before.imported_mask;
  out.metrics = std::move(metrics);
  if (move.kind == HandMove::Kind::Vectors) out.bounds = before.bounds;
  return out;
}

Result<double> retained_after(const RunResult& before, const HandMove& move) {
  const HinmShape& shape = before.problem->shape;
  const MatrixView saliency = view_of(*before.problem->saliency);
  GYRO_TRY(const auto tiles, tiles_of(before.search.permutation, shape, move));
  GYRO_TRY(const Permutation after, moved(before.search.permutation, shape, move));
  Mask mask = *before.mask;
  Metrics metrics = *before.metrics;
  for (const int tile : tiles) rebuild_tile(saliency, shape, after, tile, mask);
  remeasure(saliency, shape, after, mask, tiles, metrics);
  return metrics.layer.retained_fraction();
}

}  // namespace gyro

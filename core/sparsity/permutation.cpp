#include "core/sparsity/permutation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/advice.hpp"
#include "core/base/parallel.hpp"

namespace gyro {
namespace {

/// Sorts runs of `length` by their first element, each run sorted within.
void sort_runs(std::span<std::int32_t> items, std::size_t length) {
  std::vector<std::vector<std::int32_t>> runs;
  for (std::size_t at = 0; at < items.size(); at += length) {
    runs.emplace_back(items.begin() + static_cast<std::ptrdiff_t>(at),
                      items.begin() + static_cast<std::ptrdiff_t>(at + length));
    std::sort(runs.back().begin(), runs.back().end());
  }
  std::sort(runs.begin(), runs.end());
  auto out = items.begin();
  for (const auto& run : runs) out = std::copy(run.begin(), run.end(), out);
}

}  // namespace

Status validate(const Permutation& permutation, const HinmShape& shape) {
  const auto& order = permutation.output_order;
  if (order.size() != static_cast<std::size_t>(shape.rows)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the output order has {} rows instead of {}", order.size(), shape.rows),
                {}, advice::kChanged);
  }
  const auto all = static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept);
  if (permutation.vector_index.size() != all) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the vector index has {} entries instead of {}",
                            permutation.vector_index.size(), all),
                {}, advice::kChanged);
  }
  std::vector<char> seen(static_cast<std::size_t>(shape.rows), 0);
  for (const auto row : order) {
    if (row < 0 || row >= shape.rows) {
      return fail(ErrorCode::Mismatch,
                  fmt::format("the output order names row {} of {}", row, shape.rows), {},
                  advice::kChanged);
    }
    if (seen[static_cast<std::size_t>(row)]++ != 0) {
      return fail(ErrorCode::Mismatch, fmt::format("the output order names row {} twice", row), {},
                  advice::kChanged);
    }
  }
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    seen.assign(static_cast<std::size_t>(shape.cols), 0);
    for (const auto column : permutation.tile_vectors(shape, tile)) {
      if (column < 0 || column >= shape.cols) {
        return fail(ErrorCode::Mismatch,
                    fmt::format("the vector index of tile {} names column {} of {}", tile, column,
                                shape.cols),
                    {}, advice::kChanged);
      }
      if (seen[static_cast<std::size_t>(column)]++ != 0) {
        return fail(ErrorCode::Mismatch,
                    fmt::format("the vector index of tile {} names column {} twice", tile, column),
                    {}, advice::kChanged);
      }
    }
  }
  return {};
}

std::vector<std::int32_t> identity_order(int rows) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<double> vector_scores(MatrixView saliency, std::span<const std::int32_t> tile_rows) {
  std::vector<std::int32_t> rows(tile_rows.begin(), tile_rows.end());
  std::sort(rows.begin(), rows.end());
  std::vector<double> scores(static_cast<std::size_t>(saliency.cols()), 0.0);
  Eigen::Map<Eigen::ArrayXd> sums(scores.data(), saliency.cols());
  const auto values = [&](std::size_t i) {
    return saliency.row(rows[i]).transpose().array().cast<double>();
  };
  std::size_t i = 0;
  for (; i + 4 <= rows.size(); i += 4) {  // the same additions, but fewer loads and stores
    sums = sums + values(i) + values(i + 1) + values(i + 2) + values(i + 3);
  }
  for (; i < rows.size(); ++i) sums += values(i);
  return scores;
}

std::vector<std::int32_t> default_vectors(MatrixView saliency, const HinmShape& shape,
                                          std::span<const std::int32_t> tile_rows) {
  return default_vectors(shape, vector_scores(saliency, tile_rows));
}

std::vector<std::int32_t> default_vectors(const HinmShape& shape, std::span<const double> sums) {
  auto columns = identity_order(shape.cols);
  const auto larger = [&](std::int32_t a, std::int32_t b) {
    const double left = sums[static_cast<std::size_t>(a)];
    const double right = sums[static_cast<std::size_t>(b)];
    return left != right ? left > right : a < b;
  };
  if (shape.kept < shape.cols) {
    std::nth_element(columns.begin(), columns.begin() + shape.kept, columns.end(), larger);
  }
  columns.resize(static_cast<std::size_t>(shape.kept));
  std::sort(columns.begin(), columns.end());
  return columns;
}

Permutation with_default_vectors(MatrixView saliency, const HinmShape& shape,
                                 std::vector<std::int32_t> output_order, int threads) {
  Permutation out;
  out.output_order = std::move(output_order);
  out.vector_index.resize(static_cast<std::size_t>(shape.tiles()) *
                          static_cast<std::size_t>(shape.kept));
  parallel_for(shape.tiles(), threads, [&](int tile) {
    const auto vectors =
        default_vectors(saliency, shape, std::as_const(out).tile_rows(shape, tile));
    std::copy(vectors.begin(), vectors.end(), out.tile_vectors(shape, tile).begin());
  });
  return out;
}

Permutation identity_permutation(MatrixView saliency, const HinmShape& shape, int threads) {
  return with_default_vectors(saliency, shape, identity_order(shape.rows), threads);
}

Permutation canonical(const Permutation& permutation, const HinmShape& shape) {
  struct Tile {
    std::vector<std::int32_t> rows;
    std::vector<std::int32_t> vectors;
  };
  std::vector<Tile> tiles;
  for (int t = 0; t < shape.tiles(); ++t) {
    const auto rows = permutation.tile_rows(shape, t);
    const auto vectors = permutation.tile_vectors(shape, t);
    Tile tile{{rows.begin(), rows.end()}, {vectors.begin(), vectors.end()}};
    std::sort(tile.rows.begin(), tile.rows.end());
    sort_runs(tile.vectors, static_cast<std::size_t>(shape.nm.m));
    tiles.push_back(std::move(tile));
  }
  std::sort(tiles.begin(), tiles.end(),
            [](const Tile& a, const Tile& b) { return a.rows.front() < b.rows.front(); });
  Permutation out;
  for (const auto& tile : tiles) {
    out.output_order.insert(out.output_order.end(), tile.rows.begin(), tile.rows.end());
    out.vector_index.insert(out.vector_index.end(), tile.vectors.begin(), tile.vectors.end());
  }
  return out;
}

}  // namespace gyro

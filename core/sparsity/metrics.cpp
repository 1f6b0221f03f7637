#include "core/sparsity/metrics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/base/parallel.hpp"
#include "core/sparsity/tile_rule.hpp"

namespace gyro {
namespace {

/// The value or zero. Adding zero changes no digit, and costs less than a branch that cannot be
/// foreseen.
double value_if(std::uint64_t bit, double value) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) & (0 - bit));
}

LossSplit split_row(const float* saliency, const Mask& mask, int row,
                    const std::vector<std::uint8_t>& column_kept) {
  const auto words = mask.words_of(row);
  LossSplit out;
  for (int c = 0; c < mask.cols(); ++c) {
    const double value = saliency[c];
    const std::uint64_t stays = words[static_cast<std::size_t>(c / 64)] >> (c % 64) & 1U;
    const std::uint64_t kept = column_kept[static_cast<std::size_t>(c)] | stays;
    out.total += value;
    out.retained += value_if(stays, value);
    out.lost_by_nm += value_if(kept ^ stays, value);
    out.lost_with_vectors += value_if(kept ^ 1U, value);
  }
  return out;
}

double sum_where(const float* row, std::span<const std::uint64_t> words) {
  double out = 0;
  for (std::size_t w = 0; w < words.size(); ++w) {
    for (std::uint64_t word = words[w]; word != 0; word &= word - 1) {
      out += row[w * 64 + static_cast<std::size_t>(std::countr_zero(word))];
    }
  }
  return out;
}

constexpr int kAtOnce = 4;

/// Totals of some rows at once: one sum after the other would wait for each addition.
void sum_rows_at_once(MatrixView saliency, std::span<const std::int32_t> rows,
                      std::vector<LossSplit>& out) {
  std::array<const float*, kAtOnce> from{};
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[i] = saliency.data() + std::int64_t{rows[std::min(i, rows.size() - 1)]} * saliency.cols();
  }
  std::array<double, kAtOnce> sums{};
  for (Eigen::Index c = 0; c < saliency.cols(); ++c) {
    for (std::size_t i = 0; i < from.size(); ++i) sums[i] += from[i][c];
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out[static_cast<std::size_t>(rows[i])].total = sums[i];
  }
}

void add(LossSplit& sum, const LossSplit& part) {
  sum.total += part.total;
  sum.retained += part.retained;
  sum.lost_with_vectors += part.lost_with_vectors;
  sum.lost_by_nm += part.lost_by_nm;
}

std::vector<std::int32_t> ascending_rows(const HinmShape& shape, const Permutation& permutation,
                                         int tile) {
  const auto rows = permutation.tile_rows(shape, tile);
  std::vector<std::int32_t> out(rows.begin(), rows.end());
  std::sort(out.begin(), out.end());
  return out;
}

using Columns = std::vector<std::uint8_t>;  // [cols]: whether the tile keeps the column vector

Columns kept_columns(const HinmShape& shape, const Permutation& permutation, int tile) {
  Columns out(static_cast<std::size_t>(shape.cols), 0);
  for (const auto c : permutation.tile_vectors(shape, tile)) out[static_cast<std::size_t>(c)] = 1;
  return out;
}

Columns kept_columns(const HinmShape& shape, const Mask& mask, std::span<const std::int32_t> rows) {
  Columns out(static_cast<std::size_t>(shape.cols), 0);
  for (const auto row : rows) {
    for (int c = 0; c < shape.cols; ++c) {
      if (mask.at(row, c)) out[static_cast<std::size_t>(c)] = 1;
    }
  }
  return out;
}

/// The splits of a tile and of its rows, which come in ascending order.
void measure_tile(MatrixView saliency, const Mask& mask, int tile,
                  std::span<const std::int32_t> rows, const Columns& kept, Metrics& out) {
  auto& sum = out.tiles[static_cast<std::size_t>(tile)];
  sum = {};
  for (const auto row : rows) {
    auto& split = out.rows[static_cast<std::size_t>(row)];
    split = split_row(saliency.data() + std::int64_t{row} * mask.cols(), mask, row, kept);
    add(sum, split);
  }
}

void sum_rows(Metrics& metrics) {
  metrics.layer = {};
  for (const auto& row : metrics.rows) add(metrics.layer, row);
}

Metrics empty_metrics(const HinmShape& shape) {
  Metrics out;
  out.rows.resize(static_cast<std::size_t>(shape.rows));
  out.tiles.resize(static_cast<std::size_t>(shape.tiles()));
  return out;
}

struct Squares {
  double lost = 0;
  double all = 0;
};

Squares squares_of(const float* weight, const Mask& mask, int row) {
  const auto words = mask.words_of(row);
  Squares out;
  for (int c = 0; c < mask.cols(); ++c) {
    const double square = static_cast<double>(weight[c]) * weight[c];
    out.all += square;
    const std::uint64_t stays = words[static_cast<std::size_t>(c / 64)] >> (c % 64) & 1U;
    out.lost += value_if(stays ^ 1U, square);
  }
  return out;
}

}  // namespace

Metrics measure(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
                const Mask& mask, int threads) {
  Metrics out = empty_metrics(shape);
  parallel_for(shape.tiles(), threads, [&](int tile) {
    measure_tile(saliency, mask, tile, ascending_rows(shape, permutation, tile),
                 kept_columns(shape, permutation, tile), out);
  });
  sum_rows(out);
  return out;
}

void remeasure(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
               const Mask& mask, std::span<const int> tiles, Metrics& metrics) {
  for (const int tile : tiles) {
    measure_tile(saliency, mask, tile, ascending_rows(shape, permutation, tile),
                 kept_columns(shape, permutation, tile), metrics);
  }
  sum_rows(metrics);
}

Metrics measure_mask(MatrixView saliency, const HinmShape& shape, const Mask& mask, int threads) {
  Metrics out = empty_metrics(shape);
  const auto order = identity_order(shape.rows);
  parallel_for(shape.tiles(), threads, [&](int tile) {
    const auto rows = std::span(order).subspan(
        static_cast<std::size_t>(tile) * static_cast<std::size_t>(shape.vector_size),
        static_cast<std::size_t>(shape.vector_size));
    measure_tile(saliency, mask, tile, rows, kept_columns(shape, mask, rows), out);
  });
  sum_rows(out);
  return out;
}

double retained_fraction(MatrixView saliency, const Mask& mask, int threads) {
  std::vector<LossSplit> rows(static_cast<std::size_t>(mask.rows()));
  parallel_for(mask.rows(), threads, [&](int row) {
    auto& split = rows[static_cast<std::size_t>(row)];
    const float* values = saliency.data() + std::int64_t{row} * mask.cols();
    for (int c = 0; c < mask.cols(); ++c) split.total += values[c];
    split.retained = sum_where(values, mask.words_of(row));
  });
  LossSplit layer;
  for (const auto& row : rows) add(layer, row);
  return layer.retained_fraction();
}

LossSplit retained_split(MatrixView saliency, const HinmShape& shape,
                         const Permutation& permutation, int threads,
                         const std::function<bool()>& stop) {
  std::vector<LossSplit> rows(static_cast<std::size_t>(shape.rows));
  parallel_for(shape.tiles(), threads, [&](int tile) {
    if (stop && stop()) return;
    const TileRule rule(shape, permutation.tile_vectors(shape, tile));
    std::vector<std::uint64_t> words(static_cast<std::size_t>((shape.cols + 63) / 64));
    auto left = permutation.tile_rows(shape, tile);
    for (const auto row : left) {
      const float* values = saliency.data() + std::int64_t{row} * shape.cols;
      rule.keep(values, words);
      rows[static_cast<std::size_t>(row)].retained = sum_where(values, words);
    }
    for (; !left.empty(); left = left.subspan(std::min<std::size_t>(kAtOnce, left.size()))) {
      sum_rows_at_once(saliency, left.first(std::min<std::size_t>(kAtOnce, left.size())), rows);
    }
  });
  LossSplit layer;
  for (const auto& row : rows) add(layer, row);
  return layer;
}

double retained_saliency(MatrixView saliency, const HinmShape& shape,
                         const Permutation& permutation, int threads) {
  return retained_split(saliency, shape, permutation, threads).retained_fraction();
}

double weight_error(MatrixView weight, const Mask& mask, int threads) {
  std::vector<Squares> rows(static_cast<std::size_t>(mask.rows()));
  parallel_for(mask.rows(), threads, [&](int row) {
    rows[static_cast<std::size_t>(row)] =
        squares_of(weight.data() + std::int64_t{row} * mask.cols(), mask, row);
  });
  Squares sum;
  for (const auto& row : rows) {
    sum.all += row.all;
    sum.lost += row.lost;
  }
  return sum.all > 0 ? std::sqrt(sum.lost / sum.all) : 0;
}

std::vector<double> group_retained(MatrixView saliency, const HinmShape& shape,
                                   const Permutation& permutation, const Mask& mask, int tile) {
  std::vector<double> out(static_cast<std::size_t>(shape.groups()), 0);
  const auto vectors = permutation.tile_vectors(shape, tile);
  for (const auto row : ascending_rows(shape, permutation, tile)) {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (!mask.at(row, vectors[i])) continue;
      out[i / static_cast<std::size_t>(shape.nm.m)] += saliency(row, vectors[i]);
    }
  }
  return out;
}

}  // namespace gyro

#include "core/sparsity/metrics.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/parallel.hpp"

namespace gyro {
namespace {

LossSplit split_row(const float* saliency, const Mask& mask, int row,
                    const std::vector<char>& column_kept) {
  LossSplit out;
  for (int c = 0; c < mask.cols(); ++c) {
    const double value = saliency[c];
    out.total += value;
    if (mask.at(row, c)) {
      out.retained += value;
    } else if (column_kept[static_cast<std::size_t>(c)] != 0) {
      out.lost_by_nm += value;
    } else {
      out.lost_with_vectors += value;
    }
  }
  return out;
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

}  // namespace

Metrics measure(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
                const Mask& mask, int threads) {
  Metrics out;
  out.rows.resize(static_cast<std::size_t>(shape.rows));
  out.tiles.resize(static_cast<std::size_t>(shape.tiles()));
  parallel_for(shape.tiles(), threads, [&](int tile) {
    std::vector<char> column_kept(static_cast<std::size_t>(shape.cols), 0);
    for (const auto c : permutation.tile_vectors(shape, tile)) {
      column_kept[static_cast<std::size_t>(c)] = 1;
    }
    for (const auto row : ascending_rows(shape, permutation, tile)) {
      auto& split = out.rows[static_cast<std::size_t>(row)];
      split = split_row(saliency.data() + std::int64_t{row} * shape.cols, mask, row, column_kept);
      add(out.tiles[static_cast<std::size_t>(tile)], split);
    }
  });
  for (const auto& row : out.rows) add(out.layer, row);
  return out;
}

double retained_saliency(MatrixView saliency, const HinmShape& shape,
                         const Permutation& permutation, int threads) {
  const Mask mask = build_mask(saliency, shape, permutation, threads);
  return measure(saliency, shape, permutation, mask, threads).layer.retained_fraction();
}

double weight_error(MatrixView weight, const Mask& mask) {
  double lost = 0;
  double all = 0;
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      const double square = static_cast<double>(weight(r, c)) * weight(r, c);
      all += square;
      if (!mask.at(r, c)) lost += square;
    }
  }
  return all > 0 ? std::sqrt(lost / all) : 0;
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

#include "core/sparsity/reference_masks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/sparsity/permutation.hpp"

namespace gyro {
namespace {

using Columns = std::vector<std::int32_t>;

/// The `count` of the columns with the largest values, ties to the lower column.
template <class Values>
Columns largest(Columns columns, int count, const Values& values) {
  const auto end = columns.begin() + count;
  std::partial_sort(columns.begin(), end, columns.end(), [&](std::int32_t a, std::int32_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  });
  columns.erase(end, columns.end());
  return columns;
}

Columns run_of_columns(int first, int length) {
  Columns out(static_cast<std::size_t>(length));
  std::iota(out.begin(), out.end(), first);
  return out;
}

Eigen::VectorXd tile_sums(MatrixView saliency, const HinmShape& shape, int tile) {
  const auto rows = saliency.middleRows(Eigen::Index{tile} * shape.vector_size, shape.vector_size);
  return rows.cast<double>().colwise().sum();
}

/// Columns of a run of N:M alone.
int run_length(const HinmShape& shape) {
  for (int length = shape.nm.m; length < shape.cols; ++length) {
    const bool divides = shape.cols % length == 0;
    if (divides && std::int64_t{shape.kept_per_row()} * length % shape.cols == 0) return length;
  }
  return shape.cols;
}

}  // namespace

Mask unstructured_mask(MatrixView saliency, const HinmShape& shape) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(saliency.size()));
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + std::ptrdiff_t{shape.rows} * shape.kept_per_row();
  std::nth_element(order.begin(), end - 1, order.end(), [&](std::int64_t a, std::int64_t b) {
    const float x = saliency.data()[a];
    const float y = saliency.data()[b];
    return x != y ? x > y : a < b;
  });
  Mask out(shape.rows, shape.cols);
  for (auto i = order.begin(); i != end; ++i) {
    out.set(static_cast<int>(*i / shape.cols), static_cast<int>(*i % shape.cols));
  }
  return out;
}

Mask vectors_only_mask(MatrixView saliency, const HinmShape& shape) {
  Mask out(shape.rows, shape.cols);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto kept =
        largest(identity_order(shape.cols), shape.kept_per_row(), tile_sums(saliency, shape, tile));
    for (int row = tile * shape.vector_size; row < (tile + 1) * shape.vector_size; ++row) {
      for (const auto col : kept) out.set(row, col);
    }
  }
  return out;
}

Mask nm_only_mask(MatrixView saliency, const HinmShape& shape) {
  Mask out(shape.rows, shape.cols);
  const int length = run_length(shape);
  const auto stay = static_cast<int>(std::int64_t{shape.kept_per_row()} * length / shape.cols);
  for (int row = 0; row < shape.rows; ++row) {
    for (int first = 0; first < shape.cols; first += length) {
      for (const auto col : largest(run_of_columns(first, length), stay, saliency.row(row))) {
        out.set(row, col);
      }
    }
  }
  return out;
}

Result<Mask> venom_mask(MatrixView saliency, const HinmShape& shape) {
  const int groups = shape.groups();
  if (shape.cols % groups != 0) {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} columns do not divide into {} runs for V:N:M", shape.cols, groups),
                {}, "Choose a sparsity at which kept divides M times the columns.");
  }
  const int length = shape.cols / groups;
  Mask out(shape.rows, shape.cols);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const Eigen::VectorXd sums = tile_sums(saliency, shape, tile);
    for (int first = 0; first < shape.cols; first += length) {
      const auto kept = largest(run_of_columns(first, length), shape.nm.m, sums);
      for (int row = tile * shape.vector_size; row < (tile + 1) * shape.vector_size; ++row) {
        for (const auto col : largest(kept, shape.nm.n, saliency.row(row))) out.set(row, col);
      }
    }
  }
  return out;
}

}  // namespace gyro

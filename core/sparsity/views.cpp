#include "core/sparsity/views.hpp"

#include <cmath>

#include "core/base/parallel.hpp"
#include "core/sparsity/mask.hpp"

namespace gyro {

Matrix tile_flow(const Permutation& permutation, const HinmShape& shape) {
  Matrix flow = Matrix::Zero(shape.tiles(), shape.tiles());
  const Permutation form = canonical(permutation, shape);
  for (int i = 0; i < shape.rows; ++i) {
    const int original = form.output_order[static_cast<std::size_t>(i)];
    flow(original / shape.vector_size, i / shape.vector_size) += 1;
  }
  return flow;
}

std::vector<std::int32_t> row_displacement(const Permutation& permutation, const HinmShape& shape) {
  auto order = canonical(permutation, shape).output_order;
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<std::int32_t>(i) - order[i];
  }
  return order;
}

Matrix tile_overlap(const Permutation& permutation, const HinmShape& shape, int threads) {
  const Permutation form = canonical(permutation, shape);
  Mask vectors(shape.tiles(), shape.cols);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    for (const auto column : form.tile_vectors(shape, tile)) vectors.set(tile, column);
  }
  Matrix overlap(shape.tiles(), shape.tiles());
  parallel_for(shape.tiles(), threads, [&](int a) {
    for (int b = 0; b < shape.tiles(); ++b) {
      int both = 0;
      for (const auto column : form.tile_vectors(shape, b)) both += vectors.at(a, column) ? 1 : 0;
      overlap(a, b) = static_cast<float>(both) / static_cast<float>(2 * shape.kept - both);
    }
  });
  return overlap;
}

Matrix vector_index_matrix(const Permutation& permutation, const HinmShape& shape) {
  const Permutation form = canonical(permutation, shape);
  Matrix out(shape.tiles(), shape.kept);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto vectors = form.tile_vectors(shape, tile);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      out(tile, static_cast<Eigen::Index>(i)) = static_cast<float>(vectors[i]);
    }
  }
  return out;
}

std::vector<double> row_norms(MatrixView matrix, int threads) {
  std::vector<double> out(static_cast<std::size_t>(matrix.rows()));
  parallel_for(static_cast<int>(matrix.rows()), threads, [&](int r) {
    double sum = 0;
    for (Eigen::Index c = 0; c < matrix.cols(); ++c) {
      const double value = matrix(r, c);
      if (!std::isnan(value)) sum += value * value;
    }
    out[static_cast<std::size_t>(r)] = std::sqrt(sum);
  });
  return out;
}

std::vector<double> column_norms(MatrixView matrix, int threads) {
  constexpr int kBlock = 256;
  const auto cols = static_cast<int>(matrix.cols());
  std::vector<double> out(static_cast<std::size_t>(cols), 0);
  parallel_for((cols + kBlock - 1) / kBlock, threads, [&](int block) {
    const int last = std::min(cols, (block + 1) * kBlock);
    for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
      for (int c = block * kBlock; c < last; ++c) {
        const double value = matrix(r, c);
        if (!std::isnan(value)) out[static_cast<std::size_t>(c)] += value * value;
      }
    }
  });
  for (auto& value : out) value = std::sqrt(value);
  return out;
}

}  // namespace gyro

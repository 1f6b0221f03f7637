#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "core/base/random.hpp"
#include "core/sparsity/permutation.hpp"

/// Random problems for property tests.
namespace gyro::testing {

/// Entries in [0, 1), heavy-tailed; with `ties`, few different values and many zeros.
inline Matrix random_saliency(int rows, int cols, std::uint64_t seed, bool ties = false) {
  RandomStream random(seed, 0x7e57);
  Matrix out(rows, cols);
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    const float u = random.unit();
    out.data()[i] = ties ? static_cast<float>(random.below(4)) : u * u * u;
  }
  return out;
}

/// Any feasible permutation: random rows, random kept columns in random order.
inline Permutation random_permutation(const HinmShape& shape, std::uint64_t seed) {
  RandomStream random(seed, 0x9e27);
  Permutation out;
  for (const int row : random.draw(shape.rows, shape.rows)) out.output_order.push_back(row);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    for (const int col : random.draw(shape.cols, shape.kept)) out.vector_index.push_back(col);
  }
  return out;
}

/// Shapes over V, N:M, vector sparsity and widths that are no multiple of anything.
inline std::vector<HinmShape> various_shapes() {
  std::vector<HinmShape> out;
  for (const NmPattern nm : {NmPattern{2, 4}, {1, 2}, {1, 4}, {2, 8}, {4, 8}, {3, 5}, {5, 16}}) {
    for (const auto& [rows, cols, vector_size] :
         {std::tuple{8, 16, 4}, {12, 37, 2}, {64, 96, 16}, {32, 130, 32}}) {
      for (const auto& vectors : {Fraction{0, 1}, {1, 3}, {1, 2}, {9, 10}}) {
        out.push_back(
            make_shape(rows, cols, vector_size, nm, total_from_vector_sparsity(vectors, nm))
                .value());
      }
    }
  }
  return out;
}

}  // namespace gyro::testing

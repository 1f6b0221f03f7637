#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Which weights stay: one bit a weight, in original row and column order. Rows are padded with
/// zero bits to whole 64-bit words; bit c % 64 of word c / 64 is column c (lowest bit first).
class Mask {
 public:
  Mask() = default;
  Mask(int rows, int cols);

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int cols() const { return cols_; }
  [[nodiscard]] int words_per_row() const { return words_; }

  [[nodiscard]] bool at(int row, int col) const {
    return ((words_of(row)[static_cast<std::size_t>(col / 64)] >> (col % 64)) & 1U) != 0;
  }
  void set(int row, int col) {
    words_of(row)[static_cast<std::size_t>(col / 64)] |= std::uint64_t{1} << (col % 64);
  }
  [[nodiscard]] std::span<const std::uint64_t> words_of(int row) const {
    return std::span(bits_).subspan(start(row), static_cast<std::size_t>(words_));
  }
  [[nodiscard]] std::span<std::uint64_t> words_of(int row) {
    return std::span(bits_).subspan(start(row), static_cast<std::size_t>(words_));
  }
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] int count_row(int row) const;
  /// Kept weights in row `row`, columns first … last − 1, by popcount.
  [[nodiscard]] int count_row(int row, int first, int last) const;

  /// [rows × ⌈cols/8⌉] bytes, lowest bit first: NumPy's packbits(…, bitorder='little').
  [[nodiscard]] std::vector<std::uint8_t> to_bytes() const;
  /// The reverse; `bytes` must have rows · ⌈cols/8⌉ bytes and zeros in the padding.
  [[nodiscard]] static Result<Mask> from_bytes(int rows, int cols,
                                               std::span<const std::uint8_t> bytes);

  bool operator==(const Mask&) const = default;

 private:
  [[nodiscard]] std::size_t start(int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(words_);
  }

  int rows_ = 0;
  int cols_ = 0;
  int words_ = 0;
  std::vector<std::uint64_t> bits_;
};

/// The HiNM mask that a permutation determines: in every row of every group of M kept vectors the N
/// weights of largest saliency stay, ties to the lower original column. The permutation must be
/// valid for the shape, the saliency finite and of the shape's size.
[[nodiscard]] Mask build_mask(MatrixView saliency, const HinmShape& shape,
                              const Permutation& permutation, int threads = 0);

/// Makes the rows of one tile anew, as build_mask() would, after its rows or vectors changed.
void rebuild_tile(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
                  int tile, Mask& mask);

/// Fails unless the mask is feasible for the permutation: outside the kept vectors nothing stays,
/// and in each row of each group exactly N weights do. For masks that were imported, not built.
[[nodiscard]] Status check_feasible(const Mask& mask, const HinmShape& shape,
                                    const Permutation& permutation);

}  // namespace gyro

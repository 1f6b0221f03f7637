#include "core/sparsity/spmm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/advice.hpp"
#include "core/base/parallel.hpp"

namespace gyro {
namespace {

constexpr Eigen::Index kTokenBlock = 512;

Status check_operands(const PackedLayer& packed, MatrixView b, std::span<const float> bias) {
  GYRO_CHECK(validate(packed));
  if (b.rows() != packed.shape.cols) {
    return fail(
        ErrorCode::Mismatch,
        fmt::format("B has {} rows, but the layer reads {} channels", b.rows(), packed.shape.cols),
        {}, advice::kDefect);
  }
  if (!bias.empty() && bias.size() != static_cast<std::size_t>(packed.shape.rows)) {
    return fail(
        ErrorCode::Mismatch,
        fmt::format("the bias has {} entries instead of {}", bias.size(), packed.shape.rows), {},
        advice::kDefect);
  }
  return {};
}

/// Where permuted row `row` goes.
int target_row(const PackedLayer& packed, int row, RowOrder order) {
  return order == RowOrder::Permuted
             ? row
             : packed.permutation.output_order[static_cast<std::size_t>(row)];
}

float bias_of(const PackedLayer& packed, int row, std::span<const float> bias) {
  if (bias.empty()) return 0;
  return bias[static_cast<std::size_t>(
      packed.permutation.output_order[static_cast<std::size_t>(row)])];
}

}  // namespace

Result<MatrixD> spmm_oracle(const PackedLayer& packed, MatrixView b, std::span<const float> bias,
                            RowOrder order) {
  GYRO_CHECK(check_operands(packed, b, bias));
  const std::vector<float> values = values_as_float(packed);
  const int per_row = packed.shape.kept_per_row();
  MatrixD out(packed.shape.rows, b.cols());
  for (int row = 0; row < packed.shape.rows; ++row) {
    auto sums = out.row(target_row(packed, row, order));
    sums.setConstant(double{bias_of(packed, row, bias)});
    for (int v = 0; v < per_row; ++v) {
      const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(per_row) +
                      static_cast<std::size_t>(v);
      sums += double{values[at]} * b.row(packed.column(row, v)).cast<double>();
    }
  }
  return out;
}

Result<Matrix> spmm(const PackedLayer& packed, MatrixView b, std::span<const float> bias,
                    RowOrder order, int threads) {
  GYRO_CHECK(check_operands(packed, b, bias));
  const HinmShape& shape = packed.shape;
  const std::vector<float> values = values_as_float(packed);
  Matrix out(shape.rows, b.cols());
  parallel_for(shape.tiles(), threads, [&](int tile) {
    for (Eigen::Index token = 0; token < b.cols(); token += kTokenBlock) {
      const Eigen::Index tokens = std::min(kTokenBlock, b.cols() - token);
      for (int row = tile * shape.vector_size; row < (tile + 1) * shape.vector_size; ++row) {
        auto sums = out.row(target_row(packed, row, order)).segment(token, tokens);
        sums.setConstant(bias_of(packed, row, bias));
        const float* value =
            values.data() + static_cast<std::ptrdiff_t>(row) * shape.kept_per_row();
        for (int v = 0; v < shape.kept_per_row(); ++v) {
          sums += value[v] * b.row(packed.column(row, v)).segment(token, tokens);
        }
      }
    }
  });
  return out;
}

}  // namespace gyro

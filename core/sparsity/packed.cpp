#include "core/sparsity/packed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/advice.hpp"
#include "core/base/parallel.hpp"

namespace gyro {
namespace {

PackedValues make_values(PackedType type, std::size_t count) {
  switch (type) {
    case PackedType::BF16:
      return std::vector<Eigen::bfloat16>(count);
    case PackedType::F16:
      return std::vector<Eigen::half>(count);
    default:
      return std::vector<float>(count);
  }
}

Status check_pattern(const HinmShape& shape) {
  if (shape.nm.m <= 4) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("{} cannot be packed: two bits hold places in groups of up to 4",
                          shape.nm.text()),
              {}, "Use 2:4, or write the masked weight.");
}

/// Puts the kept weights of permuted row `row` into the packed layer.
template <class Value>
void pack_row(const float* weight, const Mask& mask, int row, PackedLayer& packed,
              std::vector<Value>& values) {
  const HinmShape& shape = packed.shape;
  const auto vectors = packed.permutation.tile_vectors(shape, row / shape.vector_size);
  const int original = packed.permutation.output_order[static_cast<std::size_t>(row)];
  auto to = static_cast<std::size_t>(row) * static_cast<std::size_t>(shape.kept_per_row());
  const auto first_word =
      static_cast<std::size_t>(row) * static_cast<std::size_t>(packed.words_per_row());
  int v = 0;
  for (int k = 0; k < shape.kept; ++k) {
    const std::int32_t column = vectors[static_cast<std::size_t>(k)];
    if (!mask.at(original, column)) continue;
    values[to++] = static_cast<Value>(weight[column]);
    auto& word = packed.metadata[first_word + static_cast<std::size_t>(v / 8)];
    word = static_cast<std::uint16_t>(word | ((k % shape.nm.m) << (2 * (v % 8))));
    ++v;
  }
}

/// The places of one row's groups, and its padding. `words`: the row's metadata.
Status check_row(const HinmShape& shape, std::span<const std::uint16_t> words, int row) {
  const auto place = [&](int v) {
    return (words[static_cast<std::size_t>(v / 8)] >> (2 * (v % 8))) & 3;
  };
  const int count = shape.kept_per_row();
  for (int v = 0; v < count; ++v) {
    const bool ascends = v % shape.nm.n == 0 || place(v) > place(v - 1);
    if (place(v) < shape.nm.m && ascends) continue;
    return fail(ErrorCode::Malformed,
                fmt::format("the metadata of row {}, group {}, is no ascending choice of {}", row,
                            v / shape.nm.n, shape.nm.text()),
                {}, advice::kChanged);
  }
  if (count % 8 == 0 || words.back() >> (2 * (count % 8)) == 0) return {};
  return fail(ErrorCode::Malformed,
              fmt::format("the metadata of row {} has bits beyond its {} values", row, count), {},
              advice::kChanged);
}

}  // namespace

Result<PackedLayer> pack(MatrixView weight, const Mask& mask, const HinmShape& shape,
                         const Permutation& permutation, PackedType type, int threads) {
  GYRO_CHECK(check_pattern(shape));
  if (weight.rows() != shape.rows || weight.cols() != shape.cols) {
    return fail(ErrorCode::Mismatch,
                fmt::format("a {}×{} weight does not fit a {}×{} shape", weight.rows(),
                            weight.cols(), shape.rows, shape.cols),
                {}, advice::kDefect);
  }
  GYRO_CHECK(validate(permutation, shape));
  GYRO_CHECK(check_feasible(mask, shape, permutation));
  PackedLayer out{shape, permutation, {}, {}};
  const auto rows = static_cast<std::size_t>(shape.rows);
  out.values = make_values(type, rows * static_cast<std::size_t>(shape.kept_per_row()));
  out.metadata.resize(rows * static_cast<std::size_t>(out.words_per_row()), 0);
  parallel_for(shape.rows, threads, [&](int row) {
    const int original = permutation.output_order[static_cast<std::size_t>(row)];
    std::visit([&](auto& values) { pack_row(weight.row(original).data(), mask, row, out, values); },
               out.values);
  });
  return out;
}

Status validate_packed(const HinmShape& shape, const Permutation& permutation,
                       std::span<const std::uint16_t> metadata, std::int64_t values) {
  GYRO_CHECK(check_pattern(shape));
  GYRO_CHECK(validate(permutation, shape));
  const auto words = static_cast<std::size_t>((shape.kept_per_row() + 7) / 8);
  if (values != std::int64_t{shape.rows} * shape.kept_per_row() ||
      metadata.size() != static_cast<std::size_t>(shape.rows) * words) {
    return fail(ErrorCode::Mismatch,
                fmt::format("{} values and {} metadata words do not fit {} rows of {} values",
                            values, metadata.size(), shape.rows, shape.kept_per_row()),
                {}, advice::kChanged);
  }
  for (int row = 0; row < shape.rows; ++row) {
    const auto first = static_cast<std::size_t>(row) * words;
    GYRO_CHECK(check_row(shape, metadata.subspan(first, words), row));
  }
  return {};
}

Status validate(const PackedLayer& packed) {
  const auto count = std::visit([](const auto& values) { return values.size(); }, packed.values);
  return validate_packed(packed.shape, packed.permutation, packed.metadata,
                         static_cast<std::int64_t>(count));
}

Result<Matrix> unpack(const PackedLayer& packed, int threads) {
  GYRO_CHECK(validate(packed));
  const HinmShape& shape = packed.shape;
  const std::vector<float> values = values_as_float(packed);
  Matrix out = Matrix::Zero(shape.rows, shape.cols);
  parallel_for(shape.rows, threads, [&](int row) {
    const int original = packed.permutation.output_order[static_cast<std::size_t>(row)];
    const float* from = values.data() + static_cast<std::ptrdiff_t>(row) * shape.kept_per_row();
    for (int v = 0; v < shape.kept_per_row(); ++v) out(original, packed.column(row, v)) = from[v];
  });
  return out;
}

Result<Mask> mask_of(const PackedLayer& packed) {
  GYRO_CHECK(validate(packed));
  Mask out(packed.shape.rows, packed.shape.cols);
  for (int row = 0; row < packed.shape.rows; ++row) {
    const int original = packed.permutation.output_order[static_cast<std::size_t>(row)];
    for (int v = 0; v < packed.shape.kept_per_row(); ++v) out.set(original, packed.column(row, v));
  }
  return out;
}

std::vector<float> values_as_float(const PackedLayer& packed) {
  return std::visit(
      [](const auto& values) {
        std::vector<float> out(values.size());
        std::transform(values.begin(), values.end(), out.begin(),
                       [](auto value) { return static_cast<float>(value); });
        return out;
      },
      packed.values);
}

}  // namespace gyro

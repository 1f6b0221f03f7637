#include "core/sparsity/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace gyro {
namespace {

constexpr int kMaxGroup = 32;

Status check_pattern(NmPattern nm) {
  if (nm.n >= 1 && nm.n < nm.m && nm.m <= kMaxGroup) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("{} is not an N:M pattern", nm.text()), {},
              "Use 1 ≤ N < M ≤ 32, for example 2:4.");
}

Status check_vector_size(int rows, int vector_size) {
  if (vector_size >= 2 && rows % vector_size == 0) return {};
  const auto sizes = vector_sizes_for(rows);
  if (sizes.empty()) {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} rows cannot be cut into tiles of equal size", rows), {},
                "No vector size between 2 and 256 divides the rows.");
  }
  const int nearest = *std::min_element(sizes.begin(), sizes.end(), [&](int a, int b) {
    return std::abs(a - vector_size) < std::abs(b - vector_size);
  });
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} rows are not a multiple of the vector size {}", rows, vector_size),
              {}, fmt::format("The nearest vector size that works is {}.", nearest));
}

}  // namespace

std::string NmPattern::text() const {
  return fmt::format("{}:{}", n, m);
}

Result<NmPattern> parse_nm(std::string_view text) {
  NmPattern nm;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, nm.n);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == ':') {
    const auto second = std::from_chars(first.ptr + 1, end, nm.m);
    if (second.ec == std::errc() && second.ptr == end) {
      GYRO_CHECK(check_pattern(nm));
      return nm;
    }
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not an N:M pattern", text), {},
              "Write it as 2:4.");
}

Fraction HinmShape::sparsity() const {
  const std::int64_t all = std::int64_t{cols} * nm.m;
  return make_fraction(all - std::int64_t{kept} * nm.n, all);
}

Fraction HinmShape::vector_sparsity() const {
  return make_fraction(cols - kept, cols);
}

Result<HinmShape> make_shape(int rows, int cols, int vector_size, NmPattern nm,
                             Fraction total_sparsity) {
  GYRO_CHECK(check_pattern(nm));
  if (rows < 1 || cols < 1) {
    return fail(ErrorCode::Unsupported, fmt::format("a {}×{} weight is empty", rows, cols), {},
                "Choose another layer.");
  }
  GYRO_CHECK(check_vector_size(rows, vector_size));
  if (cols < nm.m) {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} input channels are fewer than one group of {}", cols, nm.m), {},
                "Choose a smaller M or leave this layer dense.");
  }
  const Fraction s = total_sparsity;
  GYRO_CHECK(check_denominator(s));
  const std::int64_t stays = s.denominator - s.numerator;  // (1 − s) · denominator
  if (s.numerator < 0 || stays <= 0) {
    return fail(ErrorCode::InvalidArgument, fmt::format("sparsity {} leaves nothing", s.text()), {},
                "Choose a sparsity below 1.");
  }
  // (1 − s) > N/M would need more vectors than there are columns.
  if (stays * nm.m > nm.n * s.denominator) {
    const Fraction least = make_fraction(nm.m - nm.n, nm.m);
    return fail(ErrorCode::InvalidArgument,
                fmt::format("total sparsity {} is less than {} alone gives", s.text(), nm.text()),
                {},
                fmt::format("The least total sparsity with {} is {}.", nm.text(), least.text()));
  }
  // kept / M = ⌊n · (1 − s_v) / M⌋ = ⌊n · (1 − s) / N⌋.
  const auto groups = std::int64_t{cols} * stays / (nm.n * s.denominator);
  const int kept = nm.m * std::clamp(static_cast<int>(groups), 1, cols / nm.m);
  return HinmShape{rows, cols, vector_size, nm, kept};
}

Fraction total_from_vector_sparsity(Fraction vector_sparsity, NmPattern nm) {
  const Fraction& v = vector_sparsity;
  return make_fraction(v.denominator * nm.m - (v.denominator - v.numerator) * nm.n,
                       v.denominator * nm.m);
}

Fraction vector_from_total_sparsity(Fraction total_sparsity, NmPattern nm) {
  const Fraction& s = total_sparsity;
  return make_fraction(s.denominator * nm.n - (s.denominator - s.numerator) * nm.m,
                       s.denominator * nm.n);
}

std::vector<int> vector_sizes_for(int rows) {
  std::vector<int> out;
  for (int size = 2; size <= std::min(rows, 256); ++size) {
    if (rows % size == 0) out.push_back(size);
  }
  return out;
}

}  // namespace gyro

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace gyro {

/// An exact non-negative rational number, so that a sparsity is the decimal a person typed:
/// 640 columns at 0.9 keep 64, never 60. Always in lowest terms, denominator ≥ 1.
struct Fraction {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;

  [[nodiscard]] double value() const {
    return static_cast<double>(numerator) / static_cast<double>(denominator);
  }
  /// Shortest decimal that parses back to this value where one exists ("0.75"), else "p/q".
  [[nodiscard]] std::string text() const;

  bool operator==(const Fraction&) const = default;
};

/// The fraction in lowest terms; denominator must not be 0.
[[nodiscard]] Fraction make_fraction(std::int64_t numerator, std::int64_t denominator);

/// Of a sparsity that is asked for: exact arithmetic with it then stays within 64 bits for every
/// layer there can be.
inline constexpr std::int64_t kLargestDenominator = 1'000'000'000;

/// InvalidArgument beyond kLargestDenominator.
[[nodiscard]] Status check_denominator(const Fraction& fraction);

/// Reads "0.75", ".9", "1", "75%" or "3/4": digits only, no sign, no exponent, and in lowest terms
/// a denominator of at most kLargestDenominator. What Fraction::text() makes of it reads back
/// equal.
[[nodiscard]] Result<Fraction> parse_fraction(std::string_view text);

}  // namespace gyro

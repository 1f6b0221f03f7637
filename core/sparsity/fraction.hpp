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

/// Reads "0.75", ".9", "1", "75%" or "3/4": digits only, no sign, no exponent, at most 9 decimals.
[[nodiscard]] Result<Fraction> parse_fraction(std::string_view text);

}  // namespace gyro

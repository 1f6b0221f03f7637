#include "core/sparsity/fraction.hpp"

#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <optional>

namespace gyro {
namespace {

/// So many digits times 100 are far from overflow.
constexpr std::size_t kMostDigits = 15;

std::optional<std::int64_t> digits(std::string_view text) {
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + (c - '0');
  }
  return value;
}

std::int64_t power_of_ten(std::size_t exponent) {
  std::int64_t value = 1;
  while (exponent-- > 0) value *= 10;
  return value;
}

std::optional<Fraction> decimal(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos) {
    const auto whole = digits(text);
    return whole ? std::optional(Fraction{*whole, 1}) : std::nullopt;
  }
  if (text.size() == 1 || text.size() > kMostDigits + 1) return std::nullopt;
  const std::string_view decimals = text.substr(point + 1);
  const auto whole = point == 0 ? std::optional<std::int64_t>(0) : digits(text.substr(0, point));
  const auto part = decimals.empty() ? std::optional<std::int64_t>(0) : digits(decimals);
  if (!whole || !part) return std::nullopt;
  const std::int64_t scale = power_of_ten(decimals.size());
  return make_fraction(*whole * scale + *part, scale);
}

std::optional<Fraction> parse(std::string_view text) {
  if (!text.empty() && text.back() == '%') {
    const auto percent = decimal(text.substr(0, text.size() - 1));
    if (!percent) return std::nullopt;
    return make_fraction(percent->numerator, percent->denominator * 100);
  }
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return decimal(text);
  const auto top = digits(text.substr(0, slash));
  const auto bottom = digits(text.substr(slash + 1));
  if (!top || !bottom || *bottom == 0) return std::nullopt;
  return make_fraction(*top, *bottom);
}

}  // namespace

Fraction make_fraction(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t common = std::gcd(numerator, denominator);
  return common == 0 ? Fraction{} : Fraction{numerator / common, denominator / common};
}

std::string Fraction::text() const {
  std::int64_t scale = 1;
  for (int decimals = 0; decimals <= 12; ++decimals, scale *= 10) {
    if (scale % denominator != 0) continue;
    const std::int64_t scaled = numerator * (scale / denominator);
    if (decimals == 0) return fmt::format("{}", scaled);
    return fmt::format("{}.{:0{}}", scaled / scale, scaled % scale, decimals);
  }
  return fmt::format("{}/{}", numerator, denominator);
}

Status check_denominator(const Fraction& fraction) {
  if (fraction.denominator <= kLargestDenominator) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("sparsity {} is finer than a billionth", fraction.text()), {},
              "Write it with fewer decimals.");
}

Result<Fraction> parse_fraction(std::string_view text) {
  const auto value = parse(text);
  if (value) {
    GYRO_CHECK(check_denominator(*value));
    return *value;
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a sparsity", text), {},
              "Write a decimal, a percentage or a fraction: 0.75, 75%, 3/4.");
}

}  // namespace gyro

#include "core/benchmark/roofline.hpp"

#include <algorithm>
#include <array>

namespace gyro {
namespace {

constexpr double kValueBytes = 2;
constexpr std::int64_t kWideTokens = 256;  // tokens whose row of B is 512 bytes

double rate_of(std::span<const Ceiling> ceilings, const char* name) {
  const auto found = std::find_if(ceilings.begin(), ceilings.end(),
                                  [name](const Ceiling& ceiling) { return ceiling.name == name; });
  return found == ceilings.end() ? 0 : found->value;
}

}  // namespace

ProductWork work_of(const HinmShape& shape, std::int64_t tokens) {
  const auto m = static_cast<double>(shape.rows);
  const auto k = static_cast<double>(shape.cols);
  const auto kept = static_cast<double>(shape.kept);
  const auto n = static_cast<double>(tokens);
  const auto tiles = static_cast<double>(shape.tiles());
  const double values = m * shape.kept_per_row();
  ProductWork out;
  out.dense_flop = 2 * m * k * n;
  out.useful_flop = 2 * values * n;
  out.tensor_flop = 2 * m * kept * n;
  out.gathered = tiles * kept * n * kValueBytes;
  out.bytes = values * (kValueBytes + 0.25) + tiles * kept * 4 + (k + m) * n * kValueBytes;
  return out;
}

Limit limit_of(const ProductWork& work, std::int64_t tokens, std::span<const Ceiling> ceilings) {
  const char* const gather = tokens >= kWideTokens ? kGatherWide : kGatherNarrow;
  const std::array<std::pair<const char*, double>, 3> roads{
      {{kTensorSparse, work.tensor_flop}, {gather, work.gathered}, {kCopy, work.bytes}}};
  Limit out;
  for (const auto& [name, amount] : roads) {
    const double rate = rate_of(ceilings, name);
    if (rate <= 0) continue;
    const double us = amount / (rate * 1e6);
    if (us > out.us) out = {name, us};
  }
  return out;
}

}  // namespace gyro

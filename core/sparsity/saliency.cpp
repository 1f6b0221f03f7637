#include "core/sparsity/saliency.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gyro {

const std::vector<SaliencyInfo>& saliency_kinds() {
  static const std::vector<SaliencyInfo> kinds = {
      {SaliencyKind::Magnitude, "magnitude", "|w|", "The size of the weight."},
      {SaliencyKind::Squared, "squared", "w²",
       "The square of the weight: retained saliency is then what the Frobenius norm keeps."},
  };
  return kinds;
}

std::string_view name_of(SaliencyKind kind) {
  const auto& kinds = saliency_kinds();
  return std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.kind == kind; })
      ->name;
}

Result<SaliencyKind> parse_saliency(std::string_view name) {
  std::string known;
  for (const auto& info : saliency_kinds()) {
    if (info.name == name) return info.kind;
    known += known.empty() ? std::string(info.name) : ", " + std::string(info.name);
  }
  return fail(ErrorCode::NotFound, fmt::format("there is no saliency '{}'", name), {},
              fmt::format("Known: {}.", known));
}

Result<Matrix> compute_saliency(MatrixView weight, SaliencyKind kind) {
  Matrix out = kind == SaliencyKind::Squared ? Matrix(weight.array().square())
                                             : Matrix(weight.array().abs());
  if (const auto bad = count_nonfinite(view_of(out)); bad > 0) {
    return fail(ErrorCode::NonFinite,
                fmt::format("{} of {} weights have no finite saliency (NaN, infinite or too large)",
                            bad, out.size()),
                {}, "Allow them to be read as zero (--nonfinite zero), or repair the checkpoint.");
  }
  return out;
}

}  // namespace gyro

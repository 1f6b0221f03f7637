#include "core/permutation/windows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gyro {

ParameterInfo window_parameter() {
  return {"window",
          "Groups take their vectors from windows of so many kept vectors of a tile in column "
          "order, a multiple of M, so that the kernel reads neighbouring inputs; 0: from anywhere.",
          std::int64_t{0},
          0,
          1e6,
          {}};
}

int window_of(const SearchOptions& options, const HinmShape& shape) {
  const auto& values = options.parameters.values();
  const auto found = values.find("window");
  const auto window = found == values.end() ? 0 : std::get<std::int64_t>(found->second);
  return window == 0 ? shape.kept : static_cast<int>(std::min<std::int64_t>(window, shape.kept));
}

Status check_window(const HinmShape& shape, const SearchOptions& options,
                    std::int32_t first_grouped) {
  const int window = window_of(options, shape);
  if (window % shape.nm.m != 0) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a window of {} vectors holds no whole number of groups of {}", window,
                            shape.nm.m),
                "window", fmt::format("Take a multiple of {}, or 0 for none.", shape.nm.m));
  }
  const bool grouped = options.start && options.start->phase >= first_grouped;
  if (!grouped || keeps_windows(options.start->permutation, shape, window)) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("the start's groups do not keep windows of {} vectors", window), "window",
              "Start from a run that had the same window, or take 0 for none.");
}

bool keeps_windows(const Permutation& permutation, const HinmShape& shape, int window) {
  if (window >= shape.kept) return true;
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto vectors = permutation.tile_vectors(shape, tile);
    std::int32_t last = -1;  // the largest column so far
    for (int first = 0; first < shape.kept; first += window) {
      const auto begin = vectors.begin() + first;
      const auto end = vectors.begin() + std::min(first + window, shape.kept);
      if (*std::min_element(begin, end) < last) return false;
      last = *std::max_element(begin, end);
    }
  }
  return true;
}

}  // namespace gyro

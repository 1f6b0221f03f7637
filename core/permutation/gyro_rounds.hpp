#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "core/base/result.hpp"

namespace gyro {

/// "8,1,4": rows drawn from each tile, round after round, each 1 … 256.
[[nodiscard]] inline Result<std::vector<int>> parse_schedule(const std::string& text) {
  constexpr int kMostRows = 256;
  std::vector<int> out;
  const char* next = text.data();
  const char* const end = next + text.size();
  while (next < end) {
    int sample = 0;
    const auto parsed = std::from_chars(next, end, sample);
    const bool more = parsed.ptr != end && *parsed.ptr == ',' && parsed.ptr + 1 != end;
    if (parsed.ec != std::errc() || sample < 1 || sample > kMostRows ||
        (parsed.ptr != end && !more)) {
      out.clear();
      break;
    }
    out.push_back(sample);
    next = more ? parsed.ptr + 1 : end;
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::InvalidArgument, "'" + text + "' is not a schedule", "schedule",
              "Write rows drawn from each tile, round after round: 8,1,4,1,2,1,1.");
}

/// Counts misses: proposals in a row, or in all, that were not better.
class Patience {
 public:
  Patience(std::int64_t patience, bool reset)
      : left_(patience), patience_(patience), reset_(reset) {}
  void heard(bool accepted) {
    if (!accepted) {
      --left_;
    } else if (reset_) {
      left_ = patience_;
    }
  }
  [[nodiscard]] bool over() const { return left_ <= 0; }

 private:
  std::int64_t left_;
  std::int64_t patience_;
  bool reset_;
};

}  // namespace gyro

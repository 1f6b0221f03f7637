#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/base/random.hpp"
#include "gpu/spmm/select.hpp"
#include "gpu/spmm/sm90/schedule.hpp"

// How products are cut into work items, and which kernel is chosen; needs no device.

using namespace gyro;
using namespace gyro::cuda;
using namespace gyro::cuda::sm90;

namespace {

/// Every tile and token belongs to one item, and no piece is wider than its slot.
bool covers(const Schedule& schedule) {
  std::vector<int> seen(static_cast<std::size_t>(schedule.tiles) *
                        static_cast<std::size_t>(schedule.tokens));
  for (int number = 0; number < schedule.items; ++number) {
    for (int rank = 0; rank < schedule.cluster; ++rank) {
      const WorkItem item = schedule.item(number, rank);
      if (item.width > item.slot || item.first != 0 || item.last != schedule.stages) return false;
      for (int i = 0; i < item.width; ++i) {
        seen[static_cast<std::size_t>(item.tile) * static_cast<std::size_t>(schedule.tokens) +
             static_cast<std::size_t>(item.token + i)] += 1;
      }
    }
  }
  return std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; });
}

/// Shares follow each other, differ by one stage at most and hold the items' stages in order.
bool shares_all(const Schedule& schedule) {
  const int all = schedule.items * schedule.stages;
  int stage = 0;
  for (int block = 0; block < schedule.shares; ++block) {
    const int end = schedule.share_begin(block + 1);
    const int size = end - schedule.share_begin(block);
    if (schedule.share_begin(block) != stage || std::abs(size - all / schedule.shares) > 1) {
      return false;
    }
    while (stage < end) {
      const WorkItem piece = schedule.piece(stage, end);
      const WorkItem item = schedule.item(stage / schedule.stages, 0);
      const bool right = piece.tile == item.tile && piece.token == item.token &&
                         piece.first == stage % schedule.stages && piece.last > piece.first;
      if (!right || schedule.share_of(stage) != block) return false;
      stage += piece.last - piece.first;
    }
    if (stage != end || schedule.share_of(end - 1) != block) return false;
  }
  return stage == all;
}

int schedules() {
  RandomStream random(1, 0x5ced);
  int failures = 0;
  for (int i = 0; i < 3000; ++i) {
    const Extent extent{1 + static_cast<int>(random.below(40)),
                        1 + static_cast<int>(random.below(60)),
                        1 + static_cast<int>(random.below(3000))};
    const bool narrow = random.below(2) == 0;
    const Cutting cutting{narrow ? 256 : 512, narrow ? 64 : 128,
                          1 + static_cast<int>(random.below(2))};
    const int clusters = 1 + static_cast<int>(random.below(140));
    const Schedule split = make_split_schedule(extent, 64, clusters);
    if (covers(make_schedule(extent, cutting, clusters)) && covers(split) && shares_all(split)) {
      continue;
    }
    ++failures;
    fmt::print("FAIL {} tiles, {} stages, {} tokens, {} clusters\n", extent.tiles, extent.stages,
               extent.tokens, clusters);
  }
  return failures;
}

/// Choices on a card with 132 multiprocessors as measured on one, and those that must be refused.
int choices() {
  struct Choice {
    HinmShape shape;
    std::int64_t tokens;
    const char* expected;
  };
  const Choice all[]{{{4096, 4096, 128, {2, 4}, 2048}, 8192, "sm90/v128-pair"},
                     {{4096, 4096, 128, {2, 4}, 512}, 8192, "sm90/v128"},
                     {{4096, 4096, 128, {2, 4}, 2048}, 512, "sm90/v128"},
                     {{8192, 28672, 128, {2, 4}, 14336}, 16, "sm90/v128-split"},
                     {{4096, 4096, 256, {2, 4}, 2048}, 8192, "sm90/v128"},
                     {{11008, 4096, 256, {2, 4}, 2048}, 2048, "sm90/v128"},
                     {{4096, 4096, 256, {2, 4}, 1024}, 2048, "sm90/v128"},
                     {{8192, 28672, 256, {2, 4}, 14336}, 16, "sm90/v128-split"},
                     {{4096, 4096, 64, {2, 4}, 2048}, 2048, "sm90/v64"},
                     {{4096, 4096, 64, {2, 4}, 2048}, 8, "sm90/v64-split"},
                     {{4096, 4096, 32, {2, 4}, 2048}, 2048, "sm80"},
                     {{4096, 4096, 128, {1, 4}, 2048}, 2048, "general"},
                     {{35, 30, 7, {2, 4}, 12}, 19, "general"}};
  gyro_context hopper{};
  hopper.capability = 90;
  hopper.multiprocessors = 132;
  int failures = 0;
  for (const Choice& one : all) {
    const auto path = select_path(hopper, one.shape, one.tokens, nullptr);
    if (path && std::string_view((*path)->name) == one.expected) continue;
    ++failures;
    fmt::print("FAIL V{} kept {} of {} tokens {}: {} instead of {}\n", one.shape.vector_size,
               one.shape.kept, one.shape.cols, one.tokens, path ? (*path)->name : "none",
               one.expected);
  }
  const auto pair = select_path(hopper, all[0].shape, all[0].tokens, nullptr);
  const auto next =
      select_path(hopper, all[0].shape, all[0].tokens, nullptr, pair ? *pair : nullptr);
  if (!next || std::string_view((*next)->name) != "sm90/v128") {
    ++failures;
    fmt::print("FAIL another kernel in place of one that is unavailable\n");
  }
  gyro_context ampere = hopper;
  ampere.capability = 80;
  const auto refused = select_path(ampere, all[0].shape, 512, "sm90/v128");
  const auto unknown = select_path(hopper, all[0].shape, 512, "sm90/v129");
  if (refused || refused.error().code != ErrorCode::Unsupported || unknown ||
      unknown.error().code != ErrorCode::InvalidArgument) {
    ++failures;
    fmt::print("FAIL kernels that cannot run are not refused\n");
  }
  return failures;
}

}  // namespace

int main() {
  const int failures = schedules() + choices();
  fmt::print("{} failures\n", failures);
  return failures == 0 ? 0 : 1;
}

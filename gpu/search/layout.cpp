#include "gpu/search/layout.hpp"

#include <algorithm>
#include <cmath>

namespace gyro::cuda {
namespace {

constexpr int kMostCols = 65535;  // columns are 16-bit numbers
constexpr int kMostThreads = 1024;
constexpr int kMostBlocks = 4;    // of the vector kernel on a multiprocessor
constexpr int kLeastGroups = 12;  // of a part: fewer find too few partners
constexpr int kMostParts = 256;
constexpr double kWidePairs = 32;  // of a round, on a multiprocessor
constexpr double kSchedulers = 4;
constexpr double kPairLatency = 4500;           // cycles of eight pairs that a warp judges,
constexpr double kPairIssue = 1800;             // of a scheduler for them
constexpr double kRoundCycles = 150;            // and between two rounds
constexpr std::size_t kTables = 1024 + 64;      // bytes of shared memory besides the vectors
constexpr std::size_t kSheetReserve = 8 << 10;  // of shared memory, for sums
constexpr int kClusterRows = 1024;
constexpr int kLeastTiles = 8;  // of a cluster: fewer exchange rows too slowly,
constexpr int kMostTiles = 16;  // more gain nothing
constexpr int kRowRounds = 128;
constexpr int kWideRowRounds = 256;  // as long as vectors take beside them
constexpr int kWideExchangeEvery = 4;
constexpr int kFewRounds = 4;         // of vectors: hot rows and their groups are soon at home
constexpr int kWaitingThreads = 320;  // on a multiprocessor, that do not slow it down

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

std::size_t size(int value) {
  return static_cast<std::size_t>(value);
}

/// Column vectors of the largest part.
int part_vectors(const Layout& layout, int parts) {
  const int groups = (layout.groups + parts - 1) / parts;
  const int dropped = (layout.dropped_groups + parts - 1) / parts;
  return layout.m * groups + 4 * dropped;
}

std::size_t vector_shared(const Layout& layout, int parts, bool staged) {
  const std::size_t bytes = staged ? size(2 * layout.width) : 0;
  return size(part_vectors(layout, parts)) * (bytes + 6) + kTables;
}

/// Few large parts, but whole waves of blocks: the share of the card that works.
double efficiency(const Layout& layout, const gyro_context& card, int parts, std::size_t shared) {
  const int fit = static_cast<int>(std::max<std::size_t>(1, card.shared_memory / shared));
  const double slots = double(card.multiprocessors) * std::min(fit, kMostBlocks);
  const double blocks = double(layout.tiles) * parts;
  if (blocks < card.multiprocessors) return blocks / card.multiprocessors * 0.7;
  const double crowded = fit > 1 ? 1.05 : 1;
  return blocks / (std::ceil(blocks / slots) * slots) * (1 - 0.004 * parts) * crowded;
}

int best_parts(const Layout& layout, const gyro_context& card, bool staged) {
  double best = 0;
  int found = 0;
  for (int parts = 1; parts <= std::min(layout.groups, kMostParts); ++parts) {
    const std::size_t shared = vector_shared(layout, parts, staged);
    if (shared > card.shared_memory) continue;
    if (found > 0 && layout.groups / parts < kLeastGroups) break;
    const double now = efficiency(layout, card, parts, shared);
    if (now > best * 1.02) {
      best = now;
      found = parts;
    }
    if (found > 0 && parts >= 64) break;
  }
  return found;
}

/// Staged needs two groups in a part, if the tile has two.
bool can_stage(const Layout& layout, int parts) {
  return parts > 0 && (layout.groups == 1 || layout.groups / parts >= 2);
}

/// Whether the pairs of a round keep every scheduler of the card busy with four lanes a pair.
bool fills_card(const Layout& layout, const gyro_context& card) {
  const double pairs = double(layout.tiles) * layout.groups / 2;
  return pairs >= kWidePairs * card.multiprocessors;
}

/// Cycles of a round of all blocks, four lanes a pair, with so many parts: in whole waves, beside
/// the blocks that move rows, as long as the schedulers issue or as a pair takes. Only ratios
/// matter.
double wide_cycles(const Layout& layout, const gyro_context& card, int parts) {
  const double blocks = layout.tiles * (parts + 1.0 / kMostTiles);
  const double waves = std::ceil(blocks / card.multiprocessors);
  const double warps = std::ceil(double(layout.groups) / parts / 2 / 8);
  const double turns = std::ceil(warps / (kWideThreads / 32));
  const double busy = warps / turns / kSchedulers;
  return waves * turns * (std::max(kPairLatency, kPairIssue * busy) + kRoundCycles);
}

/// The soonest parts; 0: none.
int wide_parts(const Layout& layout, const gyro_context& card) {
  int found = 0;
  double best = 0;
  for (int parts = 1; layout.groups / parts >= kLeastGroups && parts <= kMostParts; ++parts) {
    if (vector_shared(layout, parts, true) > card.shared_memory) continue;
    const double cycles = wide_cycles(layout, card, parts);
    if (found == 0 || cycles < best * 0.98) {
      found = parts;
      best = cycles;
    }
  }
  return found;
}

/// Rows whose columns fit in shared memory as codes; 0: none.
int sheet_rows(const Layout& layout, const gyro_context& card) {
  for (int rows = 32; rows >= 4; rows /= 2) {
    if (size(layout.stride) * size(rows) + kSheetReserve <= card.shared_memory) return rows;
  }
  return 0;
}

void plan_narrow(Layout& layout, const gyro_context& card, const Rounds& rounds) {
  int parts = rounds.parts > 0 ? rounds.parts : best_parts(layout, card, true);
  layout.vectors_staged = can_stage(layout, parts);
  if (!layout.vectors_staged) parts = best_parts(layout, card, false);
  layout.parts = parts;
  const int groups = parts > 0 ? layout.groups / parts : 0;
  const int dropped = parts > 0 ? layout.dropped_groups / parts : 0;
  const int pairs = std::max(groups / 2, std::min(groups, dropped));
  const int per_warp = layout.width == 32 ? 2 : 1;
  layout.vector_threads = std::clamp(32 * ((pairs + per_warp - 1) / per_warp), 256, kMostThreads);
}

Status plan_vectors(Layout& layout, const gyro_context& card, const Rounds& rounds) {
  const int dropped = layout.dropped < 4 ? std::min(layout.dropped, 1) : layout.dropped / 4;
  layout.vectors_staged = true;
  layout.wide = rounds.wide >= 0 ? rounds.wide > 0 : fills_card(layout, card);
  if (layout.wide && layout.whole()) {
    // As many meet a group as groups meet each other in a round, others in each sweep.
    layout.dropped_groups = std::min(dropped, (layout.groups + 1) / 2);
    layout.parts = rounds.parts > 0 ? rounds.parts : wide_parts(layout, card);
  }
  layout.sheet = sheet_rows(layout, card);
  layout.wide = layout.wide && layout.whole() && layout.parts > 0 && layout.sheet > 0;
  if (layout.wide) {
    layout.exchange_every = kWideExchangeEvery;
  } else {
    layout.dropped_groups = dropped;
    plan_narrow(layout, card, rounds);
  }
  if (!can_stage(layout, layout.parts)) {
    return fail(ErrorCode::Unsupported, "a tile of this shape is too large for this card");
  }
  layout.vector_shared = vector_shared(layout, layout.parts, layout.vectors_staged);
  if (rounds.vector_threads > 0) layout.vector_threads = rounds.vector_threads;
  layout.vector_rounds = rounds.vectors > 0
                             ? rounds.vectors
                             : std::clamp(static_cast<int>(0.5 * std::sqrt(layout.groups)), 8, 32);
  return {};
}

std::size_t row_shared(const Layout& layout, int tiles, bool staged) {
  const std::size_t rows = size(tiles) * size(layout.height);
  return (staged ? rows * (size(tiles) * 4 + 8) : rows * 4) + 2048 + 64;
}

void plan_rows(Layout& layout, const gyro_context& card, const Rounds& rounds) {
  int tiles = std::clamp(kClusterRows / layout.height, kLeastTiles, kMostTiles);
  if (rounds.cluster_tiles > 0) tiles = rounds.cluster_tiles;
  tiles = std::min({tiles, layout.tiles, kMostClusterTiles});
  const std::size_t most = card.shared_memory - 2048;
  const auto fits = [&] {
    return row_shared(layout, tiles, true) <= most && tiles * layout.height <= 2 * kMostThreads;
  };
  while (tiles > 2 && !fits()) --tiles;
  layout.rows_staged = fits();
  layout.clusters = (layout.tiles + tiles - 1) / tiles;
  layout.cluster_tiles = (layout.tiles + layout.clusters - 1) / layout.clusters;
  layout.row_shared = row_shared(layout, layout.cluster_tiles, layout.rows_staged);
  const int pairs = layout.cluster_tiles * layout.height / 2;
  layout.row_threads = std::clamp(round_up(pairs + 31, 32), 256, kMostThreads);
  layout.row_rounds = rounds.rows > 0 ? rounds.rows : layout.wide ? kWideRowRounds : kRowRounds;
  if (layout.tiles == 1 || layout.row_shared > most) layout.row_rounds = 0;
}

/// Blocks that start early find room only beside the kernel before them: where that one is large
/// they crowd on few multiprocessors, and stay there.
void plan_overlap(Layout& layout, const gyro_context& card) {
  if (layout.wide) return;
  const int most = card.multiprocessors;
  const auto few = [&](long long blocks, int threads) {
    return blocks * threads <= static_cast<long long>(most) * kWaitingThreads;
  };
  const int moving = layout.tiles * layout.parts;
  const int rating = layout.rating_blocks();
  const int placing = layout.placing_blocks();
  layout.early_vectors = placing <= most && few(moving, layout.vector_threads);
  layout.early_rating = moving <= most && few(rating, 256);
  layout.early_rows =
      (rating <= most || layout.clusters == 1) && few(layout.clusters, layout.row_threads);
  layout.early_placing = layout.clusters <= most && few(placing, 256);
}

Status check_shape(const gyro_shape& shape) {
  const bool right = shape.rows > 0 && shape.cols > 0 && shape.vector_size > 0 &&
                     shape.rows % shape.vector_size == 0 && shape.n >= 1 && shape.n < shape.m &&
                     shape.m <= 32 && shape.kept >= shape.m && shape.kept <= shape.cols &&
                     shape.kept % shape.m == 0;
  if (!right) return fail(ErrorCode::InvalidArgument, "the shape contradicts itself");
  if (shape.cols > kMostCols) {
    return fail(ErrorCode::Unsupported, "the layer has more than 65535 input channels", {},
                "Search it on the CPU.");
  }
  return {};
}

}  // namespace

double Layout::vector_pairs(int rounds) const {
  double pairs = 0;
  for (int part = 0; part < parts; ++part) {
    const int own = share(groups, part + 1, parts) - share(groups, part, parts);
    const int out = share(dropped_groups, part + 1, parts) - share(dropped_groups, part, parts);
    const int exchanges = own < 2 ? rounds : rounds / exchange_every;
    pairs += out > 0 ? double(exchanges) * std::min(own, out) : 0;
    const int swapped = own / 2;
    pairs += double(rounds - (out > 0 ? exchanges : 0)) * swapped;
  }
  return pairs * tiles;
}

double Layout::row_pairs() const {
  double pairs = 0;
  for (int cluster = 0; cluster < clusters; ++cluster) {
    const int own = share(tiles, cluster + 1, clusters) - share(tiles, cluster, clusters);
    const double all = double(own) * height;
    if (own > 1) pairs += std::floor(all / 2) * (all - height) / (all - 1);
  }
  return pairs * row_rounds;
}

Result<Layout> make_layout(const gyro_shape& shape, const gyro_context& context,
                           const Rounds& rounds) {
  GYRO_CHECK(check_shape(shape));
  Layout out;
  out.rows = shape.rows;
  out.cols = shape.cols;
  out.height = shape.vector_size;
  out.tiles = shape.rows / shape.vector_size;
  out.n = shape.n;
  out.m = shape.m;
  out.kept = shape.kept;
  out.groups = shape.kept / shape.m;
  out.dropped = shape.cols - shape.kept;
  out.width = out.height <= 32 ? 32 : round_up(out.height, 64);
  out.stride = round_up(out.cols, 16);
  out.slots = round_up(out.cols, 4);
  out.most_shared = context.shared_memory;
  GYRO_CHECK(plan_vectors(out, context, rounds));
  plan_rows(out, context, rounds);
  out.few_rounds = std::min(out.vector_rounds, rounds.few > 0 ? rounds.few : kFewRounds);
  if (!out.moves_rows()) out.few_rounds = out.vector_rounds;
  plan_overlap(out, context);
  return out;
}

}  // namespace gyro::cuda

#include "app/desktop/heatmap/pyramid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "app/desktop/heatmap/kernels.hpp"
#include "core/base/parallel.hpp"

namespace gyro::desktop {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr int kStrip = 6;      // log2 of the rows that one piece of work covers
constexpr int kSmallest = 32;  // levels end where a side has fewer blocks
constexpr int kBytesACell = 2;
constexpr std::uint16_t kHalfNan = 0x7FFF;

/// What is summed over cells, and what a block's sum means.
template <Aggregate kind>
struct Sums {
  static float term(float v) {
    if constexpr (kind == Aggregate::MeanAbsolute) return std::abs(v);
    if constexpr (kind == Aggregate::Rms) return v * v;
    return v;
  }
  static constexpr bool kAdds = kind != Aggregate::SignedMaximum;
  static constexpr bool kRoot = kind == Aggregate::Rms;
  static void pairs(const float* above, const float* below, std::size_t n, float* sums) {
    if constexpr (kind == Aggregate::MeanAbsolute) {
      kernels::pairsAbsolute(above, below, n, sums);
    } else if constexpr (kind == Aggregate::Rms) {
      kernels::pairsSquares(above, below, n, sums);
    } else {
      kernels::pairs(above, below, n, sums);
    }
  }
  static float combine(float a, float b) {
    if constexpr (kind == Aggregate::SignedMaximum) return std::abs(b) > std::abs(a) ? b : a;
    return a + b;
  }
  static float value(float sum, float count) {
    if constexpr (kind == Aggregate::SignedMaximum) return sum;
    if constexpr (kind == Aggregate::Rms) return std::sqrt(sum / count);
    return sum / count;
  }
};

/// Sums of a part of a level, and counts where some cells are NaN.
struct Part {
  int rows = 0;
  int columns = 0;
  std::vector<float> sums;
  std::vector<float> counts;

  void reset(int r, int c, bool counted) {
    rows = r;
    columns = c;
    sums.assign(at(r), 0);
    counts.assign(counted ? at(r) : 0, 0);
  }
  [[nodiscard]] std::size_t at(int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
  }
};

/// What one thread works in, used again for the next strip: parts by log2 of their blocks' columns,
/// and one on the way up.
struct Scratch {
  std::array<Part, 40> parts;
  std::array<bool, 40> there{};
  Part up;
  std::vector<float> above;
  std::vector<float> below;
  std::vector<float> values;

  Part& operator[](int x) { return parts[static_cast<std::size_t>(x)]; }
  bool& has(int x) { return there[static_cast<std::size_t>(x)]; }
};

int halved(int n) {
  return (n + 1) / 2;
}
int shifted(int n, int by) {
  return (n + (1 << by) - 1) >> by;
}

template <class S>
void addRow(const float* values, int count, float* sums, float* counts) {
  for (int i = 0; i < halved(count); ++i) {
    for (int k = 2 * i; k < std::min(count, 2 * i + 2); ++k) {
      if (values[k] != values[k]) continue;
      sums[i] = S::combine(sums[i], S::term(values[k]));
      if (counts != nullptr) counts[i] += 1;
    }
  }
}

template <class S>
void foldRow(const float* from, int columns, float* out) {
  const int pairs = columns / 2;
  if constexpr (S::kAdds) {
    kernels::pairs(from, nullptr, static_cast<std::size_t>(pairs), out);
  } else {
    for (int i = 0; i < pairs; ++i) out[i] = S::combine(from[2 * i], from[2 * i + 1]);
  }
  if (columns % 2 != 0) out[pairs] = from[columns - 1];
}

template <class S>
void foldColumns(const Part& from, Part& out) {
  const bool counted = !from.counts.empty();
  out.reset(from.rows, halved(from.columns), counted);
  for (int r = 0; r < from.rows; ++r) {
    foldRow<S>(from.sums.data() + from.at(r), from.columns, out.sums.data() + out.at(r));
    if (!counted) continue;
    foldRow<Sums<Aggregate::Mean>>(from.counts.data() + from.at(r), from.columns,
                                   out.counts.data() + out.at(r));
  }
}

template <class S>
void foldRows(const Part& from, Part& out) {
  const bool counted = !from.counts.empty();
  out.reset(halved(from.rows), from.columns, counted);
  const auto n = static_cast<std::size_t>(from.columns);
  for (int r = 0; r < from.rows; ++r) {
    const float* s = from.sums.data() + from.at(r);
    float* os = out.sums.data() + out.at(r / 2);
    if constexpr (S::kAdds) {
      kernels::add(s, n, 1, os);
    } else {
      for (std::size_t i = 0; i < n; ++i) os[i] = S::combine(os[i], s[i]);
    }
    if (counted)
      kernels::add(from.counts.data() + from.at(r), n, 1, out.counts.data() + out.at(r / 2));
  }
}

}  // namespace

void PyramidLevel::read(int row, int first, int last, float* out) const {
  if (const auto* values = direct(row)) {
    std::copy(values + first, values + last, out);
    return;
  }
  const std::uint16_t* from = halves_.get() + at(row);
  kernels::fromHalves(from + first, static_cast<std::size_t>(last - first), scale_, out);
  if (!nans_) return;
  for (int i = first; i < last; ++i) {
    if (from[i] == kHalfNan) out[i - first] = kNan;
  }
}

const float* PyramidLevel::direct(int row) const {
  return !floats_ ? nullptr : floats_.get() + at(row);
}

const std::uint16_t* PyramidLevel::directHalves(int row) const {
  return floats_ || nans_ ? nullptr : halves_.get() + at(row);
}

std::int64_t PyramidLevel::bytes() const {
  return static_cast<std::int64_t>(at(rows) * (floats_ ? sizeof(float) : sizeof(std::uint16_t)));
}

/// `factor` · value, or √(factor · value).
void PyramidLevel::write(int row, const float* values, float factor, bool root) {
  const auto n = static_cast<std::size_t>(columns);
  if (floats_) {
    float* out = floats_.get() + at(row);
    for (std::size_t i = 0; i < n; ++i) {
      out[i] = root ? std::sqrt(values[i] * factor) : values[i] * factor;
    }
    return;
  }
  const float scaled = root ? factor : factor / scale_;
  kernels::toHalves(values, n, scaled, root, 1 / scale_, halves_.get() + at(row));
}

/// Builds one pyramid: figures of all cells first, then strips of rows in parallel, then what
/// stands above a strip.
class PyramidBuilder {
 public:
  PyramidBuilder(Pyramid& pyramid, Progress& progress, int threads)
      : pyramid_(pyramid),
        source_(*pyramid.source_),
        progress_(progress),
        threads_(resolve_threads(threads)) {}

  Status build() {
    GYRO_CHECK(count());
    if (pyramid_.aggregate_ == Aggregate::Sample) return {};
    allocate();
    switch (pyramid_.aggregate_) {
      case Aggregate::MeanAbsolute:
        return reduce<Sums<Aggregate::MeanAbsolute>>();
      case Aggregate::SignedMaximum:
        return reduce<Sums<Aggregate::SignedMaximum>>();
      case Aggregate::Rms:
        return reduce<Sums<Aggregate::Rms>>();
      default:
        return reduce<Sums<Aggregate::Mean>>();
    }
  }

 private:
  using Key = std::pair<int, int>;

  [[nodiscard]] static tl::unexpected<Error> cancelled() {
    return fail(ErrorCode::Cancelled, "stopped", "picture");
  }

  /// Calls body(chunk, first row, last row) for as many chunks as keep all threads busy.
  template <class Body>
  bool inChunks(int chunks, const Body& body) {
    const int rows = source_.rows();
    parallel_for(chunks, threads_, [&](int chunk) {
      const auto edge = [&](int i) { return static_cast<int>(std::int64_t{rows} * i / chunks); };
      body(chunk, edge(chunk), edge(chunk + 1));
    });
    return !progress_.cancelled();
  }

  const float* rowOf(int row, std::vector<float>& buffer) const {
    if (const auto* values = source_.directRow(row)) return values;
    source_.readRow(row, 0, source_.columns(), buffer.data());
    return buffer.data();
  }

  /// As rowOf(), but pruned cells of a kept weight are NaN and no part of the figures.
  const float* shownRow(int row, std::vector<float>& buffer) const {
    if (source_.kind() != HeatmapKind::KeptWeight) return rowOf(row, buffer);
    source_.readExactRow(row, 0, source_.columns(), buffer.data());
    return buffer.data();
  }

  [[nodiscard]] std::vector<float> buffer() const {
    return std::vector<float>(static_cast<std::size_t>(source_.columns()));
  }

  Status count() {
    progress_.begin("counting values", source_.rows());
    if (source_.kind() == HeatmapKind::Mask || source_.kind() == HeatmapKind::TileId) {
      countCategories();
      return {};
    }
    std::vector<StatisticsCounter> counters(static_cast<std::size_t>(threads_ * 2));
    const bool finished = inChunks(threads_ * 2, [&](int chunk, int from, int to) {
      auto values = buffer();
      for (int r = from; r < to && progress_.advance(); ++r) {
        counters[static_cast<std::size_t>(chunk)].add(shownRow(r, values), source_.columns());
      }
    });
    if (!finished) return cancelled();
    for (std::size_t i = 1; i < counters.size(); ++i) counters[0].merge(counters[i]);
    auto statistics = std::make_shared<ValueStatistics>(counters[0].finish());
    if (source_.kind() == HeatmapKind::KeptWeight) {
      const auto cells = std::int64_t{source_.rows()} * source_.columns();
      statistics->nanCount -= cells - source_.layer().mask->count();
    }
    if (statistics->nanCount > 0) pyramid_.emptyPixel_ = emptyPixel();
    if (statistics->bins.size() < 200 && statistics->minimum < statistics->maximum) {
      refine(*statistics);
    }
    pyramid_.statistics_ = statistics;
    return progress_.cancelled() ? Status(cancelled()) : Status();
  }

  [[nodiscard]] float emptyPixel() const {
    if (source_.kind() != HeatmapKind::Matrix) return kNan;
    for (int r = 0; r < source_.rows(); ++r) {
      const float* row = source_.directRow(r);
      const float* end = row + source_.columns();
      const float* empty = std::find_if(row, end, [](float v) { return std::isnan(v); });
      if (empty != end) return isPrunedCell(*empty) ? prunedCell() : kNan;
    }
    return kNan;
  }

  void countCategories() {
    auto statistics = std::make_shared<ValueStatistics>();
    statistics->count = std::int64_t{source_.rows()} * source_.columns();
    const bool mask = source_.kind() == HeatmapKind::Mask;
    statistics->maximum = mask ? 1 : std::max(1, source_.layer().shape.tiles() - 1);
    if (mask) {
      statistics->mean = static_cast<double>(source_.layer().mask->count()) /
                         static_cast<double>(statistics->count);
    }
    pyramid_.statistics_ = statistics;
  }

  /// Values that stand close together, far from zero, in bins of equal width.
  void refine(ValueStatistics& statistics) {
    constexpr int kBins = 4096;
    const double low = statistics.minimum;
    const double width = (statistics.maximum - low) / kBins;
    std::vector<std::vector<std::int64_t>> counts(static_cast<std::size_t>(threads_),
                                                  std::vector<std::int64_t>(kBins, 0));
    inChunks(threads_, [&](int chunk, int from, int to) {
      auto values = buffer();
      auto& mine = counts[static_cast<std::size_t>(chunk)];
      for (int r = from; r < to && !progress_.cancelled(); ++r) {
        const float* row = shownRow(r, values);
        for (int c = 0; c < source_.columns(); ++c) {
          if (!std::isfinite(row[c])) continue;
          ++mine[static_cast<std::size_t>(std::clamp((row[c] - low) / width, 0.0, kBins - 1.0))];
        }
      }
    });
    statistics.bins.clear();
    for (std::size_t i = 0; i < kBins; ++i) {
      std::int64_t all = 0;
      for (const auto& part : counts) all += part[i];
      const double lower = low + static_cast<double>(i) * width;
      if (all > 0) {
        statistics.bins.push_back(
            {static_cast<float>(lower), static_cast<float>(lower + width), all});
      }
    }
  }

  void allocate() {
    const auto& statistics = *pyramid_.statistics_;
    const double largest = std::max(std::abs(statistics.minimum), std::abs(statistics.maximum));
    int exponent = 0;
    std::frexp(largest, &exponent);  // largest ≤ 2^exponent
    for (int y = 1; shifted(source_.rows(), y - 1) > kSmallest; ++y) {
      for (int x = std::max(1, y - 2); x <= y + 2; ++x) {
        if (shifted(source_.columns(), x - 1) > kSmallest)
          addLevel(y, x, std::clamp(exponent - 15, -120, 110));
      }
    }
    const auto own = std::int64_t{source_.rows()} * source_.columns();
    const auto room = std::int64_t{kBytesACell} * source_.rows() * source_.layer().shape.cols;
    if (source_.order() == HeatmapOrder::Packed && statistics.infinite == 0 &&
        pyramid_.bytes() + own * kBytesACell <= room) {
      addLevel(0, 0, std::clamp(exponent - 15, -120, 110));
    }
  }

  void addLevel(int y, int x, int exponent) {
    PyramidLevel level;
    level.y = y;
    level.x = x;
    level.rows = shifted(source_.rows(), y);
    level.columns = shifted(source_.columns(), x);
    level.nans_ = pyramid_.statistics_->nanCount > 0;
    level.scale_ = std::ldexp(1.F, exponent);
    const bool exact = source_.kind() == HeatmapKind::Matrix || pyramid_.statistics_->infinite > 0;
    const auto blocks = level.at(level.rows);
    if (exact) level.floats_ = std::make_unique_for_overwrite<float[]>(blocks);
    if (!exact) level.halves_ = std::make_unique_for_overwrite<std::uint16_t[]>(blocks);
    index_[{y, x}] = pyramid_.levels_.size();
    pyramid_.levels_.push_back(std::move(level));
  }

  [[nodiscard]] bool counted() const { return pyramid_.statistics_->nanCount > 0; }

  /// Row `row` of level 0, where that is kept.
  template <class S>
  void keepCells(int row, const float* values, std::vector<float>& terms) {
    const auto found = index_.find({0, 0});
    if (found == index_.end()) return;
    terms.resize(static_cast<std::size_t>(source_.columns()));
    for (std::size_t i = 0; i < terms.size(); ++i) terms[i] = S::value(S::term(values[i]), 1);
    pyramid_.levels_[found->second].write(row, terms.data(), 1, false);
  }

  /// The first part, blocks of 2×2, of rows from … to − 1.
  template <class S>
  void pairs(int from, int to, Scratch& scratch) {
    Part& out = scratch[1];
    const int columns = source_.columns();
    out.reset(halved(to - from), halved(columns), counted());
    scratch.above.resize(static_cast<std::size_t>(columns));
    scratch.below.resize(static_cast<std::size_t>(columns));
    for (int r = from; r < to; r += 2) {
      const auto place = out.at((r - from) / 2);
      const float* above = rowOf(r, scratch.above);
      const float* below = r + 1 < to ? rowOf(r + 1, scratch.below) : nullptr;
      keepCells<S>(r, above, scratch.values);
      if (below != nullptr) keepCells<S>(r + 1, below, scratch.values);
      float* sums = out.sums.data() + place;
      if (counted() || !S::kAdds) {
        float* counts = counted() ? out.counts.data() + place : nullptr;
        addRow<S>(above, columns, sums, counts);
        if (below != nullptr) addRow<S>(below, columns, sums, counts);
        continue;
      }
      S::pairs(above, below, static_cast<std::size_t>(columns / 2), sums);
      if (columns % 2 == 0) continue;
      const float last = below != nullptr ? S::term(below[columns - 1]) : 0.F;
      sums[columns / 2] = S::term(above[columns - 1]) + last;
    }
  }

  template <class S>
  void store(const Part& part, int y, int x, int firstRow, std::vector<float>& values) {
    const auto found = index_.find({y, x});
    if (found == index_.end()) return;
    auto& level = pyramid_.levels_[found->second];
    values.resize(static_cast<std::size_t>(part.columns));
    for (int r = 0; r < part.rows; ++r) {
      const float* sums = part.sums.data() + part.at(r);
      const auto rows = std::min(1 << y, source_.rows() - ((firstRow + r) << y));
      const float cells = static_cast<float>(rows) * std::ldexp(1.F, x);
      if (!S::kAdds && part.counts.empty()) {
        level.write(firstRow + r, sums, 1, false);
        continue;
      }
      // Means of whole blocks; the last column's block may be narrower, and NaN are left out.
      const int wide = source_.columns() - ((part.columns - 1) << x);
      if (part.counts.empty() && wide == 1 << x) {
        level.write(firstRow + r, sums, 1 / cells, S::kRoot);
        continue;
      }
      const float* counts = part.counts.empty() ? nullptr : part.counts.data() + part.at(r);
      for (int i = 0; i < part.columns; ++i) {
        const int across = i + 1 == part.columns ? wide : 1 << x;
        const float count = counts != nullptr ? counts[i] : static_cast<float>(rows * across);
        values[static_cast<std::size_t>(i)] = count > 0 ? S::value(sums[i], count) : kNan;
      }
      level.write(firstRow + r, values.data(), 1, false);
    }
  }

  /// From the narrowest part of row level y: stores all of that level, then the narrowest part of
  /// the level above, up to level `top`. Leaves the parts of the top level.
  template <class S>
  void climb(Scratch& parts, int y, int top, int firstRow) {
    for (;; ++y) {
      for (int x = std::max(1, y - 2); x <= y + 2; ++x) {
        if (!parts.has(x)) foldColumns<S>(parts[x - 1], parts[x]);
        parts.has(x) = true;
        store<S>(parts[x], y, x, firstRow, parts.values);
      }
      if (y >= top) return;
      const int narrowest = std::max(1, y - 1);
      foldRows<S>(parts[narrowest], parts.up);
      std::swap(parts[narrowest], parts.up);
      parts.there.fill(false);
      parts.has(narrowest) = true;
      firstRow /= 2;
    }
  }

  template <class S>
  Status reduce() {
    int top = 0;
    for (const auto& level : pyramid_.levels_) top = std::max(top, level.y);
    if (top == 0) return {};
    const int rows = source_.rows();
    const int below = std::min(top, kStrip);
    const int strips = shifted(rows, below);
    progress_.begin("building the picture", strips);
    const int narrowest = std::max(1, below - 1);
    std::vector<Part> ends(static_cast<std::size_t>(strips));
    parallel_for(strips, threads_, [&](int strip) {
      if (progress_.cancelled()) return;
      const int from = strip << below;
      auto scratch = borrow();
      scratch->there.fill(false);
      pairs<S>(from, std::min(rows, from + (1 << below)), *scratch);
      scratch->has(1) = true;
      climb<S>(*scratch, 1, below, from / 2);
      if (top > below) ends[static_cast<std::size_t>(strip)] = (*scratch)[narrowest];
      giveBack(std::move(scratch));
      progress_.advance();
    });
    if (progress_.cancelled()) return cancelled();
    if (top > below) above<S>(ends, narrowest, below, top);
    return {};
  }

  template <class S>
  void above(const std::vector<Part>& ends, int narrowest, int below, int top) {
    Part all;
    all.reset(static_cast<int>(ends.size()), ends.front().columns, counted());
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const auto place = static_cast<std::ptrdiff_t>(all.at(static_cast<int>(i)));
      std::copy(ends[i].sums.begin(), ends[i].sums.end(), all.sums.begin() + place);
      std::copy(ends[i].counts.begin(), ends[i].counts.end(), all.counts.begin() + place);
    }
    const auto parts = borrow();
    parts->there.fill(false);
    foldRows<S>(all, (*parts)[narrowest]);
    parts->has(narrowest) = true;
    climb<S>(*parts, below + 1, top, 0);
  }

  std::unique_ptr<Scratch> borrow() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Scratch>();
    auto scratch = std::move(idle_.back());
    idle_.pop_back();
    return scratch;
  }

  void giveBack(std::unique_ptr<Scratch> scratch) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(scratch));
  }

  Pyramid& pyramid_;
  const HeatmapSource& source_;
  Progress& progress_;
  int threads_;
  std::map<Key, std::size_t> index_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> idle_;
};

Result<Pyramid::Pointer> Pyramid::build(const HeatmapSource::Pointer& source, Aggregate aggregate,
                                        Progress& progress, int threads) {
  const auto pyramid = std::make_shared<Pyramid>();
  pyramid->source_ = source;
  pyramid->aggregate_ = aggregate;
  GYRO_CHECK(PyramidBuilder(*pyramid, progress, threads).build());
  return Pointer(pyramid);
}

std::int64_t Pyramid::bytes() const {
  std::int64_t all = 0;
  for (const auto& level : levels_) all += level.bytes();
  return all;
}

const PyramidLevel* Pyramid::cells() const {
  const auto found = std::find_if(levels_.begin(), levels_.end(), [](const PyramidLevel& level) {
    return level.y == 0 && level.x == 0;
  });
  return found == levels_.end() ? nullptr : &*found;
}

const PyramidLevel* Pyramid::levelFor(double cellsY, double cellsX) const {
  if (cellsY > 4 && cellsX >= 1) cellsX = std::max(cellsX, 2.0);
  if (cellsX > 4 && cellsY >= 1) cellsY = std::max(cellsY, 2.0);
  const PyramidLevel* best = nullptr;
  for (const auto& level : levels_) {
    if ((1 << level.y) > cellsY || (1 << level.x) > cellsX) continue;
    if (best == nullptr || level.y + level.x > best->y + best->x) best = &level;
  }
  return best;
}

}  // namespace gyro::desktop

#include "app/desktop/heatmap/pyramid.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include "app/desktop/heatmap/kernels.hpp"
#include "core/base/parallel.hpp"

namespace gyro::desktop {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr int kStrip = 6;      // log2 of the rows that one piece of work covers
constexpr int kSmallest = 32;  // levels end where a side has fewer blocks
constexpr std::uint16_t kHalfNan = 0x7FFF;

/// binary16 of |value| < 2¹⁶, rounded to nearest even, by moving the float's exponent.
std::uint16_t toHalf(float value) {
  if (value != value) return kHalfNan;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto small =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(bits & 0x7FFFFFFFU) * 0x1p-112F);
  const std::uint32_t rounded = (small + 0x0FFFU + ((small >> 13) & 1U)) >> 13;
  return static_cast<std::uint16_t>(rounded | ((bits >> 16) & 0x8000U));
}

/// What is summed over cells, and what a block's sum means.
template <Aggregate kind>
struct Sums {
  static float term(float v) {
    if constexpr (kind == Aggregate::MeanAbsolute) return std::abs(v);
    if constexpr (kind == Aggregate::Rms) return v * v;
    return v;
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

/// Sums and counts of a part of a level.
struct Part {
  int rows = 0;
  int columns = 0;
  std::vector<float> sums;
  std::vector<float> counts;

  Part() = default;
  Part(int r, int c)
      : rows(r),
        columns(c),
        sums(static_cast<std::size_t>(r) * static_cast<std::size_t>(c), 0),
        counts(sums.size(), 0) {}
  [[nodiscard]] std::size_t at(int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
  }
};

int halved(int n) {
  return (n + 1) / 2;
}
int shifted(int n, int by) {
  return (n + (1 << by) - 1) >> by;
}

template <class S>
void addRow(const float* values, int count, float* sums, float* counts) {
  const int pairs = count / 2;
  for (int i = 0; i < pairs; ++i) {
    const float a = values[2 * i];
    const float b = values[2 * i + 1];
    const float ta = a == a ? S::term(a) : 0.F;
    const float tb = b == b ? S::term(b) : 0.F;
    sums[i] = S::combine(sums[i], S::combine(ta, tb));
    counts[i] += (a == a ? 1.F : 0.F) + (b == b ? 1.F : 0.F);
  }
  if (count % 2 != 0 && values[count - 1] == values[count - 1]) {
    sums[pairs] = S::combine(sums[pairs], S::term(values[count - 1]));
    counts[pairs] += 1;
  }
}

/// A mask's row by popcount of neighbouring bits, 32 pairs a word at once.
void addMaskRow(std::span<const std::uint64_t> words, int count, float* sums, float* counts) {
  const int pairs = halved(count);
  for (int i = 0; i < pairs;) {
    const std::uint64_t word = words[static_cast<std::size_t>(i / 32)];
    const std::uint64_t ones = word - ((word >> 1) & 0x5555555555555555U);
    for (int k = 0; k < 32 && i < pairs; ++k, ++i) {
      sums[i] += static_cast<float>((ones >> (2 * k)) & 3U);
      counts[i] += 2;
    }
  }
  if (count % 2 != 0) counts[pairs - 1] -= 1;
}

template <class S>
Part foldColumns(const Part& from) {
  Part out(from.rows, halved(from.columns));
  for (int r = 0; r < from.rows; ++r) {
    const float* s = from.sums.data() + from.at(r);
    const float* n = from.counts.data() + from.at(r);
    float* os = out.sums.data() + out.at(r);
    float* on = out.counts.data() + out.at(r);
    const int pairs = from.columns / 2;
    for (int i = 0; i < pairs; ++i) {
      os[i] = S::combine(s[2 * i], s[2 * i + 1]);
      on[i] = n[2 * i] + n[2 * i + 1];
    }
    if (from.columns % 2 != 0) {
      os[pairs] = s[2 * pairs];
      on[pairs] = n[2 * pairs];
    }
  }
  return out;
}

template <class S>
Part foldRows(const Part& from) {
  Part out(halved(from.rows), from.columns);
  for (int r = 0; r < from.rows; ++r) {
    const float* s = from.sums.data() + from.at(r);
    const float* n = from.counts.data() + from.at(r);
    float* os = out.sums.data() + out.at(r / 2);
    float* on = out.counts.data() + out.at(r / 2);
    for (int i = 0; i < from.columns; ++i) {
      os[i] = S::combine(os[i], s[i]);
      on[i] += n[i];
    }
  }
  return out;
}

}  // namespace

void PyramidLevel::read(int row, int first, int last, float* out) const {
  if (const auto* values = direct(row)) {
    std::copy(values + first, values + last, out);
    return;
  }
  const std::uint16_t* from = halves_.data() + at(row);
  kernels::fromHalves(from + first, static_cast<std::size_t>(last - first), scale_, out);
  if (!nans_) return;
  for (int i = first; i < last; ++i) {
    if (from[i] == kHalfNan) out[i - first] = kNan;
  }
}

const float* PyramidLevel::direct(int row) const {
  return floats_.empty() ? nullptr : floats_.data() + at(row);
}

std::int64_t PyramidLevel::bytes() const {
  return static_cast<std::int64_t>(floats_.size() * sizeof(float) +
                                   halves_.size() * sizeof(std::uint16_t));
}

void PyramidLevel::write(int row, const float* values) {
  if (!floats_.empty()) {
    std::copy(values, values + columns, floats_.data() + at(row));
    return;
  }
  const float factor = 1 / scale_;
  std::uint16_t* out = halves_.data() + at(row);
  for (int i = 0; i < columns; ++i)
    out[i] = toHalf(std::clamp(values[i] * factor, -65504.F, 65504.F));
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
    if (statistics->bins.size() < 200 && statistics->minimum < statistics->maximum) {
      refine(*statistics);
    }
    pyramid_.statistics_ = statistics;
    return progress_.cancelled() ? Status(cancelled()) : Status();
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
    if (exact) level.floats_.resize(level.at(level.rows));
    if (!exact) level.halves_.resize(level.at(level.rows));
    index_[{y, x}] = pyramid_.levels_.size();
    pyramid_.levels_.push_back(std::move(level));
  }

  template <class S>
  Part pairs(int from, int to) const {
    Part out(halved(to - from), halved(source_.columns()));
    std::vector<float> values = buffer();
    const bool bits =
        source_.kind() == HeatmapKind::Mask && source_.order() != HeatmapOrder::Packed;
    for (int r = from; r < to; ++r) {
      const auto place = out.at((r - from) / 2);
      if (bits) {
        addMaskRow(source_.layer().mask->words_of(source_.originalRow(r)), source_.columns(),
                   out.sums.data() + place, out.counts.data() + place);
      } else {
        addRow<S>(rowOf(r, values), source_.columns(), out.sums.data() + place,
                  out.counts.data() + place);
      }
    }
    return out;
  }

  template <class S>
  void store(const Part& part, int y, int x, int firstRow) {
    const auto found = index_.find({y, x});
    if (found == index_.end()) return;
    auto& level = pyramid_.levels_[found->second];
    std::vector<float> values(static_cast<std::size_t>(part.columns));
    for (int r = 0; r < part.rows; ++r) {
      const float* sums = part.sums.data() + part.at(r);
      const float* counts = part.counts.data() + part.at(r);
      for (int i = 0; i < part.columns; ++i) {
        values[static_cast<std::size_t>(i)] = counts[i] > 0 ? S::value(sums[i], counts[i]) : kNan;
      }
      level.write(firstRow + r, values.data());
    }
  }

  /// From the narrowest part of row level y: stores all of that level, then the narrowest part of
  /// the level above, up to level `top`. Returns the parts of the top level.
  template <class S>
  std::map<int, Part> climb(std::map<int, Part> parts, int y, int top, int firstRow) {
    for (;; ++y) {
      for (int x = std::max(1, y - 2); x <= y + 2; ++x) {
        if (!parts.contains(x)) parts[x] = foldColumns<S>(parts.at(x - 1));
        store<S>(parts.at(x), y, x, firstRow);
      }
      if (y >= top) return parts;
      const int narrowest = std::max(1, y - 1);
      std::map<int, Part> above;
      above[narrowest] = foldRows<S>(parts.at(narrowest));
      parts = std::move(above);
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
      std::map<int, Part> parts;
      parts[1] = pairs<S>(from, std::min(rows, from + (1 << below)));
      parts = climb<S>(std::move(parts), 1, below, from / 2);
      if (top > below) ends[static_cast<std::size_t>(strip)] = std::move(parts.at(narrowest));
      progress_.advance();
    });
    if (progress_.cancelled()) return cancelled();
    if (top > below) above<S>(ends, narrowest, below, top);
    return {};
  }

  template <class S>
  void above(const std::vector<Part>& ends, int narrowest, int below, int top) {
    Part all(static_cast<int>(ends.size()), ends.front().columns);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const auto place = static_cast<std::ptrdiff_t>(all.at(static_cast<int>(i)));
      std::copy(ends[i].sums.begin(), ends[i].sums.end(), all.sums.begin() + place);
      std::copy(ends[i].counts.begin(), ends[i].counts.end(), all.counts.begin() + place);
    }
    std::map<int, Part> parts;
    parts[narrowest] = foldRows<S>(all);
    climb<S>(std::move(parts), below + 1, top, 0);
  }

  Pyramid& pyramid_;
  const HeatmapSource& source_;
  Progress& progress_;
  int threads_;
  std::map<Key, std::size_t> index_;
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

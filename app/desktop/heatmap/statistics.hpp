#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace gyro::desktop {

/// Figures and a histogram of every cell of a heatmap, or `sampled`. NaN and infinite cells are
/// counted apart. The histogram's bins are narrow relative to the value: 2⁻⁷ of it, or 1/4096 of
/// the span where values stand close together.
class ValueStatistics {
 public:
  struct Bin {
    float lower;
    float upper;
    std::int64_t count;
  };

  bool sampled = false;       ///< of some cells, until all are counted
  std::int64_t count = 0;     ///< finite cells
  std::int64_t nanCount = 0;  ///< NaN cells
  std::int64_t infinite = 0;  ///< ±∞ cells
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double deviation = 0;         ///< standard deviation (population)
  double smallestPositive = 0;  ///< least |v| > 0; 0 if there is none. Where a log scale can start
  std::vector<Bin> bins;        ///< ascending, without empty bins

  /// The value below which `percent` % of the cells lie, to a bin's width. 0 … 100.
  [[nodiscard]] double percentile(double percent) const;
  /// The same figures of |v|.
  [[nodiscard]] ValueStatistics absolute() const;
  /// Figures of both together, for a colour range that two views share.
  [[nodiscard]] static ValueStatistics merged(const ValueStatistics& a, const ValueStatistics& b);
  /// Cells in each of `edges.size() − 1` intervals; a bin that straddles an edge is divided.
  [[nodiscard]] std::vector<double> histogram(std::span<const double> edges) const;
};

using SharedStatistics = std::shared_ptr<const ValueStatistics>;

/// Counts one thread's share; merge, then finish.
class StatisticsCounter {
 public:
  StatisticsCounter();
  void add(const float* values, int count);
  void merge(const StatisticsCounter& other);
  [[nodiscard]] ValueStatistics finish() const;

 private:
  std::vector<std::uint32_t> keys_;  ///< [4 × 2¹⁶] by the float's upper 16 bits
  std::int64_t count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
  float minimum_;
  float maximum_;
  float smallest_;
};

}  // namespace gyro::desktop

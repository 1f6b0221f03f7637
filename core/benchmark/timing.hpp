#pragma once

#include <string>
#include <vector>

namespace gyro {

/// One run of a kernel and the clock of the multiprocessors just before it.
struct ClockedSample {
  double us = 0;
  double mhz = 0;  ///< 0: not known
};

/// Microseconds over the samples that count; none: it was not timed, and `note` says why.
struct Timing {
  double median_us = 0;
  double p5_us = 0;
  double p95_us = 0;
  int samples = 0;
  int discarded = 0;  ///< samples below kLeastClock of the normal clock
  std::string note;

  [[nodiscard]] bool timed() const { return samples > 0; }
  bool operator==(const Timing&) const = default;
};

/// A sample at less than this share of the normal clock does not count.
constexpr double kLeastClock = 0.75;

/// The clock that is normal for a set of samples: the median of those known, 0 without any.
[[nodiscard]] double normal_clock(const std::vector<ClockedSample>& samples);

/// Median and nearest-rank percentiles of the samples that ran at `normal_mhz` or near it.
[[nodiscard]] Timing summarize(const std::vector<ClockedSample>& samples, double normal_mhz);

}  // namespace gyro

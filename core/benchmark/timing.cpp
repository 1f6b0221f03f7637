#include "core/benchmark/timing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gyro {
namespace {

/// Nearest rank in ascending values, which are not empty.
double percentile(const std::vector<double>& values, double share) {
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

double median(const std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

double normal_clock(const std::vector<ClockedSample>& samples) {
  std::vector<double> clocks;
  for (const auto& sample : samples) {
    if (sample.mhz > 0) clocks.push_back(sample.mhz);
  }
  if (clocks.empty()) return 0;
  std::sort(clocks.begin(), clocks.end());
  return median(clocks);
}

Timing summarize(const std::vector<ClockedSample>& samples, double normal_mhz) {
  Timing out;
  std::vector<double> times;
  for (const auto& sample : samples) {
    const bool slow = sample.mhz > 0 && sample.mhz < kLeastClock * normal_mhz;
    if (slow) {
      ++out.discarded;
    } else {
      times.push_back(sample.us);
    }
  }
  out.samples = static_cast<int>(times.size());
  if (times.empty()) {
    out.note = samples.empty() ? "no sample was taken" : "the clock was too low in every sample";
    return out;
  }
  std::sort(times.begin(), times.end());
  out.median_us = median(times);
  out.p5_us = percentile(times, 0.05);
  out.p95_us = percentile(times, 0.95);
  return out;
}

}  // namespace gyro

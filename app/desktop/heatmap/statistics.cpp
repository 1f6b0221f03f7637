#include "app/desktop/heatmap/statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "app/desktop/heatmap/kernels.hpp"

namespace gyro::desktop {
namespace {

constexpr int kKeys = 1 << 16;

/// The floats whose upper 16 bits are `key`, as an interval of values.
std::pair<float, float> interval(int key) {
  const auto bits = static_cast<std::uint32_t>(key) << 16;
  const float near = std::bit_cast<float>(bits);
  const float far = std::bit_cast<float>(bits + 0xFFFFU);
  return near < far ? std::pair(near, far) : std::pair(far, near);
}

/// Splits one bin's count by how much of it lies in from … to.
double share(const ValueStatistics::Bin& bin, double from, double to) {
  const double width = double{bin.upper} - bin.lower;
  if (width <= 0) return bin.lower >= from && bin.lower < to ? 1 : 0;
  return std::max(0.0, std::min<double>(bin.upper, to) - std::max<double>(bin.lower, from)) / width;
}

}  // namespace

double ValueStatistics::percentile(double percent) const {
  if (count == 0) return 0;
  const double wanted = percent / 100 * static_cast<double>(count);
  double below = 0;
  for (const auto& bin : bins) {
    const auto inside = static_cast<double>(bin.count);
    if (below + inside >= wanted) {
      const double part = inside > 0 ? (wanted - below) / inside : 0;
      const double value = bin.lower + part * (double{bin.upper} - bin.lower);
      return std::clamp(value, minimum, maximum);
    }
    below += inside;
  }
  return maximum;
}

ValueStatistics ValueStatistics::absolute() const {
  if (minimum >= 0) return *this;
  ValueStatistics out = *this;
  out.maximum = std::max(-minimum, maximum);
  out.minimum = maximum <= 0 ? -maximum : smallestPositive;
  out.bins.clear();
  double sum = 0;
  for (const auto& bin : bins) {
    const bool straddles = bin.lower < 0 && bin.upper > 0;
    const float a = std::abs(bin.lower);
    const float b = std::abs(bin.upper);
    if (straddles) out.minimum = 0;
    out.bins.push_back({straddles ? 0 : std::min(a, b), std::max(a, b), bin.count});
    sum += (double{out.bins.back().lower} + out.bins.back().upper) / 2 *
           static_cast<double>(bin.count);
    if (bin.lower <= 0 && bin.upper >= 0) out.minimum = 0;
  }
  std::sort(out.bins.begin(), out.bins.end(),
            [](const Bin& x, const Bin& y) { return x.lower < y.lower; });
  out.mean = count > 0 ? sum / static_cast<double>(count) : 0;
  out.deviation =
      std::sqrt(std::max(0.0, deviation * deviation + mean * mean - out.mean * out.mean));
  return out;
}

ValueStatistics ValueStatistics::merged(const ValueStatistics& a, const ValueStatistics& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  ValueStatistics out = a;
  out.sampled = a.sampled || b.sampled;
  out.count += b.count;
  out.nanCount += b.nanCount;
  out.infinite += b.infinite;
  out.minimum = std::min(a.minimum, b.minimum);
  out.maximum = std::max(a.maximum, b.maximum);
  const double partA = static_cast<double>(a.count) / static_cast<double>(out.count);
  const double partB = 1 - partA;
  out.mean = partA * a.mean + partB * b.mean;
  const double squares = partA * (a.deviation * a.deviation + a.mean * a.mean) +
                         partB * (b.deviation * b.deviation + b.mean * b.mean);
  out.deviation = std::sqrt(std::max(0.0, squares - out.mean * out.mean));
  if (b.smallestPositive > 0 &&
      (a.smallestPositive <= 0 || b.smallestPositive < a.smallestPositive)) {
    out.smallestPositive = b.smallestPositive;
  }
  out.bins.insert(out.bins.end(), b.bins.begin(), b.bins.end());
  std::sort(out.bins.begin(), out.bins.end(),
            [](const Bin& x, const Bin& y) { return x.lower < y.lower; });
  return out;
}

std::vector<double> ValueStatistics::histogram(std::span<const double> edges) const {
  if (edges.size() < 2) return {};
  std::vector<double> out(edges.size() - 1, 0);
  for (const auto& bin : bins) {
    auto i = static_cast<std::size_t>(std::max<std::ptrdiff_t>(
        0, std::upper_bound(edges.begin(), edges.end(), double{bin.lower}) - edges.begin() - 1));
    for (; i < out.size() && edges[i] <= bin.upper; ++i) {
      out[i] += share(bin, edges[i], edges[i + 1]) * static_cast<double>(bin.count);
    }
  }
  return out;
}

StatisticsCounter::StatisticsCounter()
    : keys_(std::size_t{4} * kKeys, 0),
      minimum_(std::numeric_limits<float>::infinity()),
      maximum_(-std::numeric_limits<float>::infinity()),
      smallest_(std::numeric_limits<float>::infinity()) {}

/// Four tables, so that equal neighbours do not wait for each other's count.
void StatisticsCounter::add(const float* values, int count) {
  kernels::Figures figures{sum_, squares_, minimum_, maximum_, smallest_};
  kernels::figures(values, static_cast<std::size_t>(count), figures);
  sum_ = figures.sum;
  squares_ = figures.squares;
  minimum_ = figures.low;
  maximum_ = figures.high;
  smallest_ = figures.smallest;
  count_ += count;
  const auto key = [&](int i) { return std::bit_cast<std::uint32_t>(values[i]) >> 16; };
  std::uint32_t* keys = keys_.data();
  int i = 0;
  for (; i + 4 <= count; i += 4) {
    ++keys[key(i)];
    ++keys[kKeys + key(i + 1)];
    ++keys[2 * kKeys + key(i + 2)];
    ++keys[3 * kKeys + key(i + 3)];
  }
  for (; i < count; ++i) ++keys[key(i)];
}

void StatisticsCounter::merge(const StatisticsCounter& other) {
  for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] += other.keys_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  squares_ += other.squares_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
  smallest_ = std::min(smallest_, other.smallest_);
}

ValueStatistics StatisticsCounter::finish() const {
  ValueStatistics out;
  for (int key = 0; key < kKeys; ++key) {
    std::int64_t count = 0;
    for (std::size_t k = 0; k < 4; ++k) count += keys_[k * kKeys + static_cast<std::size_t>(key)];
    if (count == 0) continue;
    const int magnitude = key & 0x7FFF;
    if (magnitude >= 0x7F80) {
      (magnitude == 0x7F80 ? out.infinite : out.nanCount) += count;
      continue;
    }
    auto [lower, upper] = interval(key);
    lower = std::max(lower, minimum_);
    upper = std::max(lower, std::min(upper, maximum_));
    out.bins.push_back({lower, upper, count});
  }
  out.count = count_ - out.nanCount - out.infinite;
  if (out.count == 0) return out;
  std::sort(out.bins.begin(), out.bins.end(),
            [](const auto& x, const auto& y) { return x.lower < y.lower; });
  const auto n = static_cast<double>(out.count);
  out.minimum = minimum_;
  out.maximum = maximum_;
  out.mean = sum_ / n;
  out.deviation = std::sqrt(std::max(0.0, squares_ / n - out.mean * out.mean));
  out.smallestPositive = std::isfinite(smallest_) ? smallest_ : 0;
  return out;
}

}  // namespace gyro::desktop

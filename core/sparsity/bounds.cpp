#include "core/sparsity/bounds.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include "core/base/parallel.hpp"

namespace gyro {
namespace {

/// Sum of the `count` largest values, in double, largest first; reorders the values.
double sum_of_largest(std::vector<float>& values, std::size_t count) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(values.begin(), middle, values.end(), std::greater<>());
  std::sort(values.begin(), middle, std::greater<>());
  return std::accumulate(values.begin(), middle, 0.0);
}

double sum_of(const float* first, std::int64_t count) {
  return std::accumulate(first, first + count, 0.0);
}

/// The bits of a float that is not negative grow with it.
std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value) & 0x7fffffffU;  // −0 is 0
}

constexpr std::size_t kDigit = 1 << 16;  // half of the bits at a time

/// Finds the count-th largest value by its digits: how often each occurs says where it lies.
class Selection {
 public:
  Selection(MatrixView saliency, Eigen::Index rows_at_once, const std::function<bool()>& stop)
      : saliency_(saliency), rows_at_once_(rows_at_once), stop_(stop) {}

  /// Σ of the `count` largest, added up in storage order; of no use when stopped.
  double sum_of_largest(std::uint64_t count) {
    std::uint64_t left = count;
    const std::uint32_t high = digit([](std::uint32_t) { return true; }, 16, left);
    const auto among = [high](std::uint32_t bits) { return bits >> 16 == high; };
    const std::uint32_t least = high << 16 | digit(among, 0, left);
    double sum = 0;
    each([&](float value) { sum += bits_of(value) > least ? double{value} : 0.0; });
    return sum + static_cast<double>(left) * std::bit_cast<float>(least);
  }

 private:
  template <class Use>
  void each(Use use) const {
    for (Eigen::Index row = 0; row < saliency_.rows(); row += rows_at_once_) {
      if (stop_ && stop_()) return;
      const auto rows = std::min(rows_at_once_, saliency_.rows() - row);
      const float* first = saliency_.data() + row * saliency_.cols();
      std::for_each(first, first + rows * saliency_.cols(), use);
    }
  }

  /// The digit from bit `shift` on of the left-th largest among some; `left` becomes its place
  /// among those with the same digit.
  template <class Among>
  std::uint32_t digit(Among among, int shift, std::uint64_t& left) const {
    std::vector<std::uint64_t> counts(kDigit);
    each([&](float value) {
      const std::uint32_t bits = bits_of(value);
      counts[(bits >> shift) % kDigit] += among(bits) ? 1 : 0;
    });
    std::size_t at = kDigit - 1;
    for (; at > 0 && counts[at] < left; --at) left -= counts[at];
    return static_cast<std::uint32_t>(at);
  }

  MatrixView saliency_;
  Eigen::Index rows_at_once_;
  const std::function<bool()>& stop_;
};

}  // namespace

double unstructured_bound(MatrixView saliency, const HinmShape& shape,
                          const std::function<bool()>& stop) {
  const double total = sum_of(saliency.data(), saliency.size());
  if (total <= 0) return 1;
  const auto count =
      static_cast<std::uint64_t>(shape.rows) * static_cast<std::uint64_t>(shape.kept_per_row());
  return Selection(saliency, shape.vector_size, stop).sum_of_largest(count) / total;
}

double row_bound(MatrixView saliency, const HinmShape& shape, int threads,
                 const std::function<bool()>& stop) {
  std::vector<double> totals(static_cast<std::size_t>(shape.rows));
  std::vector<double> best(totals.size());
  parallel_for(shape.tiles(), threads, [&](int tile) {
    if (stop && stop()) return;
    std::vector<float> values;
    for (int i = 0; i < shape.vector_size; ++i) {
      const int row = tile * shape.vector_size + i;
      const float* first = saliency.data() + std::int64_t{row} * shape.cols;
      values.assign(first, first + shape.cols);
      totals[static_cast<std::size_t>(row)] = sum_of(first, shape.cols);
      best[static_cast<std::size_t>(row)] =
          sum_of_largest(values, static_cast<std::size_t>(shape.kept_per_row()));
    }
  });
  const double total = std::accumulate(totals.begin(), totals.end(), 0.0);
  return total > 0 ? std::accumulate(best.begin(), best.end(), 0.0) / total : 1;
}

}  // namespace gyro

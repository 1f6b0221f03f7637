#include "core/sparsity/bounds.hpp"

#include <algorithm>
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

}  // namespace

double unstructured_bound(MatrixView saliency, const HinmShape& shape) {
  const double total = sum_of(saliency.data(), saliency.size());
  if (total <= 0) return 1;
  std::vector<float> values(saliency.data(), saliency.data() + saliency.size());
  const auto count =
      static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(shape.kept_per_row());
  return sum_of_largest(values, count) / total;
}

double row_bound(MatrixView saliency, const HinmShape& shape, int threads) {
  std::vector<double> totals(static_cast<std::size_t>(shape.rows));
  std::vector<double> best(totals.size());
  parallel_for(shape.tiles(), threads, [&](int tile) {
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

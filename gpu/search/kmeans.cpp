#include "gpu/search/kmeans.hpp"

#include <algorithm>
#include <numeric>

#include "core/assignment/transport.hpp"
#include "gpu/ops/blas.hpp"
#include "gpu/ops/screen.hpp"
#include "gpu/search/kmeans_kernels.hpp"
#include "gpu/search/transfer.hpp"

namespace gyro::cuda {
namespace {

std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

}  // namespace

std::size_t RowClusters::bytes(int cols, int rows, int clusters) {
  return (size(rows) + size(clusters)) * size(cols) * sizeof(float) +
         size(rows) * size(clusters) * sizeof(float) + size(rows + cols + clusters) * 16;
}

Result<RowClusters> RowClusters::make(const float* values, float largest, int cols, int most_rows,
                                      int clusters) {
  RowClusters out;
  out.factor_ = moderate_factor(largest);
  out.values_ = values;
  out.cols_ = cols;
  out.clusters_ = clusters;
  GYRO_TRY(out.rows_, DeviceArray<std::int32_t>::make(size(most_rows)));
  GYRO_TRY(out.points_, DeviceArray<float>::make(size(most_rows) * size(cols)));
  GYRO_TRY(out.centres_, DeviceArray<float>::make(size(clusters) * size(cols)));
  GYRO_TRY(out.products_, DeviceArray<float>::make(size(most_rows) * size(clusters)));
  GYRO_TRY(out.norms_, DeviceArray<double>::make(size(most_rows)));
  GYRO_TRY(out.spread_, DeviceArray<double>::make(size(clusters)));
  GYRO_TRY(out.variance_, DeviceArray<double>::make(size(cols)));
  return out;
}

Result<std::vector<std::int32_t>> RowClusters::find(gyro_context& context,
                                                    std::span<const std::int32_t> rows,
                                                    RandomStream& random, const Options& options) {
  count_ = static_cast<int>(rows.size());
  prices_.clear();
  GYRO_CHECK(load(context, rows, random.draw(count_, clusters_)));
  GYRO_TRY(const double variance, mean_variance(context));
  std::vector<std::int32_t> out;
  for (int i = 0; i < std::max(1, options.iterations); ++i) {
    auto found = assign(context, options);
    if (!found && i > 0 && found.error().code == ErrorCode::Cancelled) break;
    if (!found) return found;
    out = *std::move(found);
    GYRO_TRY(const double shift, move_centres(context, out));
    if (shift <= options.tolerance * variance) break;
  }
  return out;
}

Status RowClusters::load(gyro_context& context, std::span<const std::int32_t> rows,
                         const std::vector<int>& start) {
  const cudaStream_t stream = context.stream;
  std::vector<std::int32_t> chosen;
  chosen.reserve(start.size());
  for (const int i : start) chosen.push_back(rows[size(i)]);
  GYRO_CHECK(send(rows_, chosen, stream));
  GYRO_CHECK(
      gather_rows(values_, rows_.data(), clusters_, cols_, factor_, centres_.data(), stream));
  const std::vector<std::int32_t> all(rows.begin(), rows.end());
  GYRO_CHECK(send(rows_, all, stream));
  GYRO_CHECK(gather_rows(values_, rows_.data(), count_, cols_, factor_, points_.data(), stream));
  GYRO_CHECK(square_rows(points_.data(), count_, cols_, norms_.data(), stream));
  return check(cudaStreamSynchronize(stream), "clustering rows");
}

Result<double> RowClusters::mean_variance(gyro_context& context) {
  GYRO_CHECK(column_variances(points_.data(), count_, cols_, variance_.data(), context.stream));
  GYRO_TRY(const auto variances, fetch(variance_.data(), size(cols_), context.stream));
  return std::max(0.0, std::accumulate(variances.begin(), variances.end(), 0.0)) / cols_;
}

Result<std::vector<std::int32_t>> RowClusters::assign(gyro_context& context,
                                                      const Options& options) {
  const cudaStream_t stream = context.stream;
  GYRO_CHECK(row_products(context, points_.data(), count_, centres_.data(), clusters_, cols_,
                          products_.data()));
  GYRO_CHECK(square_rows(centres_.data(), clusters_, cols_, spread_.data(), stream));
  GYRO_TRY(const auto products, fetch(products_.data(), size(count_) * size(clusters_), stream));
  GYRO_TRY(const auto norms, fetch(norms_.data(), size(count_), stream));
  GYRO_TRY(const auto centre_norms, fetch(spread_.data(), size(clusters_), stream));
  MatrixD cost(count_, clusters_);
  for (int p = 0; p < count_; ++p) {
    const float* const own = &products[size(p) * size(clusters_)];
    for (int k = 0; k < clusters_; ++k) {
      cost(p, k) = norms[size(p)] + centre_norms[size(k)] - 2 * double(own[k]);
    }
  }
  const std::vector<std::int32_t> capacity(size(clusters_), count_ / clusters_);
  GYRO_TRY(Transport found, solve_transport(cost, capacity, {prices_, options.stop}));
  prices_ = std::move(found.prices);
  return std::move(found.bin_of);
}

/// Σ over the clusters of the squared movement of the centre.
Result<double> RowClusters::move_centres(gyro_context& context,
                                         const std::vector<std::int32_t>& cluster_of) {
  std::vector<std::int32_t> members(cluster_of.size());
  std::iota(members.begin(), members.end(), 0);
  std::stable_sort(members.begin(), members.end(), [&](std::int32_t a, std::int32_t b) {
    return cluster_of[size(a)] < cluster_of[size(b)];
  });
  GYRO_CHECK(send(rows_, members, context.stream));
  GYRO_CHECK(average_members(points_.data(), rows_.data(), clusters_, count_ / clusters_, cols_,
                             centres_.data(), spread_.data(), context.stream));
  GYRO_TRY(const auto moved, fetch(spread_.data(), size(clusters_), context.stream));
  return std::accumulate(moved.begin(), moved.end(), 0.0);
}

}  // namespace gyro::cuda

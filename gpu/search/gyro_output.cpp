#include "gpu/search/gyro_output.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/assignment/assignment.hpp"
#include "gpu/ops/output_costs_kernels.hpp"
#include "gpu/search/saliency.hpp"
#include "gpu/search/transfer.hpp"

namespace gyro::cuda {
namespace {

constexpr std::uint64_t kOutputSteps = 0x6779726f00000001;  // as core's: the same draws

std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

int largest_sample(const gyro_shape& shape, const GyroParameters& parameters) {
  const int most = *std::max_element(parameters.schedule.begin(), parameters.schedule.end());
  return std::max(1, std::min(most, shape.vector_size / 2));
}

/// The order once the clusters are where the assignment puts them: rows that stay in their tile
/// keep their places. `drawn`: [tiles · sample] positions, by tile.
std::vector<std::int32_t> place(const std::vector<std::int32_t>& order,
                                const std::vector<std::int32_t>& drawn,
                                const std::vector<std::int32_t>& cluster_of,
                                const std::vector<std::int32_t>& assignment) {
  const std::size_t sample = drawn.size() / assignment.size();
  std::vector<std::vector<std::int32_t>> clusters(assignment.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    clusters[size(cluster_of[i])].push_back(drawn[i]);
  }
  auto out = order;
  for (std::size_t tile = 0; tile < clusters.size(); ++tile) {
    auto& incoming = clusters[size(assignment[tile])];
    const auto first = drawn.begin() + static_cast<std::ptrdiff_t>(tile * sample);
    std::vector<std::int32_t> places(first, first + static_cast<std::ptrdiff_t>(sample));
    std::sort(places.begin(), places.end());
    std::sort(incoming.begin(), incoming.end());
    std::vector<std::int32_t> open;
    std::vector<std::int32_t> movers;
    std::set_difference(places.begin(), places.end(), incoming.begin(), incoming.end(),
                        std::back_inserter(open));
    std::set_difference(incoming.begin(), incoming.end(), places.begin(), places.end(),
                        std::back_inserter(movers));
    for (std::size_t i = 0; i < open.size(); ++i) out[size(open[i])] = order[size(movers[i])];
  }
  return out;
}

}  // namespace

std::size_t GyroOutput::bytes(const gyro_shape& shape, const GyroParameters& parameters) {
  const int tiles = shape.rows / shape.vector_size;
  const std::size_t sums = size(tiles) * size(shape.cols) * sizeof(double);
  const std::size_t costs = size(tiles) * size(tiles) * sizeof(double);
  return 3 * sums + costs + size(tiles) * size(shape.kept) * 4 + size(shape.rows) * 8 +
         RowClusters::bytes(shape.cols, tiles * largest_sample(shape, parameters), tiles);
}

Result<GyroOutput> GyroOutput::make(gyro_context& context, const float* saliency, float largest,
                                    const gyro_shape& shape, std::uint64_t seed,
                                    const GyroParameters& parameters, std::function<bool()> stop) {
  GyroOutput out;
  out.context_ = &context;
  out.saliency_ = saliency;
  out.shape_ = shape;
  out.seed_ = seed;
  out.clustering_ = {parameters.kmeans_iterations, parameters.kmeans_tolerance, stop};
  out.stop_ = std::move(stop);
  const int tiles = out.tiles();
  GYRO_TRY(auto clusters, RowClusters::make(saliency, largest, shape.cols,
                                            tiles * largest_sample(shape, parameters), tiles));
  out.clusters_.emplace(std::move(clusters));
  const std::size_t sums = size(tiles) * size(shape.cols);
  GYRO_TRY(out.rows_, DeviceArray<std::int32_t>::make(size(shape.rows)));
  GYRO_TRY(out.sums_, DeviceArray<double>::make(sums));
  GYRO_TRY(out.rest_, DeviceArray<double>::make(sums));
  GYRO_TRY(out.joining_, DeviceArray<double>::make(sums));
  GYRO_TRY(out.costs_, DeviceArray<double>::make(size(tiles) * size(tiles)));
  GYRO_TRY(out.kept_of_tiles_, DeviceArray<double>::make(size(tiles)));
  GYRO_TRY(out.vectors_, DeviceArray<std::int32_t>::make(size(tiles) * size(shape.kept)));
  out.order_.resize(size(shape.rows));
  std::iota(out.order_.begin(), out.order_.end(), 0);
  GYRO_TRY(out.kept_, out.count(out.order_, out.sums_));
  return out;
}

Status GyroOutput::sum(const std::vector<std::int32_t>& rows, int length,
                       const DeviceArray<double>& sums) {
  GYRO_CHECK(send(rows_, rows, context_->stream));
  return sum_rows(saliency_, rows_.data(), tiles(), length, shape_.cols, sums.data(),
                  context_->stream);
}

Result<double> GyroOutput::count(const std::vector<std::int32_t>& order,
                                 const DeviceArray<double>& sums) {
  // Rows ascending in every tile, so that their order in it changes no digit.
  auto sorted = order;
  for (auto at = sorted.begin(); at != sorted.end(); at += shape_.vector_size) {
    std::sort(at, at + shape_.vector_size);
  }
  GYRO_CHECK(sum(sorted, shape_.vector_size, sums));
  GYRO_CHECK(keep_largest_sums(sums.data(), tiles(), shape_.cols, shape_.kept,
                               kept_of_tiles_.data(), context_->stream));
  GYRO_TRY(const auto kept, fetch(kept_of_tiles_.data(), size(tiles()), context_->stream));
  return std::accumulate(kept.begin(), kept.end(), 0.0);
}

Result<std::optional<GyroOutput::Proposal>> GyroOutput::propose(int sample, std::uint64_t stream) {
  RandomStream random(seed_, kOutputSteps, stream);
  std::vector<std::int32_t> drawn;
  for (int tile = 0; tile < tiles(); ++tile) {
    for (const int row : random.draw(shape_.vector_size, sample)) {
      drawn.push_back(tile * shape_.vector_size + row);
    }
  }
  GYRO_TRY(const auto cluster_of, cluster(drawn, random));
  if (cluster_of.empty() || stopped()) return std::nullopt;
  GYRO_TRY(const auto assignment, assign(drawn, cluster_of));
  if (assignment.empty() || stopped()) return std::nullopt;
  Proposal out;
  out.order = place(order_, drawn, cluster_of, assignment);
  for (std::size_t i = 0; i < order_.size(); ++i) out.moved += out.order[i] != order_[i] ? 1 : 0;
  out.kept_before = out.kept_after = kept_;
  if (out.moved > 0) {
    GYRO_TRY(out.kept_after, count(out.order, rest_));
  }
  out.better = out.kept_after > out.kept_before;
  return out;
}

/// Empty when stopped.
Result<std::vector<std::int32_t>> GyroOutput::cluster(const std::vector<std::int32_t>& drawn,
                                                      RandomStream& random) {
  std::vector<std::int32_t> out(drawn.size());
  if (drawn.size() == size(tiles())) {
    std::iota(out.begin(), out.end(), 0);
    return out;
  }
  std::vector<std::int32_t> rows;
  rows.reserve(drawn.size());
  for (const auto position : drawn) rows.push_back(order_[size(position)]);
  auto found = clusters_->find(*context_, rows, random, clustering_);
  if (!found && found.error().code == ErrorCode::Cancelled) return std::vector<std::int32_t>{};
  return found;
}

/// The cluster of every tile; empty when stopped.
Result<std::vector<std::int32_t>> GyroOutput::assign(const std::vector<std::int32_t>& drawn,
                                                     const std::vector<std::int32_t>& cluster_of) {
  const int count = tiles();
  const auto sample = static_cast<int>(drawn.size()) / count;
  std::vector<char> leaves(order_.size(), 0);
  for (const auto position : drawn) leaves[size(position)] = 1;
  std::vector<std::int32_t> staying;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (leaves[i] == 0) staying.push_back(order_[i]);
  }
  std::vector<std::int32_t> next(size(count), 0);
  std::vector<std::int32_t> joining(drawn.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const auto k = cluster_of[i];
    joining[size(k) * size(sample) + size(next[size(k)]++)] = order_[size(drawn[i])];
  }
  GYRO_CHECK(sum(staying, shape_.vector_size - sample, rest_));
  GYRO_CHECK(sum(joining, sample, joining_));
  GYRO_CHECK(sums_of_smallest(rest_.data(), count, joining_.data(), count, shape_.cols,
                              shape_.cols - shape_.kept, costs_.data(), context_->stream));
  MatrixD costs(count, count);
  GYRO_CHECK(costs_.download(costs.data(), context_->stream));
  auto found = solve_assignment(costs, {{}, stop_});
  if (!found && found.error().code == ErrorCode::Cancelled) return std::vector<std::int32_t>{};
  if (!found) return fail(found.error());
  return std::move(found->column_of);
}

void GyroOutput::accept(Proposal& proposal) {
  order_ = std::move(proposal.order);
  kept_ = proposal.kept_after;
  std::swap(sums_, rest_);
}

Result<std::vector<std::int32_t>> GyroOutput::vectors() {
  GYRO_CHECK(choose_vectors(sums_.data(), tiles(), shape_.cols, shape_.kept,
                            VectorIndex<std::int32_t>{vectors_.data(), shape_.kept},
                            context_->stream));
  std::vector<std::int32_t> out(vectors_.size());
  GYRO_CHECK(vectors_.download(out.data(), context_->stream));
  return out;
}

}  // namespace gyro::cuda

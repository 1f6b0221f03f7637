#include "gpu/search/gyro_input.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/random.hpp"
#include "gpu/ops/assign_kernels.hpp"
#include "gpu/ops/screen.hpp"
#include "gpu/search/saliency.hpp"
#include "gpu/search/transfer.hpp"

namespace gyro::cuda {
namespace {

constexpr std::uint64_t kInputSteps = 0x6779726f00000002;  // as core's: the same draws
constexpr double kRounding = 1e-12;      // a smaller share of what a tile keeps is no gain
constexpr std::size_t kMostTiles = 256;  // of a piece, so that a cancel is heard soon

std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

/// Bytes that a tile of a piece takes.
std::size_t bytes_of_tile(const gyro_context& context, const gyro_shape& shape) {
  const std::size_t groups = size(shape.kept / shape.m);
  return groups * groups * sizeof(double) + size(shape.vector_size) * (groups * 8 + 12) +
         groups * 16 + size(shape.kept) * 4 +
         assign_workspace(context, 1, static_cast<int>(groups)) + 256;
}

}  // namespace

Result<GyroInput> GyroInput::make(gyro_context& context, const float* saliency, float largest,
                                  const gyro_shape& shape, std::uint64_t seed, FoundOrders& orders,
                                  std::size_t memory) {
  GyroInput out;
  out.context_ = &context;
  out.saliency_ = saliency;
  out.shape_ = shape;
  out.seed_ = seed;
  out.factor_ = moderate_factor(largest);
  out.orders_ = &orders;
  const std::size_t all = size(shape.rows / shape.vector_size);
  const std::size_t tile = bytes_of_tile(context, shape);
  const std::size_t tiles = std::min({all, memory / tile, kMostTiles});
  if (tiles == 0) {
    return fail(ErrorCode::TooLarge,
                "a tile's costs need " + std::to_string(tile >> 20) + " MB of device memory");
  }
  out.capacity_ = static_cast<int>(tiles);
  const std::size_t groups = out.groups();
  const std::size_t rows = tiles * size(shape.vector_size);
  GYRO_TRY(out.rows_, DeviceArray<std::int32_t>::make(rows));
  GYRO_TRY(out.vectors_, DeviceArray<std::int32_t>::make(tiles * size(shape.kept)));
  GYRO_TRY(out.device_slots_, DeviceArray<std::int32_t>::make(tiles * groups));
  GYRO_TRY(out.device_assignment_, DeviceArray<std::int32_t>::make(tiles * groups));
  GYRO_TRY(out.rest_, DeviceArray<float>::make(rows * groups));
  GYRO_TRY(out.given_, DeviceArray<float>::make(rows * groups));
  GYRO_TRY(out.tails_, DeviceArray<double>::make(tiles * groups));
  GYRO_TRY(out.costs_, DeviceArray<double>::make(tiles * groups * groups));
  GYRO_TRY(out.row_kept_, DeviceArray<double>::make(rows));
  GYRO_TRY(out.workspace_, DeviceArray<std::byte>::make(assign_workspace(
                               context, static_cast<int>(tiles), static_cast<int>(groups))));
  for (std::size_t first = 0; first < all; first += tiles) {
    std::vector<int> some(std::min(tiles, all - first));
    std::iota(some.begin(), some.end(), static_cast<int>(first));
    const auto from = orders.vector_index.begin() + static_cast<std::ptrdiff_t>(first) * shape.kept;
    GYRO_TRY(const auto kept,
             out.count(some, {from, from + static_cast<std::ptrdiff_t>(some.size()) * shape.kept}));
    out.kept_.insert(out.kept_.end(), kept.begin(), kept.end());
  }
  return out;
}

double GyroInput::kept() const {
  return std::accumulate(kept_.begin(), kept_.end(), 0.0);
}

Result<std::vector<double>> GyroInput::count(const std::vector<int>& tiles,
                                             const std::vector<std::int32_t>& vectors) {
  const int height = shape_.vector_size;
  std::vector<std::int32_t> rows;
  for (const int tile : tiles) {
    const auto own = orders_->output_order.begin() + std::ptrdiff_t{tile} * height;
    rows.insert(rows.end(), own, own + height);
  }
  GYRO_CHECK(send(rows_, rows, context_->stream));
  GYRO_CHECK(send(vectors_, vectors, context_->stream));
  GYRO_CHECK(count_kept(saliency_, shape_, rows_.data(), static_cast<int>(rows.size()),
                        VectorIndex<const std::int32_t>{vectors_.data(), shape_.kept},
                        row_kept_.data(), context_->stream));
  GYRO_TRY(const auto kept, fetch(row_kept_.data(), rows.size(), context_->stream));
  std::vector<double> out;
  for (auto at = kept.begin(); at != kept.end(); at += height) {
    out.push_back(std::accumulate(at, at + height, 0.0));
  }
  return out;
}

Status GyroInput::load(const std::vector<int>& tiles, std::int64_t step) {
  tiles_ = tiles;
  slots_.clear();
  proposed_.clear();
  std::vector<std::int32_t> rows;
  for (const int tile : tiles) {
    RandomStream random(
        seed_, kInputSteps,
        (static_cast<std::uint64_t>(tile) << 32) + static_cast<std::uint64_t>(step));
    for (std::size_t group = 0; group < groups(); ++group) {
      slots_.push_back(
          static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(shape_.m))));
    }
    const auto vectors = orders_->vector_index.begin() + std::ptrdiff_t{tile} * shape_.kept;
    proposed_.insert(proposed_.end(), vectors, vectors + shape_.kept);
    const auto own = orders_->output_order.begin() + std::ptrdiff_t{tile} * shape_.vector_size;
    rows.insert(rows.end(), own, own + shape_.vector_size);
  }
  GYRO_CHECK(send(rows_, rows, context_->stream));
  GYRO_CHECK(send(vectors_, proposed_, context_->stream));
  GYRO_CHECK(send(device_slots_, slots_, context_->stream));
  // The vectors on the stack must not go before they are copied.
  return check(cudaStreamSynchronize(context_->stream), "copying to the device");
}

/// Costs of all groups and vectors of the loaded tiles, and their assignments.
Status GyroInput::solve(int tiles) {
  const int count = static_cast<int>(groups());
  const TileRows input{saliency_,   rows_.data(),       vectors_.data(), tiles * shape_.vector_size,
                       shape_.cols, shape_.vector_size, shape_.kept,     shape_.n,
                       shape_.m};
  const GroupParts parts{rest_.data(), given_.data(), tails_.data()};
  GYRO_CHECK(split_groups(input, device_slots_.data(), factor_, parts, context_->stream));
  GYRO_CHECK(join_groups(parts, tiles, shape_.vector_size, count, 0, count, factor_, costs_.data(),
                         context_->stream));
  GYRO_CHECK(solve_batch(*context_, {costs_.data(), device_assignment_.data(), workspace_.data(),
                                     nullptr, tiles, count}));
  GYRO_TRY(assignment_, fetch(device_assignment_.data(), size(tiles) * groups(), context_->stream));
  return {};
}

Result<std::vector<GyroInput::Outcome>> GyroInput::propose(const std::vector<int>& tiles,
                                                           std::int64_t step) {
  GYRO_CHECK(load(tiles, step));
  GYRO_CHECK(solve(static_cast<int>(tiles.size())));
  std::vector<Outcome> out(tiles.size());
  const auto before = proposed_;
  const std::size_t kept = size(shape_.kept);
  for (std::size_t k = 0; k < tiles.size(); ++k) {
    out[k].tile = tiles[k];
    for (std::size_t group = 0; group < groups(); ++group) {
      const auto from = size(assignment_[k * groups() + group]);
      if (from == group) continue;
      const auto place = [&](std::size_t g) {
        return k * kept + g * size(shape_.m) + size(slots_[k * groups() + g]);
      };
      proposed_[place(group)] = before[place(from)];
      ++out[k].moved;
    }
  }
  GYRO_TRY(proposed_kept_, count(tiles, proposed_));
  for (std::size_t k = 0; k < tiles.size(); ++k) {
    const double old = kept_[size(tiles[k])];
    out[k].gain = out[k].moved > 0 ? proposed_kept_[k] - old : 0;
    out[k].better = out[k].gain > kRounding * old;
  }
  return out;
}

void GyroInput::accept(std::size_t k) {
  const auto from = proposed_.begin() + static_cast<std::ptrdiff_t>(k) * shape_.kept;
  std::copy(from, from + shape_.kept,
            orders_->vector_index.begin() + std::ptrdiff_t{tiles_[k]} * shape_.kept);
  kept_[size(tiles_[k])] = proposed_kept_[k];
}

}  // namespace gyro::cuda

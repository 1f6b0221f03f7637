#include <algorithm>
#include <vector>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/output_costs_kernels.hpp"
#include "gpu/ops/row_store.hpp"

namespace gyro::cuda {
namespace {

/// Column sums that a piece judges at most, so that a cancel is heard soon.
constexpr std::size_t kMostWork = std::size_t{1} << 34;
/// Pairs of a piece at most: blocks of one launch.
constexpr std::size_t kMostPairs = std::size_t{1} << 30;

/// Lists of rows, all of one length, each ascending.
struct RowLists {
  std::vector<std::int32_t> rows;
  int length = 0;
};

Result<RowLists> checked_lists(const std::int32_t* rows, int lists, int length,
                               const HinmShape& shape) {
  RowLists out{{}, length};
  if (length == 0) return out;
  if (rows == nullptr) return fail(ErrorCode::InvalidArgument, "the rows of the tiles are missing");
  out.rows.assign(rows, rows + std::int64_t{lists} * length);
  for (const auto row : out.rows) {
    if (row < 0 || row >= shape.rows) {
      return fail(ErrorCode::Mismatch,
                  "there is no row " + std::to_string(row) + " of " + std::to_string(shape.rows));
    }
  }
  for (auto at = out.rows.begin(); at != out.rows.end(); at += length) {
    std::sort(at, at + length);
  }
  return out;
}

class OutputCosts {
 public:
  OutputCosts(gyro_context& context, const HinmShape& shape, RowLists remaining, RowLists clusters)
      : context_(context),
        shape_(shape),
        remaining_(std::move(remaining)),
        clusters_(std::move(clusters)) {}

  Status run(gyro_matrix saliency, double* out, const gyro_progress* progress) {
    GYRO_CHECK(plan(saliency));
    const int tiles = shape_.tiles();
    if (!begin(progress, "costs of the output permutation", std::int64_t{tiles} * tiles)) {
      return stopped();
    }
    for (int tile = 0; tile < tiles; tile += lists_) {
      const int height = std::min(lists_, tiles - tile);
      GYRO_CHECK(sum(remaining_, tile, height, rest_));
      for (int cluster = 0; cluster < tiles; cluster += lists_) {
        const int width = std::min(lists_, tiles - cluster);
        GYRO_CHECK(sum(clusters_, cluster, width, joining_));
        GYRO_CHECK(sums_of_smallest(rest_.data(), height, joining_.data(), width, shape_.cols,
                                    shape_.cols - shape_.kept, costs_.data(), context_.stream));
        GYRO_CHECK(write(tile, height, cluster, width, out));
        const auto done = std::int64_t{tile} * tiles + std::int64_t{height} * (cluster + width);
        if (!reach(progress, done)) return stopped();
      }
    }
    return {};
  }

 private:
  Status plan(gyro_matrix saliency) {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    const auto cols = static_cast<std::size_t>(shape_.cols);
    const std::size_t list_bytes = cols * sizeof(double);
    if (allowed / 8 < list_bytes) return no_room(8 * list_bytes, allowed);
    auto fits = [&](std::size_t lists) {
      return lists * list_bytes <= allowed / 8 && lists * lists * sizeof(double) <= allowed / 4 &&
             lists * lists * cols <= kMostWork && lists * lists <= kMostPairs;
    };
    auto lists = static_cast<std::size_t>(shape_.tiles());
    while (lists > 1 && !fits(lists)) lists = (lists + 1) / 2;
    lists_ = static_cast<int>(lists);
    GYRO_TRY(rows_, RowStore::make(context_, saliency, allowed / 2, shape_.vector_size));
    GYRO_TRY(rest_, DeviceArray<double>::make(lists * cols));
    GYRO_TRY(joining_, DeviceArray<double>::make(lists * cols));
    GYRO_TRY(costs_, DeviceArray<double>::make(lists * lists));
    return {};
  }

  /// sums [count × cols] = the column sums of lists first … first + count − 1.
  Status sum(const RowLists& lists, int first, int count, const DeviceArray<double>& sums) {
    if (lists.length == 0) {
      return sums.clear(context_.stream);
    }
    const int at_once = rows_.capacity() / lists.length;
    for (int done = 0; done < count; done += at_once) {
      const int some = std::min(at_once, count - done);
      GYRO_CHECK(
          rows_.load(std::span(lists.rows)
                         .subspan(area(first + done, lists.length), area(some, lists.length))));
      GYRO_CHECK(sum_rows(rows_.data(), rows_.places(), some, lists.length, shape_.cols,
                          sums.data() + std::int64_t{done} * shape_.cols, context_.stream));
    }
    return {};
  }

  Status write(int tile, int height, int cluster, int width, double* out) const {
    const auto bytes = static_cast<std::size_t>(width) * sizeof(double);
    const auto stride = static_cast<std::size_t>(shape_.tiles()) * sizeof(double);
    GYRO_CHECK(
        check(cudaMemcpy2DAsync(out + std::int64_t{tile} * shape_.tiles() + cluster, stride,
                                costs_.data(), bytes, bytes, static_cast<std::size_t>(height),
                                cudaMemcpyDeviceToHost, context_.stream),
              "copying the costs from the device"));
    return check(cudaStreamSynchronize(context_.stream), "waiting for the device");
  }

  gyro_context& context_;
  const HinmShape& shape_;
  RowLists remaining_;
  RowLists clusters_;
  int lists_ = 0;  // tiles, and clusters, of a piece
  RowStore rows_;
  DeviceArray<double> rest_;
  DeviceArray<double> joining_;
  DeviceArray<double> costs_;
};

}  // namespace

std::int32_t output_costs(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                          const std::int32_t* remaining, const std::int32_t* clusters,
                          std::int32_t c, double* out, const gyro_progress* progress,
                          gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(out));
    GYRO_TRY(const HinmShape checked, checked_shape(shape, saliency));
    if (c < 1 || c > checked.vector_size) {
      return fail(ErrorCode::InvalidArgument, "clusters of " + std::to_string(c) +
                                                  " rows do not fit tiles of " +
                                                  std::to_string(checked.vector_size));
    }
    const int tiles = checked.tiles();
    GYRO_TRY(auto rest, checked_lists(remaining, tiles, checked.vector_size - c, checked));
    GYRO_TRY(auto joining, checked_lists(clusters, tiles, c, checked));
    return OutputCosts(*context, checked, std::move(rest), std::move(joining))
        .run(saliency, out, progress);
  });
}

}  // namespace gyro::cuda

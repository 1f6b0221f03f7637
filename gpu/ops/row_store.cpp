#include "gpu/ops/row_store.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/screen.hpp"

namespace gyro::cuda {

Result<RowStore> RowStore::make(const gyro_context& context, gyro_matrix saliency,
                                std::size_t bytes, int least_rows) {
  const auto row_bytes = static_cast<std::size_t>(saliency.cols) * sizeof(float) + sizeof(int);
  const auto fits = std::min<std::size_t>(bytes / row_bytes, std::numeric_limits<int>::max());
  RowStore out;
  out.saliency_ = saliency;
  out.stream_ = context.stream;
  out.capacity_ = static_cast<int>(std::min<std::size_t>(fits, saliency.rows));
  if (out.capacity_ < least_rows) {
    GYRO_CHECK(no_room(static_cast<std::size_t>(least_rows) * row_bytes, bytes));
  }
  const auto rows = static_cast<std::size_t>(out.capacity_);
  GYRO_TRY(out.values_, DeviceArray<float>::make(rows * static_cast<std::size_t>(saliency.cols)));
  GYRO_TRY(out.places_, DeviceArray<std::int32_t>::make(rows));
  if (out.capacity_ == saliency.rows) {
    out.resident_ = true;
    GYRO_CHECK(out.values_.upload(saliency.data, out.stream_));
    GYRO_CHECK(out.check_values(saliency.rows));
  }
  return out;
}

Status RowStore::load(std::span<const std::int32_t> rows) {
  std::vector<std::int32_t> places(rows.begin(), rows.end());
  if (!resident_) {
    std::iota(places.begin(), places.end(), 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto bytes = static_cast<std::size_t>(saliency_.cols) * sizeof(float);
      GYRO_CHECK(
          check(cudaMemcpyAsync(values_.data() + static_cast<std::int64_t>(i) * saliency_.cols,
                                saliency_.data + rows[i] * saliency_.cols, bytes,
                                cudaMemcpyHostToDevice, stream_),
                "copying rows to the device"));
    }
    GYRO_CHECK(check_values(static_cast<std::int64_t>(rows.size())));
  }
  GYRO_CHECK(places_.upload(places.data(), places.size(), stream_));
  return check(cudaStreamSynchronize(stream_), "waiting for the device");
}

Status RowStore::check_values(std::int64_t rows) {
  const auto size = static_cast<std::size_t>(rows * saliency_.cols);
  GYRO_TRY(const Screening found, require_usable(values_.data(), size, true, "saliency", stream_));
  largest_ = std::max(largest_, found.largest);
  return {};
}

}  // namespace gyro::cuda

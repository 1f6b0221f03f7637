#include "gpu/benchmark/operands.hpp"
#include "gpu/spmm/general/values.cuh"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;
constexpr float kWeightDeviation = 0.05F;
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

unsigned grid_for(std::size_t items) {
  return static_cast<unsigned>((items + kThreads - 1) / kThreads);
}

__device__ std::size_t item() {
  return static_cast<std::size_t>(blockIdx.x) * kThreads + threadIdx.x;
}

/// splitmix64.
__device__ std::uint64_t hash(std::uint64_t value) {
  value += kGolden;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

/// Box and Muller 1958.
template <int Type>
__global__ void __launch_bounds__(kThreads)
    fill(std::uint16_t* to, std::size_t size, float deviation, std::uint64_t seed) {
  const std::size_t i = item();
  if (i >= size) return;
  const std::uint64_t bits = hash(seed ^ (i * kGolden));
  const float radius = sqrtf(-2 * logf((static_cast<float>(bits >> 40) + 1) * 0x1p-24F));
  const float angle = 2 * static_cast<float>(bits & 0xFFFFFF) * 0x1p-24F;
  to[i] = Values<Type>::write(deviation * radius * cospif(angle));
}

/// Place of the i-th of n weights that stay in a group of m.
__device__ int place_of(std::uint64_t bits, int i, int n, int m) {
  int chosen = 0;
  for (int place = 0; place < m; ++place) {
    const auto left = static_cast<unsigned>(m - place);
    const auto draw = static_cast<unsigned>(bits >> 16 * (place & 3)) & 0xFFFF;
    if (draw % left < static_cast<unsigned>(n - chosen)) {
      if (chosen == i) return place;
      ++chosen;
    }
  }
  return m - 1;
}

__global__ void __launch_bounds__(kThreads)
    fill_metadata(HinmShape shape, int per_row, int words, std::size_t size, std::uint64_t seed,
                  std::uint16_t* to) {
  const std::size_t i = item();
  if (i >= size) return;
  const std::size_t row = i / static_cast<std::size_t>(words);
  const int first = static_cast<int>(i % static_cast<std::size_t>(words)) * 8;
  unsigned word = 0;
  for (int j = 0; j < 8 && first + j < per_row; ++j) {
    const int group = (first + j) / shape.nm.n;
    const std::uint64_t bits = hash(seed ^ hash(row << 20 ^ static_cast<std::uint64_t>(group)));
    word |= static_cast<unsigned>(place_of(bits, (first + j) % shape.nm.n, shape.nm.n, shape.nm.m))
            << 2 * j;
  }
  to[i] = static_cast<std::uint16_t>(word);
}

__global__ void __launch_bounds__(kThreads)
    spread(PackedOnDevice layer, int per_row, std::size_t size, std::uint16_t* dense) {
  const std::size_t i = item();
  if (i >= size) return;
  const HinmShape& shape = layer.shape;
  const auto row = static_cast<std::int64_t>(i / static_cast<std::size_t>(per_row));
  const int at = static_cast<int>(i % static_cast<std::size_t>(per_row));
  const std::uint16_t word = layer.metadata[row * ((per_row + 7) / 8) + at / 8];
  const int place = at / shape.nm.n * shape.nm.m + (word >> at % 8 * 2 & 3);
  const std::int32_t column = layer.vector_index[row / shape.vector_size * shape.kept + place];
  dense[static_cast<std::int64_t>(layer.output_order[row]) * shape.cols + column] = layer.values[i];
}

}  // namespace

Status fill_normal(std::uint16_t* to, std::size_t size, float deviation, std::int32_t type,
                   std::uint64_t seed, cudaStream_t stream) {
  if (type == GYRO_BF16) {
    fill<GYRO_BF16><<<grid_for(size), kThreads, 0, stream>>>(to, size, deviation, seed);
  } else {
    fill<GYRO_FP16><<<grid_for(size), kThreads, 0, stream>>>(to, size, deviation, seed);
  }
  return check(cudaGetLastError(), "making random values");
}

Result<HostLayer> random_layer(const HinmShape& shape, std::int32_t type, Orders orders,
                               std::uint64_t seed, cudaStream_t stream) {
  const auto rows = static_cast<std::size_t>(shape.rows);
  const int per_row = shape.kept_per_row();
  const int words = (per_row + 7) / 8;
  HostLayer out{shape, type, std::move(orders), {}, {}};
  out.values.resize(rows * static_cast<std::size_t>(per_row));
  out.metadata.resize(rows * static_cast<std::size_t>(words));
  GYRO_TRY(const auto values, DeviceArray<std::uint16_t>::make(out.values.size()));
  GYRO_TRY(const auto metadata, DeviceArray<std::uint16_t>::make(out.metadata.size()));
  GYRO_CHECK(fill_normal(values.data(), values.size(), kWeightDeviation, type, seed, stream));
  fill_metadata<<<grid_for(metadata.size()), kThreads, 0, stream>>>(
      shape, per_row, words, metadata.size(), seed + 1, metadata.data());
  GYRO_CHECK(check(cudaGetLastError(), "making random metadata"));
  GYRO_CHECK(values.download(out.values.data(), stream));
  GYRO_CHECK(metadata.download(out.metadata.data(), stream));
  return out;
}

Result<DeviceArray<std::uint16_t>> masked_weight(const HostLayer& layer, cudaStream_t stream) {
  const HinmShape& shape = layer.shape;
  const auto size = static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(shape.cols);
  GYRO_TRY(auto dense, DeviceArray<std::uint16_t>::make(size));
  GYRO_TRY(auto order, DeviceArray<std::int32_t>::make(layer.orders.output_order.size()));
  GYRO_TRY(auto index, DeviceArray<std::int32_t>::make(layer.orders.vector_index.size()));
  GYRO_TRY(auto values, DeviceArray<std::uint16_t>::make(layer.values.size()));
  GYRO_TRY(auto metadata, DeviceArray<std::uint16_t>::make(layer.metadata.size()));
  GYRO_CHECK(order.upload(layer.orders.output_order.data(), stream));
  GYRO_CHECK(index.upload(layer.orders.vector_index.data(), stream));
  GYRO_CHECK(values.upload(layer.values.data(), stream));
  GYRO_CHECK(metadata.upload(layer.metadata.data(), stream));
  GYRO_CHECK(check(cudaMemsetAsync(dense.data(), 0, size * 2, stream), "masking the weight"));
  const PackedOnDevice packed{shape,         layer.type,      order.data(), index.data(),
                              values.data(), metadata.data(), nullptr};
  spread<<<grid_for(values.size()), kThreads, 0, stream>>>(packed, shape.kept_per_row(),
                                                           values.size(), dense.data());
  GYRO_CHECK(check(cudaGetLastError(), "masking the weight"));
  GYRO_CHECK(check(cudaStreamSynchronize(stream), "masking the weight"));
  return dense;
}

}  // namespace gyro::cuda

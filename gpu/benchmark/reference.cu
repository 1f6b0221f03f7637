#include <array>
#include <cmath>

#include "gpu/benchmark/operands.hpp"
#include "gpu/spmm/general/values.cuh"

namespace gyro::cuda {
namespace {

constexpr int kTile = 64;   // rows and columns of a block
constexpr int kDepth = 16;  // of A's columns at once
constexpr int kThreads = 256;
constexpr int kEach = 4;  // rows and columns of a thread
constexpr unsigned char kPoison = 0xFF;
constexpr std::uint16_t kPoisonWord = 0xFFFF;  // NaN in both types
constexpr double kRoundings = 2;               // of the type, that an element may be off
constexpr double kRmsShare = 1e-3;             // of the root mean square: sums in another order

struct Matrices {
  const std::uint16_t* a;
  const std::uint16_t* b;
  float* r;
  std::int64_t m;
  std::int64_t k;
  std::int64_t n;
  std::int64_t pitch;
};

/// R = A · B in float32, a plain tiled product.
template <int Type>
__global__ void __launch_bounds__(kThreads) multiply(Matrices x) {
  __shared__ float a[kDepth][kTile + 1];
  __shared__ float b[kDepth][kTile];
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.y) * kTile;
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * kTile;
  const int t = static_cast<int>(threadIdx.x);
  const int down = t / (kTile / kEach) * kEach;
  const int across = t % (kTile / kEach) * kEach;
  float sum[kEach][kEach] = {};
  for (std::int64_t depth = 0; depth < x.k; depth += kDepth) {
    for (int i = t; i < kTile * kDepth; i += kThreads) {
      const std::int64_t ar = row + i / kDepth;
      const std::int64_t ac = depth + i % kDepth;
      const std::int64_t br = depth + i / kTile;
      const std::int64_t bc = column + i % kTile;
      a[i % kDepth][i / kDepth] =
          ar < x.m && ac < x.k ? Values<Type>::read(x.a[ar * x.k + ac]) : 0.0F;
      b[i / kTile][i % kTile] =
          br < x.k && bc < x.n ? Values<Type>::read(x.b[br * x.pitch + bc]) : 0.0F;
    }
    __syncthreads();
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) sum[i][j] += a[d][down + i] * b[d][across + j];
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < kEach; ++i) {
    for (int j = 0; j < kEach; ++j) {
      const std::int64_t r = row + down + i;
      const std::int64_t c = column + across + j;
      if (r < x.m && c < x.n) x.r[r * x.n + c] = sum[i][j];
    }
  }
}

struct Sums {
  double difference;  // squares
  double reference;
  unsigned long long wrong;
  unsigned long long overwritten;
};

template <class T>
__device__ T block_sum(T value) {
  __shared__ T shared[kThreads];
  shared[threadIdx.x] = value;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    __syncthreads();
  }
  return shared[0];
}

template <int Type>
__global__ void __launch_bounds__(kThreads)
    add_squares(const std::uint16_t* c, const float* r, std::int64_t m, std::int64_t n,
                std::int64_t pitch, Sums* out) {
  double difference = 0;
  double reference = 0;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * kThreads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < m * n;
       i += step) {
    const double value = Values<Type>::read(c[i / n * pitch + i % n]);
    const double wanted = r[i];
    if (isfinite(value)) difference += (value - wanted) * (value - wanted);
    reference += wanted * wanted;
  }
  difference = block_sum(difference);
  __syncthreads();
  reference = block_sum(reference);
  if (threadIdx.x == 0) {
    atomicAdd(&out->difference, difference);
    atomicAdd(&out->reference, reference);
  }
}

/// Elements off by more than rounding, and padding columns or guards that were written to.
template <int Type>
__global__ void __launch_bounds__(kThreads)
    count_wrong(const std::uint16_t* c, const float* r, std::int64_t m, std::int64_t n,
                std::int64_t pitch, std::int64_t guard, double per_value, double always,
                Sums* out) {
  unsigned long long wrong = 0;
  unsigned long long overwritten = 0;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * kThreads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x - guard;
       i < m * pitch + guard; i += step) {
    const bool inside = i >= 0 && i < m * pitch && i % pitch < n;
    if (!inside) {
      overwritten += c[i] != kPoisonWord;
      continue;
    }
    const double wanted = r[i / pitch * n + i % pitch];
    const double value = Values<Type>::read(c[i]);
    // Written so that NaN is wrong.
    wrong += !(fabs(value - wanted) <= per_value * fabs(wanted) + always);
  }
  wrong = block_sum(wrong);
  __syncthreads();
  overwritten = block_sum(overwritten);
  if (threadIdx.x == 0) {
    atomicAdd(&out->wrong, wrong);
    atomicAdd(&out->overwritten, overwritten);
  }
}

template <int Type>
Status compare_typed(const ProductSizes& s, const std::uint16_t* a, const std::uint16_t* b,
                     const std::uint16_t* c, std::int64_t guard, float* r, Sums* sums, Sums& out,
                     cudaStream_t stream) {
  constexpr unsigned kBlocks = 1024;
  const auto blocks = [](std::int64_t size) {
    return static_cast<unsigned>((size + kTile - 1) / kTile);
  };
  multiply<Type><<<dim3(blocks(s.n), blocks(s.m)), kThreads, 0, stream>>>(
      Matrices{a, b, r, s.m, s.k, s.n, s.pitch});
  GYRO_CHECK(check(cudaGetLastError(), "the reference product"));
  GYRO_CHECK(check(cudaMemsetAsync(sums, 0, sizeof(Sums), stream), "comparing"));
  add_squares<Type><<<kBlocks, kThreads, 0, stream>>>(c, r, s.m, s.n, s.pitch, sums);
  const auto fetch = [&]() -> Status {
    GYRO_CHECK(check(cudaGetLastError(), "comparing"));
    GYRO_CHECK(check(cudaMemcpyAsync(&out, sums, sizeof out, cudaMemcpyDeviceToHost, stream),
                     "comparing"));
    return check(cudaStreamSynchronize(stream), "comparing");
  };
  GYRO_CHECK(fetch());
  const double rms = std::sqrt(out.reference / static_cast<double>(s.m * s.n));
  const double rounding = Type == GYRO_BF16 ? 0x1p-8 : 0x1p-11;
  count_wrong<Type><<<kBlocks, kThreads, 0, stream>>>(c, r, s.m, s.n, s.pitch, guard,
                                                      kRoundings * rounding, kRmsShare * rms, sums);
  return fetch();
}

}  // namespace

Result<CheckedOutput> CheckedOutput::make(const ProductSizes& sizes, cudaStream_t stream) {
  CheckedOutput out;
  out.sizes_ = sizes;
  const auto size = static_cast<std::size_t>(sizes.m * sizes.pitch);
  GYRO_TRY(out.c_, DeviceArray<std::uint16_t>::make(size + 2 * kGuard));
  GYRO_CHECK(out.poison(stream));
  return out;
}

Status CheckedOutput::poison(cudaStream_t stream) const {
  return check(cudaMemsetAsync(c_.data(), kPoison, c_.size() * 2, stream), "poisoning the output");
}

Result<Difference> CheckedOutput::compare(const std::uint16_t* a, const std::uint16_t* b,
                                          cudaStream_t stream) const {
  const auto size = static_cast<std::size_t>(sizes_.m * sizes_.n);
  GYRO_TRY(const auto r, DeviceArray<float>::make(size));
  GYRO_TRY(const auto sums, DeviceArray<Sums>::make(1));
  Sums out{};
  const auto guard = static_cast<std::int64_t>(kGuard);
  if (sizes_.type == GYRO_BF16) {
    GYRO_CHECK(
        compare_typed<GYRO_BF16>(sizes_, a, b, data(), guard, r.data(), sums.data(), out, stream));
  } else {
    GYRO_CHECK(
        compare_typed<GYRO_FP16>(sizes_, a, b, data(), guard, r.data(), sums.data(), out, stream));
  }
  return Difference{out.reference > 0 ? std::sqrt(out.difference / out.reference) : 0,
                    static_cast<std::int64_t>(out.wrong),
                    static_cast<std::int64_t>(out.overwritten)};
}

}  // namespace gyro::cuda

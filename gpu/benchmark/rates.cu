#include <algorithm>
#include <random>
#include <vector>

#include "gpu/benchmark/rates.hpp"
#include "gpu/spmm/sm80/instructions.cuh"

namespace gyro::cuda {
namespace {

constexpr int kMmaThreads = 512;
constexpr int kChains = 8;  // independent products of a warp, to hide their latency
constexpr int kMmaSteps = 20000;

__device__ void multiply_dense(float (&d)[4], const uint4& a, uint2 b) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y));
}

/// Numbers near one with varied bits: zeros would draw less power and clock higher.
__device__ uint4 operand(unsigned salt) {
  const unsigned bits = (threadIdx.x * 2654435761U + salt * 40503U) & 0x007F007FU;
  return {0x3F803F80U ^ bits, 0xBF803F80U ^ bits << 3, 0x3F80BF80U ^ bits << 1,
          0x3F003F80U ^ bits << 2};
}

template <bool Sparse>
__global__ void __launch_bounds__(kMmaThreads, 1) run_mma(float* out, int steps) {
  constexpr std::uint32_t kMetadata = 0x4E9C4E94U;
  const uint4 a = operand(1);
  const uint4 b = operand(2);
  float d[kChains][4] = {};
  for (int i = 0; i < steps; ++i) {
#pragma unroll
    for (int chain = 0; chain < kChains; ++chain) {
      if constexpr (Sparse) {
        sm80::multiply_sparse<GYRO_BF16, 0>(d[chain], a, b, kMetadata);
      } else {
        multiply_dense(d[chain], a, {b.x, b.y});
      }
    }
  }
  float sum = 0;
  for (const auto& chain : d) sum += chain[0] + chain[1] + chain[2] + chain[3];
  out[blockIdx.x * kMmaThreads + threadIdx.x] = sum;
}

constexpr int kGatherThreads = 128;
constexpr int kSlots = 16;  // copies in flight of a warp
constexpr std::size_t kPitch = 16384;
constexpr int kRows = 1024;  // 16 MiB
constexpr int kCopies = 32768;
constexpr int kStarts = 4096;

template <int RowBytes>
__global__ void __launch_bounds__(kGatherThreads)
    gather(const std::uint8_t* rows, const int* index, int count, int* out) {
  extern __shared__ __align__(128) std::uint8_t memory[];
  constexpr int kPieces = RowBytes / 16;
  constexpr int kTogether = kPieces >= 32 ? 1 : 32 / kPieces;  // rows that a warp copies at once
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::uint8_t* const from =
      rows + static_cast<std::size_t>(blockIdx.x) * RowBytes % kPitch + lane % kPieces * 16;
  const int* const mine = index + blockIdx.x * 977 % kStarts;
  const std::uint32_t to = sm80::shared_address(memory) + warp * kSlots * 512 + lane * 16;
  int slot = 0;
  for (int i = warp; i * kTogether < count; i += kGatherThreads / 32) {
    const int row = __ldg(mine + i * kTogether + lane / kPieces % kTogether);
    sm80::copy_async(to + slot * 512, from + static_cast<std::size_t>(row) * kPitch, true);
    sm80::commit_copies();
    sm80::wait_copies<kSlots - 4>();
    slot = (slot + 1) % kSlots;
  }
  sm80::wait_copies<0>();
  __syncthreads();
  if (memory[threadIdx.x] == 255) *out = 1;
}

template <int RowBytes>
Result<double> gather_rate_of(const gyro_context& context, const std::uint8_t* rows,
                              const int* index, int* out) {
  constexpr int kShared = kGatherThreads / 32 * kSlots * 512;
  double best = 0;
  for (const int blocks : {1, 2, 4, 6}) {
    const auto grid = static_cast<unsigned>(context.multiprocessors * blocks);
    GYRO_TRY(const double us, median_us(context.stream, [&] {
               gather<RowBytes>
                   <<<grid, kGatherThreads, kShared, context.stream>>>(rows, index, kCopies, out);
             }));
    best = std::max(best, static_cast<double>(grid) * kCopies * RowBytes / us * 1e-6);
  }
  return best;
}

}  // namespace

Result<double> mma_rate(const gyro_context& context, bool sparse) {
  const auto grid = static_cast<unsigned>(context.multiprocessors);
  GYRO_TRY(const auto out, DeviceArray<float>::make(grid * std::size_t{kMmaThreads}));
  GYRO_TRY(const double us, median_us(context.stream, [&] {
             if (sparse) {
               run_mma<true><<<grid, kMmaThreads, 0, context.stream>>>(out.data(), kMmaSteps);
             } else {
               run_mma<false><<<grid, kMmaThreads, 0, context.stream>>>(out.data(), kMmaSteps);
             }
           }));
  const double flop = 2.0 * 16 * 8 * (sparse ? 32 : 16) * kChains * kMmaSteps * (kMmaThreads / 32);
  return flop * grid / us * 1e-6;
}

Result<double> gather_rate(const gyro_context& context, int row_bytes) {
  GYRO_TRY(const auto rows, DeviceArray<std::uint8_t>::make(kRows * kPitch));
  GYRO_TRY(auto index, DeviceArray<int>::make(kCopies + kStarts));
  GYRO_TRY(const auto out, DeviceArray<int>::make(1));
  std::mt19937 random(1);
  std::vector<int> drawn(index.size());
  for (auto& row : drawn) row = static_cast<int>(random() % kRows);
  GYRO_CHECK(index.upload(drawn.data(), context.stream));
  GYRO_CHECK(check(cudaMemsetAsync(rows.data(), 1, rows.size(), context.stream), "a ceiling"));
  return row_bytes == 512 ? gather_rate_of<512>(context, rows.data(), index.data(), out.data())
                          : gather_rate_of<128>(context, rows.data(), index.data(), out.data());
}

Result<double> copy_rate(const gyro_context& context) {
  GYRO_TRY(const std::size_t left, memory_left(context));
  const std::size_t bytes = std::min(std::size_t{1} << 30, left / 4);
  GYRO_TRY(const auto from, DeviceArray<std::uint8_t>::make(bytes));
  GYRO_TRY(const auto to, DeviceArray<std::uint8_t>::make(bytes));
  GYRO_CHECK(check(cudaMemsetAsync(from.data(), 1, bytes, context.stream), "a ceiling"));
  GYRO_TRY(const double us, median_us(context.stream, [&] {
             cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice,
                             context.stream);
           }));
  return 2.0 * static_cast<double>(bytes) / us * 1e-6;
}

}  // namespace gyro::cuda

#include <array>
#include <limits>

#include "gpu/spmm/general/values.cuh"
#include "gpu/spmm/sm80/instructions.cuh"
#include "gpu/spmm/sm80/sm80.hpp"

namespace gyro::cuda::sm80 {
namespace {

constexpr int kBlockBytes = kPiecesPerBlock * 16;
constexpr int kStepBytes = 32 * 16;
constexpr int kMetadataAt = 2 * kStepBytes;

/// What a block of threads makes: Rows of one tile by Tokens, cut into one piece a warp.
template <int Rows_, int Tokens_, int WarpRows_, int WarpTokens_, int Stages_>
struct Tiling {
  static constexpr int Rows = Rows_;
  static constexpr int Tokens = Tokens_;
  static constexpr int WarpRows = WarpRows_;
  static constexpr int WarpTokens = WarpTokens_;
  static constexpr int Stages = Stages_;  // in shared memory at once
  static constexpr int Warps = Rows / WarpRows * (Tokens / WarpTokens);
  static constexpr int Threads = Warps * 32;
  static constexpr int RowsPerLane = kStageVectors * 8 / Threads;  // 8 lanes copy a row of B
  static constexpr int Pitch = Tokens * 2;
  static constexpr int BBytes = kStageVectors * Pitch;
  static constexpr int StageBytes = BBytes + Rows / kRowBlock * kBlockBytes;
  static constexpr int SharedBytes = Stages * StageBytes;
  static constexpr int OutPitch = WarpTokens * 2 + 16;  // no bank twice
  static_assert(RowsPerLane == 2 || RowsPerLane == 4);
  static_assert(Warps * WarpRows * OutPitch <= SharedBytes);
};

struct Product {
  const uint4* blocks;
  const std::int32_t* index;
  const std::int32_t* output_order;
  const float* bias;
  const std::uint16_t* b;
  std::uint16_t* c;
  std::int64_t ldb;
  std::int64_t ldc;
  std::int64_t tokens;
  int stages;
  int row_blocks;  // of Tiling::Rows rows
  int blocks_per_tile;
  int permuted_rows;
};

struct Position {
  int row_block;
  int tile;
  std::int64_t token;
};

/// Copies the stages of a block of threads into shared memory, in order.
template <class T>
class Loader {
 public:
  __device__ Loader(const Product& p, const Position& at, std::uint32_t shared)
      : shared_(shared), ldb_(p.ldb), stages_(p.stages) {
    const int lane = static_cast<int>(threadIdx.x) % 8;
    const std::int64_t token = at.token + lane * 8;
    first_row_ = static_cast<int>(threadIdx.x) / 8 * T::RowsPerLane;
    chunk_ = lane;
    b_ = p.b + token;
    inside_ = p.tokens - token;
    index_ = p.index + static_cast<std::int64_t>(at.tile) * p.stages * kStageVectors + first_row_;
    a_ = p.blocks + static_cast<std::int64_t>(at.row_block) * (T::Rows / kRowBlock) * p.stages *
                        kPiecesPerBlock;
    read_index(0);
  }

  __device__ void load(int stage) {
    const std::uint32_t to = shared_ + stage % T::Stages * T::StageBytes;
    std::int32_t rows[T::RowsPerLane];
#pragma unroll
    for (int i = 0; i < T::RowsPerLane; ++i) rows[i] = next_[i];
    if (stage + 1 < stages_) read_index(stage + 1);
#pragma unroll
    for (int i = 0; i < T::RowsPerLane; ++i) {
      const int row = first_row_ + i;
      const std::uint16_t* const from = b_ + (rows[i] < 0 ? 0 : rows[i] * ldb_);
      const std::uint32_t place = to + row * T::Pitch + ((chunk_ ^ (row & 7)) << 4);
#pragma unroll
      for (int j = 0; j < T::Tokens / 64; ++j) {
        const bool valid = rows[i] >= 0 && j * 64 < inside_;
        copy_async(place + j * 128, valid ? from + j * 64 : b_origin(), valid);
      }
    }
    load_values(stage, to + T::BBytes);
  }

 private:
  /// Of a stage, one before it is used.
  __device__ void read_index(int stage) {
    const std::int32_t* const from = index_ + stage * kStageVectors;
    if constexpr (T::RowsPerLane == 4) {
      const int4 rows = __ldg(reinterpret_cast<const int4*>(from));
      next_[0] = rows.x;
      next_[1] = rows.y;
      next_[2] = rows.z;
      next_[3] = rows.w;
    } else {
      const int2 rows = __ldg(reinterpret_cast<const int2*>(from));
      next_[0] = rows.x;
      next_[1] = rows.y;
    }
  }

  /// Any address that may be read: nothing is, where a copy is all zeros.
  __device__ const void* b_origin() const { return a_; }

  __device__ void load_values(int stage, std::uint32_t to) const {
    constexpr int kPieces = T::Rows / kRowBlock * kPiecesPerBlock;
    for (int i = static_cast<int>(threadIdx.x); i < kPieces; i += T::Threads) {
      const int block = i / kPiecesPerBlock;
      const uint4* const from =
          a_ + (static_cast<std::int64_t>(block) * stages_ + stage) * kPiecesPerBlock +
          i % kPiecesPerBlock;
      copy_async(to + i * 16, from, true);
    }
  }

  std::uint32_t shared_;
  std::int64_t ldb_;
  int stages_;
  int first_row_;
  int chunk_;
  std::int64_t inside_;  // tokens from this lane's first to the end
  const std::uint16_t* b_;
  const std::int32_t* index_;
  const uint4* a_;
  std::int32_t next_[T::RowsPerLane];
};

template <class T>
struct Sums {
  static constexpr int kDown = T::WarpRows / 16;
  static constexpr int kAcross = T::WarpTokens / 8;
  float at[kDown][kAcross][4];
};

template <class T>
struct WarpPlace {
  __device__ WarpPlace()
      : lane(static_cast<int>(threadIdx.x) % 32),
        warp(static_cast<int>(threadIdx.x) / 32),
        row(warp / (T::Tokens / T::WarpTokens) * T::WarpRows),
        token(warp % (T::Tokens / T::WarpTokens) * T::WarpTokens) {}
  int lane;
  int warp;
  int row;
  int token;
};

template <class T, int Type, int Step>
__device__ void add_step(const WarpPlace<T>& place, std::uint32_t stage,
                         const std::uint32_t (&metadata)[Sums<T>::kDown], Sums<T>& sums) {
  uint4 a[Sums<T>::kDown];
  const std::uint32_t values =
      stage + T::BBytes + place.row / kRowBlock * kBlockBytes + Step * kStepBytes + place.lane * 16;
#pragma unroll
  for (int i = 0; i < Sums<T>::kDown; ++i) a[i] = load_shared(values + i * kBlockBytes);
  const int row = Step * 32 + place.lane;
#pragma unroll
  for (int j = 0; j < Sums<T>::kAcross; ++j) {
    const int chunk = (place.token / 8 + j) ^ (row & 7);
    const uint4 b = load_transposed(stage + row * T::Pitch + chunk * 16);
#pragma unroll
    for (int i = 0; i < Sums<T>::kDown; ++i) {
      multiply_sparse<Type, Step>(sums.at[i][j], a[i], b, metadata[i]);
    }
  }
}

template <class T, int Type>
__device__ void add_stage(const WarpPlace<T>& place, std::uint32_t stage, Sums<T>& sums) {
  std::uint32_t metadata[Sums<T>::kDown];
  const std::uint32_t words =
      stage + T::BBytes + place.row / kRowBlock * kBlockBytes + kMetadataAt + place.lane * 4;
#pragma unroll
  for (int i = 0; i < Sums<T>::kDown; ++i) metadata[i] = load_shared_word(words + i * kBlockBytes);
  add_step<T, Type, 0>(place, stage, metadata, sums);
  add_step<T, Type, 1>(place, stage, metadata, sums);
}

/// Sums of a warp, with bias, to its own piece of shared memory, so that rows leave 16 bytes a
/// lane.
template <class T, int Type>
__device__ void stage_sums(const Product& p, const WarpPlace<T>& place, int first_row,
                           const Sums<T>& sums, std::uint8_t* out) {
#pragma unroll
  for (int i = 0; i < Sums<T>::kDown; ++i) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = i * 16 + half * 8 + place.lane / 4;
      const float bias = p.bias == nullptr ? 0.0F : p.bias[first_row + place.row + row];
#pragma unroll
      for (int j = 0; j < Sums<T>::kAcross; ++j) {
        const float* const d = sums.at[i][j] + 2 * half;
        *reinterpret_cast<std::uint32_t*>(out + row * T::OutPitch + j * 16 + place.lane % 4 * 4) =
            write_pair<Type>(d[0] + bias, d[1] + bias);
      }
    }
  }
}

template <class T>
__device__ void store_sums(const Product& p, const WarpPlace<T>& place, int first_row,
                           std::int64_t first_token, const std::uint8_t* out) {
  constexpr int kLanes = T::WarpTokens / 8;  // that store a row together
  const std::int64_t token = first_token + place.token + place.lane % kLanes * 8;
  if (token >= p.tokens) return;
#pragma unroll
  for (int i = 0; i < T::WarpRows; i += 32 / kLanes) {
    const int row = i + place.lane / kLanes;
    const std::int64_t permuted = first_row + place.row + row;
    const std::int64_t to = p.permuted_rows != 0 ? permuted : p.output_order[permuted];
    std::uint16_t* const c = p.c + to * p.ldc + token;
    const auto* const from =
        reinterpret_cast<const std::uint16_t*>(out + row * T::OutPitch + place.lane % kLanes * 16);
    if (token + 8 <= p.tokens) {
      *reinterpret_cast<uint4*>(c) = *reinterpret_cast<const uint4*>(from);
    } else {
      for (int k = 0; token + k < p.tokens; ++k) c[k] = from[k];
    }
  }
}

template <class T, int Type>
__global__ void __launch_bounds__(T::Threads) multiply(Product p) {
  extern __shared__ __align__(128) std::uint8_t memory[];
  const std::uint32_t shared = shared_address(memory);
  const int row_block = static_cast<int>(blockIdx.x) % p.row_blocks;
  const Position at{row_block, row_block / p.blocks_per_tile,
                    static_cast<std::int64_t>(blockIdx.x / p.row_blocks) * T::Tokens};
  const WarpPlace<T> place;
  Loader<T> loader(p, at, shared);
  Sums<T> sums = {};

  for (int stage = 0; stage < T::Stages - 1; ++stage) {
    if (stage < p.stages) loader.load(stage);
    commit_copies();
  }
  for (int stage = 0; stage < p.stages; ++stage) {
    wait_copies<T::Stages - 2>();
    __syncthreads();
    if (stage + T::Stages - 1 < p.stages) loader.load(stage + T::Stages - 1);
    commit_copies();
    add_stage<T, Type>(place, shared + stage % T::Stages * T::StageBytes, sums);
  }
  wait_copies<0>();
  __syncthreads();
  std::uint8_t* const out = memory + place.warp * T::WarpRows * T::OutPitch;
  stage_sums<T, Type>(p, place, row_block * T::Rows, sums, out);
  __syncwarp();
  store_sums<T>(p, place, row_block * T::Rows, at.token, out);
}

template <class T, int Type>
Status start(const Blocks& blocks, Product p, cudaStream_t stream) {
  const auto kernel = multiply<T, Type>;
  p.row_blocks = blocks.shape.rows / T::Rows;
  p.blocks_per_tile = blocks.shape.vector_size / T::Rows;
  const std::int64_t grid = (p.tokens + T::Tokens - 1) / T::Tokens * p.row_blocks;
  if (grid > std::numeric_limits<std::int32_t>::max()) {
    return fail(ErrorCode::TooLarge, "the product has too many blocks for one launch");
  }
  GYRO_CHECK(check(
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, T::SharedBytes),
      "taking shared memory"));
  kernel<<<static_cast<unsigned>(grid), T::Threads, T::SharedBytes, stream>>>(p);
  return check(cudaGetLastError(), "starting the sm80 product");
}

template <class Wide, class Narrow>
Status start_for(const Blocks& blocks, const Product& p, cudaStream_t stream) {
  const bool bf16 = blocks.type == GYRO_BF16;
  if (p.tokens <= Narrow::Tokens) {
    return bf16 ? start<Narrow, GYRO_BF16>(blocks, p, stream)
                : start<Narrow, GYRO_FP16>(blocks, p, stream);
  }
  return bf16 ? start<Wide, GYRO_BF16>(blocks, p, stream)
              : start<Wide, GYRO_FP16>(blocks, p, stream);
}

}  // namespace

Status launch(const Blocks& blocks, const SpmmOperands& operands, cudaStream_t stream) {
  const Product p{blocks.values.data(),
                  blocks.index.data(),
                  blocks.output_order.data(),
                  blocks.bias.data(),
                  operands.b,
                  operands.c,
                  operands.ldb,
                  operands.ldc,
                  operands.tokens,
                  blocks.stages,
                  0,
                  0,
                  operands.row_order == GYRO_PERMUTED_ROWS};
  // The best of some tilings on an H100; the widest need more shared memory than Ada has.
  const int v = blocks.shape.vector_size;
  const bool roomy = blocks.shared_memory >= Tiling<32, 256, 32, 32, 3>::SharedBytes;
  if (v % 128 == 0) {
    return start_for<Tiling<128, 128, 64, 64, 3>, Tiling<128, 64, 64, 32, 4>>(blocks, p, stream);
  }
  if (v % 64 == 0) {
    return start_for<Tiling<64, 128, 64, 32, 3>, Tiling<64, 64, 32, 32, 4>>(blocks, p, stream);
  }
  if (v % 32 == 0) {
    using Narrow = Tiling<32, 64, 16, 32, 4>;
    return roomy ? start_for<Tiling<32, 256, 32, 32, 3>, Narrow>(blocks, p, stream)
                 : start_for<Tiling<32, 128, 32, 32, 4>, Narrow>(blocks, p, stream);
  }
  using Narrow = Tiling<16, 64, 16, 16, 4>;
  return roomy ? start_for<Tiling<16, 256, 16, 32, 3>, Narrow>(blocks, p, stream)
               : start_for<Tiling<16, 128, 16, 32, 4>, Narrow>(blocks, p, stream);
}

}  // namespace gyro::cuda::sm80

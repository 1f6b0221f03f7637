#pragma once

#include "gpu/search/code.cuh"
#include "gpu/search/launch.cuh"

namespace gyro::cuda {

inline constexpr int kSheetThreads = 1024;

/// A sheet in shared memory, [columns][4 · Lanes] codes: `Lanes` words of four rows a column.
template <int Lanes>
struct Sheet {
  static constexpr int kRows = 4 * Lanes;
  static constexpr int kLoads = 2;  // of four rows each, that a thread waits for at a time
  std::uint32_t* words;
  int tile;
  int first_row;

  /// This lane's four rows, as they stand now; null behind the last.
  struct Rows {
    const uint4* row[4];
  };

  __device__ Rows rows(const Field& f) const {
    const int first = first_row + 4 * (static_cast<int>(threadIdx.x) % Lanes);
    const std::int32_t* const order = f.order + tile * f.layout.height + first;
    Rows out;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const bool there = first + i < f.layout.height;
      const Code* const row = f.codes + std::size_t(there ? fresh(order[i]) : 0) * f.layout.stride;
      out.row[i] = there ? reinterpret_cast<const uint4*>(row) : nullptr;
    }
    return out;
  }

  /// Transposes the rows. A lane takes four rows of 16 columns; lanes next to each other take a
  /// group's four columns in different orders, so that they write to different banks.
  __device__ void load(const Field& f, const Rows& from) const {
    const Layout& l = f.layout;
    const int lane = static_cast<int>(threadIdx.x) & 31;
    const int word = lane % Lanes;
    const int turn = lane / Lanes & 3;
    const unsigned upper[2] = {(turn & 2) != 0 ? 0x7362U : 0x5140U,
                               (turn & 2) != 0 ? 0x5140U : 0x7362U};
    const unsigned lower[2] = {(turn & 1) != 0 ? 0x7632U : 0x5410U,
                               (turn & 1) != 0 ? 0x5410U : 0x7632U};
    constexpr int kStep = kSheetThreads / Lanes;
    for (int first = static_cast<int>(threadIdx.x) / Lanes; first < l.stride / 16;
         first += kLoads * kStep) {
      uint4 in[kLoads][4];
#pragma unroll
      for (int k = 0; k < kLoads; ++k) {
        const int at = first + k * kStep;
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const bool there = at < l.stride / 16 && from.row[i] != nullptr;
          in[k][i] = there ? __ldg(from.row[i] + at) : uint4{0, 0, 0, 0};
        }
      }
#pragma unroll
      for (int k = 0; k < kLoads; ++k) {
        const int at = first + k * kStep;
        if (at >= l.stride / 16) break;
        const uint4(&row)[4] = in[k];
        std::uint32_t* const to = words + std::size_t(16 * at) * Lanes + word;
        const auto transpose = [&](int group, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                                   std::uint32_t d) {
#pragma unroll
          for (int j = 0; j < 4; ++j) {
            const std::uint32_t ab = __byte_perm(a, b, upper[j >> 1]);
            const std::uint32_t cd = __byte_perm(c, d, upper[j >> 1]);
            to[(4 * group + (j ^ turn)) * Lanes] = __byte_perm(ab, cd, lower[j & 1]);
          }
        };
        transpose(0, row[0].x, row[1].x, row[2].x, row[3].x);
        transpose(1, row[0].y, row[1].y, row[2].y, row[3].y);
        transpose(2, row[0].z, row[1].z, row[2].z, row[3].z);
        transpose(3, row[0].w, row[1].w, row[2].w, row[3].w);
      }
    }
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");  // for store()
#endif
  }

  /// Starts to write it to the layer's.
  __device__ void store(const Field& f) const {
    const Layout& l = f.layout;
    const int sheets = l.width / kRows;
    const std::size_t bytes = std::size_t(l.stride) * kRows;
    Code* const to = f.sheets + (std::size_t(tile) * sheets + first_row / kRows) * bytes;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    if (threadIdx.x != 0) return;
    const auto from = static_cast<std::uint32_t>(__cvta_generic_to_shared(words));
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to), "r"(from),
                 "r"(static_cast<std::uint32_t>(bytes))
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
#else
    for (std::size_t i = threadIdx.x; i < bytes / 16; i += kSheetThreads) {
      reinterpret_cast<uint4*>(to)[i] = reinterpret_cast<const uint4*>(words)[i];
    }
#endif
  }
  /// Waits until it is written.
  __device__ static void finish_store() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    if (threadIdx.x == 0) asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
#endif
  }
};

}  // namespace gyro::cuda

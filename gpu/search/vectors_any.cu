#include "gpu/search/kernels.hpp"
#include "gpu/search/meeting.cuh"

namespace gyro::cuda {
namespace {

/// Four members of a group that may be swapped: neighbours from a random one on, round the group.
struct Window {
  int first;  ///< place of the group
  int start;
  int size;  ///< of the group

  __device__ int place(int k) const {
    int member = start + k;
    if (member >= size) member -= size;
    return first + (member >= size ? member - size : member);
  }
};

/// One round's pairs of groups of any N:M, and of any height.
template <int Lanes, class Pattern>
__device__ void meet_any(const Field& f, const Part& part, const Stage& stage,
                         const Meeting& meeting, int round, const Selectors& select,
                         const Seat<Lanes>& seat, Bath<Lanes>& bath, Moved& moved) {
  constexpr int kPairs = Seat<Lanes>::kPairs;
  const Layout& l = part.layout;
  Reader read{stage.place, l.vectors_staged ? nullptr : stage.column, nullptr,
              static_cast<std::uint32_t>(2 * l.width)};
  const auto* const base = l.vectors_staged
                               ? reinterpret_cast<const unsigned char*>(stage.vectors)
                               : reinterpret_cast<const unsigned char*>(
                                     f.columns + std::size_t(part.tile) * l.cols * l.width);
  const int members = min(4, l.m);
  const int partners = meeting.exchange ? min(4, l.dropped) : members;
  const int warps = static_cast<int>(blockDim.x) >> 5;
  for (int at = static_cast<int>(threadIdx.x) >> 5; at * kPairs < meeting.pairs; at += warps) {
    // A pair too many watches the last one, which is its warp's.
    const int k = min(at * kPairs + seat.pair, meeting.pairs - 1);
    const bool active = at * kPairs + seat.pair == k;
    const uint2 group = meeting.of(static_cast<std::uint32_t>(k), part);
    const std::uint32_t random =
        mixed(part.key + static_cast<std::uint32_t>(round * 65536 + k) * 0x68e31da4U);
    const Window a{l.m * static_cast<int>(group.x), static_cast<int>(random % l.m), l.m};
    const Window b =
        meeting.exchange
            ? Window{l.m * part.groups + 4 * (static_cast<int>(group.y) - part.groups), 0, 4}
            : Window{l.m * static_cast<int>(group.y), static_cast<int>((random >> 16) % l.m), l.m};
    float even[4] = {0, 0, 0, 0};
    float odd[4] = {0, 0, 0, 0};
    for (int chunk = 0; chunk < l.width; chunk += 2 * Lanes) {
      read.base = base + 2 * chunk + 4 * seat.row;
      Candidates in_a;
      Candidates in_b;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        in_a.value[i] = read(a.place(i));
        in_b.value[i] = read(b.place(i));
      }
      Pattern::weigh(
          in_a, [&](int i) { return read(a.first + i); }, l.n, l.m);
      if (!meeting.exchange) {
        Pattern::weigh(
            in_b, [&](int i) { return read(b.first + i); }, l.n, l.m);
      }
      add_swaps(even, odd, in_a, in_b, meeting.exchange, select);
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) even[i] += odd[i];
    float gain[1];
    seat.gather(even, gain);
    const auto allowed = [&](int swap) {
      return active && (swap >> 2) < members && (swap & 3) < partners;
    };
    if (const Drawn drawn = bath.draw(gain, allowed, seat); drawn.swap >= 0) {
      exchange_places(stage.place[a.place(drawn.swap >> 2)], stage.place[b.place(drawn.swap & 3)]);
      moved.add(drawn.gain);
    }
    __syncwarp();
  }
}

template <int Lanes, class Pattern>
__global__ void __launch_bounds__(1024) move_any_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  move_part<Lanes, 0, 0, false>(
      f, memory, static_cast<int>(blockIdx.x),
      [&](const Part& part, const Stage& stage, const Meeting& meeting, int round,
          const Selectors& select, const Seat<Lanes>& seat, Bath<Lanes>& bath, Moved& moved) {
        meet_any<Lanes, Pattern>(f, part, stage, meeting, round, select, seat, bath, moved);
      });
}

}  // namespace

Result<VectorKernel> any_vector_kernel(const Layout& layout) {
  VectorKernel out = nullptr;
  GYRO_CHECK(with_pattern(layout.n, layout.m, false, [&](auto pattern) -> Status {
    using Pattern = decltype(pattern);
    if constexpr (!Pattern::kWhole) {
      out = layout.width == 32 ? move_any_kernel<16, Pattern> : move_any_kernel<32, Pattern>;
    }
    return {};
  }));
  return out;
}

}  // namespace gyro::cuda

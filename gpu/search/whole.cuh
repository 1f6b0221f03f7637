#pragma once

#include "gpu/search/meeting.cuh"

namespace gyro::cuda {

/// So many half2 at an address in shared memory.
template <int Words>
__device__ void read_words(Half2 (&out)[Words], std::uint32_t address) {
  auto* const to = reinterpret_cast<std::uint32_t*>(out);
  if constexpr (Words == 1) {
    asm volatile("ld.shared.b32 %0, [%1];" : "=r"(to[0]) : "r"(address));
  } else {
    static_assert(Words == 2, "one or two");
    asm volatile("ld.shared.v2.b32 {%0,%1}, [%2];" : "=r"(to[0]), "=r"(to[1]) : "r"(address));
  }
}

/// Where the four vectors at a group's places start.
template <int Width>
__device__ void find_vectors(std::uint32_t (&out)[4], std::uint32_t base,
                             const std::uint16_t* places) {
  const uint2 at = *reinterpret_cast<const uint2*>(places);
  out[0] = base + (at.x & 0xffff) * (2 * Width);
  out[1] = base + (at.x >> 16) * (2 * Width);
  out[2] = base + (at.y & 0xffff) * (2 * Width);
  out[3] = base + (at.y >> 16) * (2 * Width);
}

/// Changes of all swaps of two groups, or of a group and four dropped vectors, over a lane's rows.
template <int Width, int Lanes, bool Exchange>
__device__ void judge(float (&sum)[4], const std::uint32_t (&at_a)[4],
                      const std::uint32_t (&at_b)[4], const Seat<Lanes>& seat,
                      const Selectors& select) {
  constexpr int kWords = Width / 2 / Lanes;
  constexpr int kPiece = kWords > 1 ? 2 : 1;
  constexpr int kPieces = kWords / kPiece;
  float odd[4] = {0, 0, 0, 0};
#pragma unroll
  for (int piece = 0; piece < kPieces; ++piece) {
    // The pairs of a warp read different pieces at a time, and so different banks.
    const int turned = piece ^ (seat.pair % kPieces);
    const auto offset = static_cast<std::uint32_t>(turned * Lanes * 4 * kPiece);
    Half2 in_a[4][kPiece];
    Half2 in_b[4][kPiece];
#pragma unroll
    for (int i = 0; i < 4; ++i) read_words(in_a[i], at_a[i] + offset);
#pragma unroll
    for (int i = 0; i < 4; ++i) read_words(in_b[i], at_b[i] + offset);
#pragma unroll
    for (int word = 0; word < kPiece; ++word) {
      Candidates a;
      Candidates b;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        a.value[i] = in_a[i][word];
        b.value[i] = in_b[i][word];
      }
      TwoOfFour::weigh(a);
      if (!Exchange) TwoOfFour::weigh(b);
      add_swaps(sum, odd, a, b, Exchange, select);
    }
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) sum[i] += odd[i];
}

/// One round's pairs of 2:4 groups of staged vectors, `Width` rows high.
template <int Width, int Lanes, bool Exchange>
__device__ void meet_whole(const Part& part, const Stage& stage, const Meeting& meeting,
                           const Selectors& select, const Seat<Lanes>& seat, Bath<Lanes>& bath,
                           Moved& moved) {
  constexpr int kPairs = Seat<Lanes>::kPairs;
  constexpr int kWords = Width / 2 / Lanes;
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(stage.vectors)) +
                    static_cast<std::uint32_t>((kWords > 1 ? 8 : 4) * seat.row);
  const int partners = Exchange ? min(4, part.layout.dropped) : 4;
  const int warps = static_cast<int>(blockDim.x) >> 5;
  for (int at = static_cast<int>(threadIdx.x) >> 5; at * kPairs < meeting.pairs; at += warps) {
    // A pair too many watches the last one, which is its warp's.
    const int k = min(at * kPairs + seat.pair, meeting.pairs - 1);
    const bool active = kPairs == 1 || at * kPairs + seat.pair == k;
    const uint2 group = meeting.of(static_cast<std::uint32_t>(k), part);
    std::uint16_t* const in_a = stage.place + 4 * group.x;
    std::uint16_t* const in_b = stage.place + 4 * group.y;
    std::uint32_t at_a[4];
    std::uint32_t at_b[4];
    find_vectors<Width>(at_a, base, in_a);
    find_vectors<Width>(at_b, base, in_b);
    float sum[4] = {0, 0, 0, 0};
    judge<Width, Lanes, Exchange>(sum, at_a, at_b, seat, select);
    float gain[Seat<Lanes>::kOwn];
    seat.gather(sum, gain);
    const auto allowed = [&](int swap) { return active && (!Exchange || (swap & 3) < partners); };
    if (const Drawn drawn = bath.draw(gain, allowed, seat); drawn.swap >= 0) {
      exchange_places(in_a[drawn.swap >> 2], in_b[drawn.swap & 3]);
      moved.add(drawn.gain);
    }
    __syncwarp();
  }
}

/// Moves the vectors of a part of a tile: 2:4 groups of staged vectors, `Width` rows high.
template <int Lanes, int Width, bool Coded>
__device__ void move_whole(const Field& f, unsigned char* memory, int number) {
  move_part<Lanes, Width, 4, Coded>(
      f, memory, number,
      [](const Part& part, const Stage& stage, const Meeting& meeting, int /*round*/,
         const Selectors& select, const Seat<Lanes>& seat, Bath<Lanes>& bath, Moved& moved) {
        if (meeting.exchange) {
          meet_whole<Width, Lanes, true>(part, stage, meeting, select, seat, bath, moved);
        } else {
          meet_whole<Width, Lanes, false>(part, stage, meeting, select, seat, bath, moved);
        }
      });
}

}  // namespace gyro::cuda

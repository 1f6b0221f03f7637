#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro::desktop::kernels {

/// Loops over rows of floats that a repaint spends its time in; no NaN but where named.

/// sums += weight · v
void add(const float* v, std::size_t n, float weight, float* sums);

/// What is summed of a value v: v, |v| or v².
enum class Term { Plain, Absolute, Square };
constexpr int kRowsAtOnce = 4;
/// sums = Σ_k weights[k] · term(rows[k]) over `count` = 1 … kRowsAtOnce rows of n values, with
/// `more` added to what is there.
void weigh(Term term, const float* const* rows, const float* weights, int count, std::size_t n,
           bool more, float* sums);
/// The same of rows of binary16 without infinities or NaN, as they are.
void weigh(const std::uint16_t* const* rows, const float* weights, int count, std::size_t n,
           bool more, float* sums);
/// out[i] = Σ_k taps[4·i + k] · sums[first[i] − base + k], k = 0 … 3; reads 3 floats beyond the
/// last block.
void fourTaps(const float* sums, const int* first, int base, const float* taps, std::size_t n,
              float* out);
/// binary16 without infinities, times a scale.
void fromHalves(const std::uint16_t* halves, std::size_t n, float scale, float* out);
/// places = ((v − offset) · factor) clamped to 0 … last; with `absolute` of |v|. Returns whether
/// any v is NaN (its place is 0) or, with `zeros`, 0.
bool places(const float* v, std::size_t n, float offset, float factor, float last, bool absolute,
            bool zeros, std::int32_t* out);

/// Sums of neighbouring pairs of two rows of 2·n values, `below` null where there is only one:
/// sums[i] = f(a[2i]) + f(a[2i + 1]) + f(b[2i]) + f(b[2i + 1]) with f(v) = v, |v| or v².
void pairs(const float* above, const float* below, std::size_t n, float* sums);
void pairsAbsolute(const float* above, const float* below, std::size_t n, float* sums);
void pairsSquares(const float* above, const float* below, std::size_t n, float* sums);
/// out[i] = binary16 of clamp(factor · v[i]), NaN as 0x7FFF; with `root` of √v[i].
void toHalves(const float* v, std::size_t n, float factor, bool root, float rootFactor,
              std::uint16_t* out);

/// Figures of the finite ones of n values, added to what is there.
struct Figures {
  double sum = 0;
  double squares = 0;
  float low;       ///< least
  float high;      ///< largest
  float smallest;  ///< least |v| > 0
};
void figures(const float* v, std::size_t n, Figures& all);

}  // namespace gyro::desktop::kernels

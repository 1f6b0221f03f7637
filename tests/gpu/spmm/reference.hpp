#pragma once

#include <cstdint>

#include "gpu/spmm/path.hpp"

/// The product on the device, as plainly as possible and from the packed layer itself.
namespace gyro::testing {

/// What is wrong with a C: entries beyond tolerance (NaN is), entries outside that were written.
struct Verdict {
  unsigned long long wrong = 0;
  unsigned long long overwritten = 0;
  double worst = 0;  ///< largest error over its tolerance
};

/// Every entry of C and of `guard` entries before and after it is set to this NaN.
inline constexpr std::uint16_t kPoison = 0xFFFF;

/// Compares C with sums in double. An entry may be off by one rounding step of its type (2⁻⁸ of a
/// bfloat16, 2⁻¹⁰ of a float16) and by 2⁻¹⁶ of the sum of its products' magnitudes, what float32
/// sums of some thousand products stay well below. Outside of the tokens, and `guard` entries on
/// both sides, C must still be kPoison.
[[nodiscard]] Result<Verdict> judge(const cuda::PackedOnDevice& packed,
                                    const cuda::SpmmOperands& operands, std::int64_t guard,
                                    cudaStream_t stream);

/// Normal numbers times `scale` in 16 bits; entries with column ≥ `columns` become NaN.
[[nodiscard]] Status fill_random(std::uint16_t* data, std::int64_t rows, std::int64_t columns,
                                 std::int64_t pitch, std::int32_t type, std::uint64_t seed,
                                 cudaStream_t stream);

}  // namespace gyro::testing

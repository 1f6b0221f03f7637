#pragma once

#include <cstdint>
#include <span>

namespace gyro::desktop {

/// Rows of mask bits as values, a byte of bits at a time. Columns first … last − 1 of the row that
/// starts at words[0]; `out` and `values` point to column `first`.

/// out = bit set ? value : other, where `other` is given by its bits.
void selectKept(std::span<const std::uint64_t> words, int first, int last, const float* values,
                std::uint32_t other, float* out);
/// out = bit set ? 0 : value.
void selectPruned(std::span<const std::uint64_t> words, int first, int last, const float* values,
                  float* out);
/// out = 1 where `kept` is set, else `lost` where `vectors` is set, else 0.
void maskValues(std::span<const std::uint64_t> kept, std::span<const std::uint64_t> vectors,
                int first, int last, float lost, float* out);
/// out = bit set ? 1 : 0.
void maskValues(std::span<const std::uint64_t> kept, int first, int last, float* out);
/// out[i] = values[columns[i]].
void gatherColumns(const float* values, const std::int32_t* columns, int count, float* out);

}  // namespace gyro::desktop

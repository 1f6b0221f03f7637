#pragma once

#include "gpu/search/outcome.hpp"
#include "gpu/search/saliency.hpp"

namespace gyro::cuda {

/// Gyro-permutation on the device, as core's strategy "gyro": its phases, parameters and draws. The
/// tiles' input permutations go on side by side, a proposal each at a time, so their steps are told
/// in turns instead of tile by tile. A step is a proposal. `saliency` [rows × cols] is device
/// memory, `sums` its sums; `clock` started when the search was called.
[[nodiscard]] Result<SearchOutcome> search_gyro(gyro_context& context, const float* saliency,
                                                const SaliencySums& sums, const gyro_shape& shape,
                                                const gyro_search& search, const SearchTime& clock,
                                                const gyro_progress* progress);

/// Device memory that the search takes at least besides the saliency, in bytes.
[[nodiscard]] Result<std::size_t> gyro_bytes(const gyro_context& context, const gyro_shape& shape,
                                             const gyro_search& search);

}  // namespace gyro::cuda

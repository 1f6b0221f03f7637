#pragma once

#include <optional>

#include "gpu/search/layout.hpp"
#include "gpu/search/outcome.hpp"
#include "gpu/search/schedule.hpp"
#include "gpu/search/state.hpp"

namespace gyro::cuda {

/// What may be set apart from the strategy's parameters; for measurements.
struct GyroscopeOptions {
  Rounds rounds;
  std::optional<Odds> odds;  ///< not those of the layout
};

/// Joint annealing of rows and vectors on the device: sweeps over all tiles at falling
/// temperatures, a quench at the end; as core's strategy of that name. A step is a sweep. Runs with
/// a step limit and no budget that ends them give the same orders for the same seed on one card.
/// Never less than the identity order keeps. `saliency` [rows × cols] is device memory, `sums` its
/// sums; `clock` started when the search was called.
[[nodiscard]] Result<SearchOutcome> search_gyroscope(
    const gyro_context& context, const float* saliency, const SaliencySums& sums,
    const gyro_shape& shape, const gyro_search& search, const SearchTime& clock,
    const gyro_progress* progress, const GyroscopeOptions& options = {});

}  // namespace gyro::cuda

#pragma once

#include "gpu/spmm/path.hpp"

namespace gyro::cuda {

/// The kernel for a layer and a number of tokens. Without a name: of all that fit, the one whose
/// own cost model (SpmmPath::cost_us: rounds of work items, a price per stage, item and launch)
/// expects the least time. With a name: that one. Fails with InvalidArgument for an unknown name
/// and with Unsupported, naming what would fit, for one that cannot run the layer. `without`: a
/// kernel that turned out to be unavailable and is left out.
[[nodiscard]] Result<const SpmmPath*> select_path(const gyro_context& context,
                                                  const HinmShape& shape, std::int64_t tokens,
                                                  const char* name,
                                                  const SpmmPath* without = nullptr);

}  // namespace gyro::cuda

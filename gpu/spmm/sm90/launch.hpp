#pragma once

#include "gpu/spmm/path.hpp"
#include "gpu/spmm/sm90/image.hpp"

namespace gyro::cuda::sm90 {

/// How blocks share the work: each on its own; two that share the image of a tile; up to eight that
/// share the kept dimension.
enum class Form { Single, Pair, Split };

[[nodiscard]] Status launch(const gyro_context& context, const DeviceImage& image, Form form,
                            bool bf16, const SpmmOperands& operands, cudaStream_t stream);

/// Blocks that the kept dimension of each item is cut over: a power of two up to 8, so that the
/// least is spent with `slots` blocks running at a time.
[[nodiscard]] int slices_for(int items, int stages, int slots);

/// Lets every kernel use the shared memory it needs; once per process and device.
[[nodiscard]] Status allow_shared_memory();

}  // namespace gyro::cuda::sm90

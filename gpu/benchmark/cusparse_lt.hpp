#pragma once

#include <memory>
#include <string>

#include "gpu/benchmark/contender.hpp"

namespace gyro::cuda {

/// Version of the cuSPARSELt that is found at run time, "0.8.1"; empty: none. Looked for under the
/// name in GYRO_CUSPARSELT, then where the system finds libcusparseLt.so.0.
[[nodiscard]] std::string cusparselt_version();

/// A 2:4 product by cuSPARSELt, float32 sums, after its own search for the fastest algorithm. `a`
/// [m × k] dense is pruned to 2:4 in place and compressed. Unavailable without the library,
/// Unsupported where the sizes do not suit it.
[[nodiscard]] Result<std::unique_ptr<Contender>> make_two_four_product(const ProductSizes& sizes,
                                                                       std::uint16_t* a,
                                                                       const std::uint16_t* b,
                                                                       std::uint16_t* c,
                                                                       cudaStream_t stream);

}  // namespace gyro::cuda

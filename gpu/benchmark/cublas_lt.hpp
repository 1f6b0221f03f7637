#pragma once

#include <memory>
#include <string>

#include "gpu/benchmark/contender.hpp"

namespace gyro::cuda {

/// Version of the cuBLASLt that is found at run time, "13.1.0"; empty: none.
[[nodiscard]] std::string cublas_version();

/// A dense product by cuBLASLt, float32 sums: each algorithm that its heuristics offer is timed on
/// these operands, and the fastest is kept. Unavailable without the library, Unsupported where no
/// algorithm fits. The matrices are device memory and outlive the contender.
[[nodiscard]] Result<std::unique_ptr<Contender>> make_dense_product(const ProductSizes& sizes,
                                                                    const std::uint16_t* a,
                                                                    const std::uint16_t* b,
                                                                    std::uint16_t* c,
                                                                    cudaStream_t stream);

}  // namespace gyro::cuda

#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gyro::gpu_test {

/// A made-up trained layer's |w| in device memory [rows × cols]: Student t of five degrees, scales
/// of rows and columns, and 24 hidden clusters of rows with column profiles of their own.
cudaError_t make_layer(float* out, int rows, int cols, std::uint32_t seed, cudaStream_t stream);

}  // namespace gyro::gpu_test

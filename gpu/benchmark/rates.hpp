#pragma once

#include <functional>

#include "core/base/result.hpp"
#include "gpu/module/context.hpp"

/// Kernels that do one thing at the card's full rate, each timed by median_us().
namespace gyro::cuda {

/// Median of some runs of `body`, which queues work on the stream, after one to warm up.
[[nodiscard]] Result<double> median_us(cudaStream_t stream, const std::function<void()>& body);

/// TFLOP/s of bf16 mma.sync m16n8k16 and, with zeros counted, mma.sp m16n8k32.
[[nodiscard]] Result<double> mma_rate(const gyro_context& context, bool sparse);

/// The same by wgmma, A in shared memory (dense) or registers (sparse); for compute capability 9.0.
[[nodiscard]] Result<double> wgmma_rate(const gyro_context& context, bool sparse);

/// TB/s of rows of `row_bytes` (512 or 128) at random places of a buffer that the L2 cache holds,
/// copied to shared memory; the best over some numbers of blocks.
[[nodiscard]] Result<double> gather_rate(const gyro_context& context, int row_bytes);

/// TB/s of a large copy on the device, bytes read and bytes written.
[[nodiscard]] Result<double> copy_rate(const gyro_context& context);

}  // namespace gyro::cuda

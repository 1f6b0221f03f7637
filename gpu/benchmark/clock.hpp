#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <vector>

#include "core/base/result.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Reads the clock of the multiprocessors between samples, with a kernel of one thread that also
/// keeps the card busy until the work behind it is queued.
class ClockProbe {
 public:
  [[nodiscard]] static Result<ClockProbe> make(std::size_t readings);

  /// Queues reading number `which`, some 30 µs long.
  [[nodiscard]] Status read(std::size_t which, cudaStream_t stream) const;
  /// MHz of the first `count` readings; waits for the stream.
  [[nodiscard]] Result<std::vector<double>> readings(std::size_t count, cudaStream_t stream) const;

 private:
  DeviceArray<double> mhz_;
};

/// Takes everything else out of the L2 cache by writing over several times its size.
class CacheFlush {
 public:
  [[nodiscard]] static Result<CacheFlush> make(const gyro_context& context);
  [[nodiscard]] Status run(cudaStream_t stream) const;

 private:
  DeviceArray<unsigned char> bytes_;
};

}  // namespace gyro::cuda

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/benchmark/benchmark.hpp"
#include "core/remote/client.hpp"
#include "core/remote/method.hpp"

namespace gyro::remote {

/// Adds to a worker's methods:
/// benchmark  {device, device_memory, cells: […]} → {report: text of report_json()}
void add_benchmark(Methods& methods);

/// run_benchmark() on a device of a worker's, with DeviceOptions::memory_budget. Cells with a
/// permutation of their own are not sent: their layers are random. What the worker answers is read
/// like a file of unknown origin, and must be about the cells that were asked for.
[[nodiscard]] Result<BenchReport> run_benchmark(WorkerClient& worker, const std::string& device,
                                                std::uint64_t memory_budget,
                                                const std::vector<BenchCell>& cells,
                                                Progress& progress);

}  // namespace gyro::remote

#pragma once

#include "core/benchmark/benchmark.hpp"

namespace gyro::testing {

inline Timing timing(double us, int samples = 21) {
  return {us, 0.9 * us, 1.25 * us, samples, 0, {}};
}

/// One cell that was measured, V = 128 and 2:4.
inline BenchResult sample_result(int m, int k, std::int64_t n, int kept, double us,
                                 CacheState mode = CacheState::Cold) {
  BenchResult out;
  out.m = m;
  out.k = k;
  out.n = n;
  out.vector_size = 128;
  out.kept = kept;
  out.sparsity = 1 - 0.5 * kept / k;
  out.mode = mode;
  out.path = "sm90/v128";
  out.hinm = timing(us);
  out.cublas = timing(2.5 * us);
  out.cublas_masked = timing(2.25 * us);
  out.cusparselt.note = "libcusparseLt was not found";
  out.relative_error = 0.00166;
  out.convert_us = 40;
  out.bytes = 1e8;
  out.ceiling_name = kGatherWide;
  out.share_of_ceiling = 0.5;
  return out;
}

inline BenchReport sample_report(double scale = 1) {
  BenchReport out;
  out.version = "0.1.0";
  out.time = "2026-11-25T22:31:23Z";
  out.environment.card = "Some card";
  out.environment.driver = "580.1";
  out.environment.cuda = "13.0";
  out.environment.cublas = "13.1.0";
  out.environment.sm_clock_max_mhz = 1980;
  out.environment.before = {1980.0, 2619.0, 99.0, 39.0, ""};
  out.environment.after = {1500.0, std::nullopt, 400.0, 60.0, "power cap"};
  out.ceilings = {{kTensorDense, "TFLOP/s", 900},
                  {kTensorSparse, "TFLOP/s", 1600},
                  {kGatherWide, "TB/s", 7},
                  {kCopy, "TB/s", 3}};
  out.results = {sample_result(4096, 4096, 8192, 2048, 160 * scale),
                 sample_result(4096, 4096, 8192, 1024, 90 * scale),
                 sample_result(4096, 4096, 8192, 2048, 150 * scale, CacheState::Warm)};
  BenchResult refused = sample_result(128, 64, 16, 32, 1);
  refused.path.clear();
  refused.hinm = {};
  refused.hinm.note = "the product is wrong, 3 elements";
  refused.cublas = {};
  refused.cublas_masked = {};
  refused.relative_error = std::nullopt;
  refused.share_of_ceiling = std::nullopt;
  out.results.push_back(refused);
  return out;
}

}  // namespace gyro::testing

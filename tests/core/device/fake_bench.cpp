#include "tests/core/device/fake_bench.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

extern "C" const char* const gyro_fake_mode;

namespace gyro::fake {
namespace {

template <std::size_t Size>
void put(const char* text, char (&field)[Size]) {
  std::snprintf(field, Size, "%s", text);
}

gyro_timing timing(double us) {
  gyro_timing out{};
  out.median_us = us;
  out.p5_us = 0.95 * us;
  out.p95_us = 1.1 * us;
  out.samples = 21;
  return out;
}

}  // namespace

std::int32_t environment(gyro_context* /*context*/, gyro_environment* out,
                         gyro_failure* /*failure*/) {
  *out = {};
  put("Fake card", out->card);
  put("7.5", out->driver);
  put("13.0", out->cuda);
  put("13.1.0", out->cublas);
  out->sm_clock_mhz = 1500;
  out->sm_clock_max_mhz = 1980;
  out->memory_clock_mhz = -1;
  out->power_w = 250;
  out->temperature_c = 40;
  put("power cap", out->throttle);
  return GYRO_OK;
}

std::int32_t ceilings(gyro_context* /*context*/, gyro_ceiling* out, std::int32_t capacity,
                      std::int32_t* count, const gyro_progress* /*progress*/,
                      gyro_failure* /*failure*/) {
  struct Named {
    const char* name;
    const char* unit;
    double value;
  };
  constexpr std::array<Named, 3> kAll{
      {{"tensor.sparse.bf16", "TFLOP/s", 1600}, {"gather.512B", "TB/s", 7}, {"copy", "TB/s", 3}}};
  *count = static_cast<std::int32_t>(kAll.size());
  for (std::int32_t i = 0; i < std::min(*count, capacity); ++i) {
    const auto& ceiling = kAll[static_cast<std::size_t>(i)];
    out[i] = {};
    put(ceiling.name, out[i].name);
    put(ceiling.unit, out[i].unit);
    out[i].value = ceiling.value;
  }
  return GYRO_OK;
}

std::int32_t bench(gyro_context* /*context*/, const gyro_bench_cell* cell, gyro_bench_result* out,
                   const gyro_progress* progress, gyro_failure* failure) {
  const std::string_view mode = gyro_fake_mode;
  if (mode == "wrong") {
    put("the product of fake is wrong: 3 elements", failure->what);
    put("Nothing was timed.", failure->advice);
    return GYRO_FAIL_INTERNAL;
  }
  if (progress != nullptr && (progress->begin(progress->user, "timing", 1) == 0 ||
                              progress->reach(progress->user, 1) == 0)) {
    return GYRO_FAIL_CANCELLED;
  }
  *out = {};
  put(cell->path == nullptr ? "fake/v1" : cell->path, out->path);
  const double flop = 2.0 * cell->shape.rows * cell->shape.kept * static_cast<double>(cell->tokens);
  const double us = flop * 1e-9 * (cell->cold != 0 ? 1.25 : 1.0);
  out->hinm = timing(us);
  if ((cell->peers & 1) != 0) out->dense = timing(2 * us);
  if ((cell->peers & 2) != 0) out->masked = timing(1.9 * us);
  if ((cell->peers & 4) != 0) put("libcusparseLt was not found", out->two_four.note);
  out->relative_error = 0.00166;
  out->convert_us = 12;
  out->bytes = flop / 100;
  put("gather.512B", out->ceiling);
  out->share_of_ceiling = 0.75;
  return GYRO_OK;
}

}  // namespace gyro::fake

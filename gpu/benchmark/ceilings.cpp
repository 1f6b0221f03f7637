#include "gpu/benchmark/ceilings.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>

#include "gpu/benchmark/rates.hpp"

namespace gyro::cuda {
namespace {

constexpr int kHopper = 90;

Result<double> tensor_rate(const gyro_context& context, bool sparse) {
  return context.capability == kHopper ? wgmma_rate(context, sparse) : mma_rate(context, sparse);
}

Result<std::vector<Ceiling>> measure(const gyro_context& context, const gyro_progress* progress) {
  struct Step {
    const char* name;
    const char* unit;
    Result<double> (*rate)(const gyro_context&);
  };
  const std::array<Step, 5> steps{
      {{kTensorDense, "TFLOP/s", [](const gyro_context& c) { return tensor_rate(c, false); }},
       {kTensorSparse, "TFLOP/s", [](const gyro_context& c) { return tensor_rate(c, true); }},
       {kGatherWide, "TB/s", [](const gyro_context& c) { return gather_rate(c, 512); }},
       {kGatherNarrow, "TB/s", [](const gyro_context& c) { return gather_rate(c, 128); }},
       {kCopy, "TB/s", copy_rate}}};
  std::vector<Ceiling> out;
  bool go_on = begin(progress, "measuring the card's ceilings", steps.size());
  for (const auto& step : steps) {
    if (!go_on) return fail(ErrorCode::Cancelled, "the benchmark was stopped");
    GYRO_TRY(const double rate, step.rate(context));
    out.push_back({step.name, step.unit, rate});
    go_on = reach(progress, static_cast<std::int64_t>(out.size()));
  }
  return out;
}

template <std::size_t Size>
void put(const std::string& text, char (&field)[Size]) {
  const std::size_t length = std::min(text.size(), Size - 1);
  std::memcpy(field, text.data(), length);
  field[length] = '\0';
}

}  // namespace

Result<std::vector<Ceiling>> measured_ceilings(const gyro_context& context,
                                               const gyro_progress* progress) {
  static std::mutex mutex;
  static std::map<int, std::vector<Ceiling>> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(context.device); found != known.end()) return found->second;
  GYRO_TRY(auto measured, measure(context, progress));
  return known.emplace(context.device, std::move(measured)).first->second;
}

std::int32_t ceilings(gyro_context* context, gyro_ceiling* out, std::int32_t capacity,
                      std::int32_t* count, const gyro_progress* progress,
                      gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    if (count == nullptr || (out == nullptr && capacity > 0)) {
      return fail(ErrorCode::InvalidArgument, "there is no place for the ceilings");
    }
    GYRO_TRY(const auto measured, measured_ceilings(*context, progress));
    *count = static_cast<std::int32_t>(measured.size());
    for (std::int32_t i = 0; i < std::min(*count, capacity); ++i) {
      const Ceiling& ceiling = measured[static_cast<std::size_t>(i)];
      out[i] = {};
      put(ceiling.name, out[i].name);
      put(ceiling.unit, out[i].unit);
      out[i].value = ceiling.value;
    }
    return {};
  });
}

}  // namespace gyro::cuda

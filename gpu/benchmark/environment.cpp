#include "gpu/benchmark/environment.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "gpu/benchmark/cublas_lt.hpp"
#include "gpu/benchmark/cusparse_lt.hpp"
#include "gpu/module/context.hpp"
#include "gpu/module/nvml.hpp"

namespace gyro::cuda {
namespace {

// As in nvml.h.
using Device = void*;
using DeviceByAddress = int(const char*, Device*);
using Clock = int(Device, int, unsigned*);
using Number = int(Device, unsigned*);
using Reasons = int(Device, unsigned long long*);
constexpr int kMultiprocessorClock = 1;  // NVML_CLOCK_SM
constexpr int kMemoryClock = 2;          // NVML_CLOCK_MEM
constexpr int kChip = 0;                 // NVML_TEMPERATURE_GPU

struct Reason {
  unsigned long long bit;
  const char* text;
};
// nvmlClocksThrottleReason*; an idle card is not throttled.
constexpr std::array<Reason, 8> kReasons{{{0x2, "application clocks"},
                                          {0x4, "power cap"},
                                          {0x8, "hardware slowdown"},
                                          {0x10, "sync boost"},
                                          {0x20, "heat (software)"},
                                          {0x40, "heat (hardware)"},
                                          {0x80, "power brake"},
                                          {0x100, "display clocks"}}};

template <std::size_t Size>
void put(const std::string& text, char (&field)[Size]) {
  const std::size_t length = std::min(text.size(), Size - 1);
  std::memcpy(field, text.data(), length);
  field[length] = '\0';
}

/// 13000 is CUDA 13.0.
std::string cuda_version() {
  int version = 0;
  if (cudaRuntimeGetVersion(&version) != cudaSuccess) return {};
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// One card as NVML sees it; −1 where it does not say.
class Card {
 public:
  Card(const Nvml& nvml, int index) : nvml_(nvml) {
    std::array<char, 32> address{};
    auto* const find = nvml.function<DeviceByAddress>("nvmlDeviceGetHandleByPciBusId_v2");
    if (find == nullptr ||
        cudaDeviceGetPCIBusId(address.data(), address.size(), index) != cudaSuccess ||
        find(address.data(), &device_) != 0) {
      device_ = nullptr;
    }
  }

  [[nodiscard]] double clock(const char* name, int which) const {
    auto* const ask = nvml_.function<Clock>(name);
    unsigned mhz = 0;
    return device_ != nullptr && ask != nullptr && ask(device_, which, &mhz) == 0 ? mhz : -1.0;
  }
  [[nodiscard]] double watts() const {
    auto* const ask = nvml_.function<Number>("nvmlDeviceGetPowerUsage");
    unsigned milliwatts = 0;
    const bool known = device_ != nullptr && ask != nullptr && ask(device_, &milliwatts) == 0;
    return known ? milliwatts / 1e3 : -1.0;
  }
  [[nodiscard]] double celsius() const {
    return clock("nvmlDeviceGetTemperature", kChip);  // of the same type
  }
  [[nodiscard]] std::string throttle() const {
    auto* const ask = nvml_.function<Reasons>("nvmlDeviceGetCurrentClocksThrottleReasons");
    unsigned long long bits = 0;
    if (device_ == nullptr || ask == nullptr || ask(device_, &bits) != 0) return {};
    std::string out;
    for (const auto& reason : kReasons) {
      if ((bits & reason.bit) == 0) continue;
      out += (out.empty() ? "" : ", ") + std::string(reason.text);
    }
    return out;
  }

 private:
  const Nvml& nvml_;
  Device device_ = nullptr;
};

Status describe(const gyro_context& context, gyro_environment& out) {
  cudaDeviceProp properties{};
  GYRO_CHECK(check(cudaGetDeviceProperties(&properties, context.device), "asking for the card"));
  const Nvml nvml;
  const Card card(nvml, context.device);
  put(properties.name, out.card);
  put(nvml.driver_version().value_or(""), out.driver);
  put(cuda_version(), out.cuda);
  put(cublas_version(), out.cublas);
  put(cusparselt_version(), out.cusparselt);
  put(card.throttle(), out.throttle);
  out.sm_clock_mhz = card.clock("nvmlDeviceGetClockInfo", kMultiprocessorClock);
  out.sm_clock_max_mhz = card.clock("nvmlDeviceGetMaxClockInfo", kMultiprocessorClock);
  out.memory_clock_mhz = card.clock("nvmlDeviceGetClockInfo", kMemoryClock);
  out.power_w = card.watts();
  out.temperature_c = card.celsius();
  return {};
}

}  // namespace

std::int32_t environment(gyro_context* context, gyro_environment* out,
                         gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    if (out == nullptr) return fail(ErrorCode::InvalidArgument, "there is no place for an answer");
    *out = {};
    return describe(*context, *out);
  });
}

}  // namespace gyro::cuda

#include "gpu/module/devices.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "gpu/module/nvml.hpp"

namespace gyro::cuda {
namespace {

constexpr int kLeastCapability = 80;

template <std::size_t Size>
void put(const std::string& text, char (&field)[Size]) {
  const std::size_t length = std::min(text.size(), Size - 1);
  std::memcpy(field, text.data(), length);
  field[length] = '\0';
}

/// 13000 is CUDA 13.0.
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

struct Versions {
  int driver = 0;   ///< CUDA version the driver can run, 0 without a driver
  int runtime = 0;  ///< CUDA version of this module
};

Versions versions() {
  Versions out;
  if (cudaDriverGetVersion(&out.driver) != cudaSuccess) out.driver = 0;
  if (cudaRuntimeGetVersion(&out.runtime) != cudaSuccess) out.runtime = 0;
  cudaGetLastError();
  return out;
}

/// Why no device can be listed.
std::string reason_for(cudaError_t code, const Versions& version) {
  if (version.driver == 0) return "no NVIDIA driver is installed or running";
  if (code == cudaErrorInsufficientDriver) {
    return "the driver is for CUDA " + cuda_version(version.driver) + ", CUDA " +
           cuda_version(version.runtime) + " is needed";
  }
  if (code == cudaErrorNoDevice || code == cudaSuccess) return "there is no NVIDIA card";
  return std::string("the cards cannot be listed: ") + cudaGetErrorString(code);
}

int attribute(cudaDeviceAttr which, int index) {
  int value = 0;
  if (cudaDeviceGetAttribute(&value, which, index) != cudaSuccess) cudaGetLastError();
  return value;
}

int capability_of(int index) {
  return 10 * attribute(cudaDevAttrComputeCapabilityMajor, index) +
         attribute(cudaDevAttrComputeCapabilityMinor, index);
}

/// Empty when the card can be used.
std::string obstacle_of(int index) {
  if (capability_of(index) < kLeastCapability) {
    return "the card is older than compute capability 8.0 (Ampere)";
  }
  if (attribute(cudaDevAttrComputeMode, index) == cudaComputeModeProhibited) {
    return "the card's compute mode prohibits its use";
  }
  return {};
}

void describe_versions(gyro_device& device, const Versions& version, const Nvml& nvml) {
  const auto driver = nvml.driver_version();
  const std::string cuda = version.driver > 0 ? "CUDA " + cuda_version(version.driver) : "";
  put(driver ? *driver + " (" + cuda + ")" : cuda, device.driver);
  put("CUDA " + cuda_version(version.runtime), device.runtime);
}

gyro_device no_device(cudaError_t code) {
  const Versions version = versions();
  gyro_device out{};
  put("CUDA device", out.name);
  put(reason_for(code, version), out.state);
  describe_versions(out, version, Nvml());
  return out;
}

gyro_device describe(int index, const Nvml& nvml) {
  gyro_device out{};
  out.index = index;
  cudaDeviceProp properties{};
  if (const auto code = cudaGetDeviceProperties(&properties, index); code != cudaSuccess) {
    cudaGetLastError();
    put("CUDA device", out.name);
    put(std::string("the card does not answer: ") + cudaGetErrorString(code), out.state);
    return out;
  }
  put(properties.name, out.name);
  put(std::to_string(properties.major) + "." + std::to_string(properties.minor), out.capability);
  describe_versions(out, versions(), nvml);
  out.memory_total = properties.totalGlobalMem;
  std::array<char, 32> address{};
  if (cudaDeviceGetPCIBusId(address.data(), address.size(), index) == cudaSuccess) {
    out.memory_free = nvml.memory_free(address.data()).value_or(0);
  }
  const std::string obstacle = obstacle_of(index);
  out.usable = obstacle.empty() ? 1 : 0;
  put(obstacle.empty() ? "ready" : obstacle, out.state);
  return out;
}

Status check_index(std::int32_t index) {
  int count = 0;
  const auto code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess || count == 0) {
    cudaGetLastError();
    return fail(ErrorCode::Unavailable, reason_for(code, versions()), {},
                "Install a current NVIDIA driver, or work on the CPU.");
  }
  if (index < 0 || index >= count) {
    return fail(ErrorCode::InvalidArgument, "there is no device cuda:" + std::to_string(index));
  }
  if (const std::string obstacle = obstacle_of(index); !obstacle.empty()) {
    return fail(ErrorCode::Unavailable, obstacle, "cuda:" + std::to_string(index));
  }
  return {};
}

Status start(gyro_context& context) {
  GYRO_CHECK(make_current(&context));
  context.capability = capability_of(context.device);
  context.multiprocessors = attribute(cudaDevAttrMultiProcessorCount, context.device);
  context.shared_memory =
      static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, context.device));
  context.l2_bytes = static_cast<std::size_t>(attribute(cudaDevAttrL2CacheSize, context.device));
  return check(cudaStreamCreateWithFlags(&context.stream, cudaStreamNonBlocking),
               "starting the device");
}

}  // namespace

std::int32_t devices(gyro_device* out, std::int32_t capacity, std::int32_t* count,
                     gyro_failure* failure) noexcept {
  return guarded(failure, [&]() -> Status {
    if (count == nullptr || (out == nullptr && capacity > 0)) {
      return fail(ErrorCode::InvalidArgument, "there is no place for the list of devices");
    }
    int found = 0;
    const auto code = cudaGetDeviceCount(&found);
    if (code != cudaSuccess || found == 0) {
      cudaGetLastError();
      *count = 1;
      if (capacity > 0) out[0] = no_device(code);
      return {};
    }
    *count = found;
    const Nvml nvml;
    for (int index = 0; index < std::min(found, capacity); ++index) {
      out[index] = describe(index, nvml);
    }
    return {};
  });
}

std::int32_t open(std::int32_t index, std::uint64_t memory_budget, gyro_context** out,
                  gyro_failure* failure) noexcept {
  return guarded(failure, [&]() -> Status {
    if (out == nullptr) return fail(ErrorCode::InvalidArgument, "there is no place for a context");
    *out = nullptr;
    GYRO_CHECK(check_index(index));
    auto context = std::make_unique<gyro_context>();
    context->device = index;
    context->budget = memory_budget;
    GYRO_CHECK(start(*context));
    *out = context.release();
    return {};
  });
}

void close(gyro_context* context) noexcept {
  if (context == nullptr) return;
  cudaSetDevice(context->device);
  context->blas.reset();
  cudaStreamDestroy(context->stream);
  delete context;
}

}  // namespace gyro::cuda

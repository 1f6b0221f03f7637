#include "gpu/module/nvml.hpp"

#include <dlfcn.h>

#include <array>

namespace gyro::cuda {
namespace {

// nvml.h: nvmlReturn_t is an enum whose 0 is success, nvmlDevice_t an opaque pointer.
using Device = void*;
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
using Plain = int();
using DriverVersion = int(char*, unsigned int);
using DeviceByAddress = int(const char*, Device*);
using MemoryInfo = int(Device, Memory*);

}  // namespace

Nvml::Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
  auto* const start = function<Plain>("nvmlInit_v2");
  if (start != nullptr && start() == 0) return;
  if (library_ != nullptr) dlclose(library_);
  library_ = nullptr;
}

Nvml::~Nvml() {
  if (library_ == nullptr) return;
  if (auto* const stop = function<Plain>("nvmlShutdown")) stop();
  dlclose(library_);
}

void* Nvml::symbol(const char* name) const {
  return library_ == nullptr ? nullptr : dlsym(library_, name);
}

std::optional<std::string> Nvml::driver_version() const {
  auto* const version = function<DriverVersion>("nvmlSystemGetDriverVersion");
  std::array<char, 96> text{};
  if (version == nullptr || version(text.data(), text.size()) != 0) return std::nullopt;
  return std::string(text.data());
}

std::optional<std::uint64_t> Nvml::memory_free(const std::string& pci_address) const {
  auto* const find = function<DeviceByAddress>("nvmlDeviceGetHandleByPciBusId_v2");
  auto* const ask = function<MemoryInfo>("nvmlDeviceGetMemoryInfo");
  Device device = nullptr;
  Memory memory{};
  if (find == nullptr || ask == nullptr || find(pci_address.c_str(), &device) != 0 ||
      ask(device, &memory) != 0) {
    return std::nullopt;
  }
  return memory.free;
}

}  // namespace gyro::cuda

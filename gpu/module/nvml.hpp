#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gyro::cuda {

/// NVIDIA's management library, which comes with the driver and answers without making a context
/// on any card. Loaded by name at run time with declarations of our own; where it is missing,
/// nothing is known.
class Nvml {
 public:
  Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;
  ~Nvml();

  [[nodiscard]] std::optional<std::string> driver_version() const;  ///< "580.65.06"
  /// Bytes free on the card at a PCI address ("0000:18:00.0").
  [[nodiscard]] std::optional<std::uint64_t> memory_free(const std::string& pci_address) const;

  /// A function of the library by its exported name, null where there is none.
  template <class Function>
  [[nodiscard]] Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  [[nodiscard]] void* symbol(const char* name) const;

  void* library_ = nullptr;  ///< null unless the library started
};

}  // namespace gyro::cuda

#pragma once

#include <cstdint>
#include <string>

namespace gyro {

/// Something that computes, or the reason why it cannot: plain data for menus, tables and JSON.
struct DeviceInfo {
  std::string id;          ///< as typed: "cpu", "cuda:0"; a module without devices: "cuda"
  std::string name;        ///< "NVIDIA H200"
  std::string capability;  ///< "9.0"; the CPU: its threads
  std::string driver;      ///< version; empty: none
  std::string runtime;     ///< version of the toolkit and the module; empty: none
  std::string state;       ///< "ready", or why it cannot be used and what to do
  bool usable = false;
  std::uint64_t memory_total = 0;  ///< bytes
  std::uint64_t memory_free = 0;   ///< bytes when asked

  bool operator==(const DeviceInfo&) const = default;
};

}  // namespace gyro

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/device/device_info.hpp"
#include "core/device/module_abi.h"

namespace gyro {

/// A loaded compute module. It is never unloaded: its library may have threads and exit handlers.
class Module {
 public:
  /// Loads a library and checks symbol, version and table before anything else of it is used. Fails
  /// with Unavailable (it or a library it needs cannot be loaded), Malformed (no such symbol, a
  /// table with holes) or Mismatch (another version), at the file.
  [[nodiscard]] static Result<Module> load(const std::filesystem::path& file);

  [[nodiscard]] const std::string& name() const { return name_; }  ///< "cuda"
  [[nodiscard]] int score() const { return table_->score; }
  [[nodiscard]] const gyro_module_table& table() const { return *table_; }

  /// The devices as they are now. Fails with the module's reason: no driver, no device.
  [[nodiscard]] Result<std::vector<DeviceInfo>> devices() const;

 private:
  Module(const gyro_module_table& table, std::string name)
      : table_(&table), name_(std::move(name)) {}

  const gyro_module_table* table_;
  std::string name_;
};

/// "cuda" of ".../libgyro_cuda.so"; empty if the file is not called like a module.
[[nodiscard]] std::string module_name(const std::filesystem::path& file);

/// The module files that `places` name, each a file or a folder, folders by file name. A file that
/// is named itself is taken whatever it is called or whether it is there.
[[nodiscard]] std::vector<std::filesystem::path> module_files(
    const std::vector<std::filesystem::path>& places);

/// Where the program looks for modules: see devices.hpp.
[[nodiscard]] std::vector<std::filesystem::path> module_places();

}  // namespace gyro

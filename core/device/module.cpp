#include "core/device/module.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/base/advice.hpp"
#include "core/device/module_call.hpp"

namespace gyro {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libgyro_";
constexpr std::string_view kSuffix = ".so";
/// More devices than any machine has: a count beyond is a broken module.
constexpr std::int32_t kMostDevices = 1024;

struct Unload {
  void operator()(void* library) const { dlclose(library); }
};
using Library = std::unique_ptr<void, Unload>;

std::string last_error() {
  const char* const text = dlerror();
  return text == nullptr ? "the system gives no reason" : text;
}

Status check_version(const gyro_module_table& table) {
  if (table.abi != GYRO_MODULE_ABI) {
    return fail(ErrorCode::Mismatch,
                fmt::format("it speaks version {} of the module interface, this program version {}",
                            table.abi, GYRO_MODULE_ABI),
                {}, "Install the module and the program of one version.");
  }
  if (table.table_size == sizeof(gyro_module_table)) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("its table has {} bytes instead of {}", table.table_size,
                          sizeof(gyro_module_table)),
              {}, "Install the module and the program of one version.");
}

/// A device is called name:index, beside "cpu" and "auto".
bool is_module_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name != "cpu" && name != "auto" && std::ranges::all_of(name, plain);
}

Status check_table(const gyro_module_table& table) {
  GYRO_CHECK(check_version(table));
  if (table.name != nullptr && is_module_name(table.name) && table.devices != nullptr &&
      table.open != nullptr && table.close != nullptr) {
    return {};
  }
  return fail(ErrorCode::Malformed, "its table has holes", {}, advice::kModule);
}

DeviceInfo info_of(const Module& module, const gyro_device& device) {
  DeviceInfo out;
  out.id = fmt::format("{}:{}", module.name(), device.index);
  out.name = text_from(device.name);
  out.capability = text_from(device.capability);
  out.driver = text_from(device.driver);
  out.runtime = text_from(device.runtime);
  out.state = text_from(device.state);
  out.usable = device.usable != 0;
  out.memory_total = device.memory_total;
  out.memory_free = device.memory_free;
  return out;
}

std::vector<fs::path> split_places(std::string_view text) {
  std::vector<fs::path> out;
  while (!text.empty()) {
    const auto colon = std::min(text.find(':'), text.size());
    if (colon > 0) out.emplace_back(text.substr(0, colon));
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return out;
}

/// Whether an ELF file ends before what its header says of it: it would be mapped all the same, and
/// touching the missing part is a bus error.
bool is_cut_off(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  Elf64_Ehdr header{};
  if (error || !in.read(reinterpret_cast<char*>(&header), sizeof header)) return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;
  in.seekg(static_cast<std::streamoff>(header.e_phoff));
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr part{};
    if (!in.read(reinterpret_cast<char*>(&part), sizeof part)) return true;
    if (part.p_type != PT_LOAD) continue;
    if (part.p_offset > size || part.p_filesz > size - part.p_offset) return true;
  }
  return false;
}

}  // namespace

Result<Module> Module::load(const fs::path& file) {
  const auto failed = [&](const Error& error) { return fail(error.at(file.string())); };
  if (is_cut_off(file)) {
    return failed({ErrorCode::Malformed, "is cut off", {}, advice::kModule});
  }
  // Absolute, or the system would look for it in its own folders.
  std::error_code error;
  Library library(dlopen(fs::absolute(file, error).c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library) {
    return failed({ErrorCode::Unavailable,
                   "cannot be loaded: " + last_error(),
                   {},
                   "Install the libraries that it needs, or the module again."});
  }
  void* const symbol = dlsym(library.get(), GYRO_MODULE_SYMBOL);
  if (symbol == nullptr) {
    return failed({ErrorCode::Malformed,
                   fmt::format("is no module of Gyroscope: it has no {}", GYRO_MODULE_SYMBOL),
                   {},
                   "Take it out of the module folders and GYRO_MODULE_PATH."});
  }
  const gyro_module_table* const table = reinterpret_cast<gyro_module_function>(symbol)();
  if (table == nullptr) {
    return failed(
        {ErrorCode::Unavailable, "has nothing to offer on this machine", {}, "Use --device cpu."});
  }
  if (auto good = check_table(*table); !good) return failed(good.error());
  static_cast<void>(library.release());
  return Module(*table, table->name);
}

Result<std::vector<DeviceInfo>> Module::devices() const {
  std::vector<gyro_device> found(8);
  std::int32_t count = 0;
  for (;;) {
    gyro_failure failure{};
    const auto capacity = static_cast<std::int32_t>(found.size());
    GYRO_CHECK(status_of(table_->devices(found.data(), capacity, &count, &failure), failure));
    if (count < 0 || count > kMostDevices) {
      return fail(ErrorCode::Internal, fmt::format("it counts {} devices", count), {},
                  advice::kModule);
    }
    if (count <= capacity) break;
    found.resize(static_cast<std::size_t>(count));
  }
  if (count == 0)
    return fail(ErrorCode::Unavailable, "there is no device for it", {},
                "Check that the device and its driver are installed; or use --device cpu.");
  found.resize(static_cast<std::size_t>(count));
  std::vector<DeviceInfo> out;
  out.reserve(found.size());
  for (const auto& device : found) out.push_back(info_of(*this, device));
  return out;
}

std::string module_name(const fs::path& file) {
  std::string name = file.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return {};
  name.erase(name.size() - std::min(kSuffix.size(), name.size()));
  return name.substr(std::min(kPrefix.size(), name.size()));
}

std::vector<fs::path> module_files(const std::vector<fs::path>& places) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const auto& place : places) {
    if (!fs::is_directory(place, error)) {
      out.push_back(place);
      continue;
    }
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(place, error), end; !error && entry != end;
         entry.increment(error)) {
      if (!module_name(entry->path()).empty()) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    out.insert(out.end(), files.begin(), files.end());
  }
  return out;
}

std::vector<fs::path> module_places() {
  if (const char* const places = std::getenv("GYRO_MODULE_PATH")) return split_places(places);
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<fs::path> out;
  for (const auto& folder : {own / ".." / "lib", own / ".." / "lib" / "gyroscope"}) {
    if (fs::is_directory(folder, error)) out.push_back(folder);
  }
  return out;
}

}  // namespace gyro

#include "tests/gpu/module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace gyro::gpu_test {
namespace {

constexpr int kSkipped = 77;

[[noreturn]] void give_up(int code, const std::string& why) {
  fmt::print("{}: {}\n", code == kSkipped ? "skipped" : "FAILED", why);
  std::fflush(stdout);
  std::_Exit(code);
}

const gyro_module_table& load() {
  const std::string file = module_file().string();
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) give_up(1, dlerror());
  auto* const function = reinterpret_cast<gyro_module_function>(dlsym(library, GYRO_MODULE_SYMBOL));
  if (function == nullptr) give_up(1, file + " exports no table");
  const gyro_module_table& table = *function();
  if (table.abi != GYRO_MODULE_ABI || table.table_size != sizeof(gyro_module_table)) {
    give_up(1, file + " was built for another interface");
  }
  return table;
}

gyro_device first_usable() {
  std::vector<gyro_device> list(16);
  std::int32_t count = 0;
  const Answer answer = ask(module_table().devices, list.data(), 16, &count);
  if (!answer.ok()) give_up(1, answer.what);
  for (int i = 0; i < std::min(count, 16); ++i) {
    if (list[static_cast<std::size_t>(i)].usable != 0) return list[static_cast<std::size_t>(i)];
  }
  give_up(kSkipped, count > 0 ? list[0].state : "there is no device");
}

}  // namespace

std::filesystem::path module_file() {
  if (const char* named = std::getenv("GYRO_CUDA_MODULE")) return named;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto beside = folder / "libgyro_cuda.so";
  return std::filesystem::exists(beside) ? beside : folder.parent_path() / "lib/libgyro_cuda.so";
}

void skip(const std::string& why) {
  give_up(kSkipped, why);
}

const gyro_module_table& module_table() {
  static const gyro_module_table& table = load();
  return table;
}

const gyro_device& device() {
  static const gyro_device found = first_usable();
  return found;
}

Context open_context(std::uint64_t memory_budget) {
  gyro_context* context = nullptr;
  const Answer answer = ask(module_table().open, device().index, memory_budget, &context);
  if (!answer.ok()) give_up(1, answer.what);
  return Context(context);
}

std::string text_of(const HinmShape& shape) {
  return fmt::format("{}×{} V{} {} kept {}", shape.rows, shape.cols, shape.vector_size,
                     shape.nm.text(), shape.kept);
}

}  // namespace gyro::gpu_test

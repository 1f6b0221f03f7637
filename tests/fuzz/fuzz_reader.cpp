#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/io/readers.hpp"

using namespace gyro;

namespace {

[[maybe_unused]] OpenedFile open_npz(const InputFile& file) {
  return open_zip(file, nullptr);
}

/// The input as a file that needs no disk.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size)
      : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (::write(descriptor_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 16) return 0;
  const MemoryFile memory(data, size);
  const auto input = InputFile::open(memory.path());
  if (!input) std::abort();
  const auto file = FUZZ_READER(*input);
  if (!file) return 0;
  for (const auto& info : (*file)->tensors()) {
    const auto tensor = (*file)->read(info.name);
    if (tensor && static_cast<std::int64_t>(tensor->data.size()) != info.bytes()) std::abort();
    if (tensor) (void)as_matrix(*tensor, 1);
  }
  return 0;
}

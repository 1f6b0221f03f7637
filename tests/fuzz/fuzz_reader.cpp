// A file of tensors, by the reader FUZZ_READER: whatever it lists is read.
#include <cstring>

#include "core/io/readers.hpp"
#include "tests/fuzz/memory_file.hpp"

using namespace gyro;

namespace {

constexpr int kPart = 900;

[[maybe_unused]] OpenedFile open_npz(const InputFile& file) {
  return open_zip(file, nullptr);
}

/// An index finds one part beside it: in the folder of a MemoryFile names are numbers.
[[maybe_unused]] OpenedFile open_index(const InputFile& file) {
  static const bool there = [] {
    const std::string header = R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                               R"("b":{"dtype":"F16","shape":[4],"data_offsets":[16,24]}})";
    std::vector<std::uint8_t> bytes(8 + header.size() + 24);
    bytes[0] = static_cast<std::uint8_t>(header.size());
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    const MemoryFile part(bytes);
    return ::dup2(part.descriptor(), kPart) == kPart;
  }();
  if (!there) std::abort();
  return open_safetensors_index(file, nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 16) return 0;
  const MemoryFile memory({data, size});
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

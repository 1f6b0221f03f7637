// What Gyroscope itself stores, by FUZZ_READER. The input is the header of a safetensors file up to
// the first line feed, then its data: the length in front is made here, so that changes of the
// header get past it.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/io/permutation_file.hpp"
#include "core/io/trace_file.hpp"
#include "tests/fuzz/memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t* const line = std::find(data, data + size, '\n');
  const auto length = static_cast<std::uint64_t>(line - data);
  if (length < 8 || data[0] != '{' || length == size) return 0;
  std::vector<std::uint8_t> bytes(8 + size - 1);
  std::memcpy(bytes.data(), &length, 8);
  std::copy(line + 1, data + size, std::copy(data, line, bytes.data() + 8));
  const MemoryFile memory(bytes);
  (void)gyro::FUZZ_READER(memory.path());
  return 0;
}

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/io/safe_write.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

/// Collects tensors and writes them as one safetensors file: an 8-byte length, a JSON header padded
/// to whole words, then the tensors without gaps, the widest types first so that all are aligned.
class SafetensorsWriter {
 public:
  /// An entry of `__metadata__`; both must be UTF-8.
  void metadata(const std::string& key, const std::string& value) { metadata_[key] = value; }
  /// `bytes` must stay alive until write().
  void tensor(std::string name, ScalarType type, std::vector<std::int64_t> shape,
              std::span<const std::byte> bytes) {
    entries_.push_back({std::move(name), type, std::move(shape), bytes});
  }
  [[nodiscard]] Status write(FileSink& sink);

 private:
  struct Entry {
    std::string name;
    ScalarType type;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
  };

  [[nodiscard]] std::string header() const;

  std::map<std::string, std::string> metadata_;
  std::vector<Entry> entries_;
};

}  // namespace gyro

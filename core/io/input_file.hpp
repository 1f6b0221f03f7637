#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

/// A regular file that is open for reading by range. Nothing is mapped, so that a file which gets
/// shorter while it is open is an Error and not a signal. Copies share the descriptor.
class InputFile {
 public:
  /// Fails for what is missing, a folder, a pipe or device (without opening it), not readable, or
  /// empty. Never blocks.
  [[nodiscard]] static Result<InputFile> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }  ///< bytes, when it was opened
  [[nodiscard]] int descriptor() const { return *descriptor_; }

  /// Fills `to` from `offset`; fails where the file ends before that.
  [[nodiscard]] Status read_at(std::uint64_t offset, std::span<std::byte> to) const;

 private:
  std::string path_;
  std::uint64_t size_ = 0;
  std::shared_ptr<const int> descriptor_;
};

/// Memory for a tensor, not initialised, aligned for any scalar; TooLarge where there is none.
[[nodiscard]] Result<std::shared_ptr<std::byte>> make_buffer(std::int64_t bytes);

/// Asks for large pages behind a large, not yet touched range: filling it is then faster.
void advise_large_pages(void* from, std::size_t bytes);

/// The bytes info.bytes() from `offset` on, as a tensor; reports and may be cancelled every few MB.
[[nodiscard]] Result<Tensor> read_range(const InputFile& file, const TensorInfo& info,
                                        std::uint64_t offset, Progress* progress);

}  // namespace gyro

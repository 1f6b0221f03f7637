#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace gyro {

/// Where the bytes of a new file go.
class FileSink {
 public:
  FileSink(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  /// Appends; fails with WriteFailed and the system's reason (a full disk, a size limit).
  [[nodiscard]] Status write(std::span<const std::byte> bytes);
  [[nodiscard]] Status write(std::string_view text) {
    return write(std::as_bytes(std::span(text.data(), text.size())));
  }

 private:
  int descriptor_;
  std::string path_;
};

/// Whether replace_file() could make or replace `path` now; leaves nothing behind. Fails with
/// WriteFailed: not a plain file, protected, or in a folder that takes no files.
[[nodiscard]] Status check_replaceable(const std::string& path);

/// Replaces `path` as a whole or not at all: `fill` writes a temporary file beside it, which is
/// synced, handed to `verify` by name, and renamed over `path`; then the folder is synced. On any
/// failure `path` is as it was and the temporary is gone. A symbolic link is followed, an existing
/// file's permissions stay. What is not a plain file (a folder, a device) is refused.
[[nodiscard]] Status replace_file(const std::string& path,
                                  const std::function<Status(FileSink&)>& fill,
                                  const std::function<Status(const std::string&)>& verify);

/// Removes the temporary files of calls under way. For a signal handler that ends the process.
void remove_temporaries() noexcept;

}  // namespace gyro

#pragma once

#include <zip.h>

#include <cstdint>
#include <memory>

#include "core/base/result.hpp"
#include "core/io/input_file.hpp"

namespace gyro {

struct ZipClose {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using ZipArchive = std::unique_ptr<zip_t, ZipClose>;
using ZipMember = std::unique_ptr<zip_file_t, ZipClose>;

/// Opens a zip archive for one thread, reading `file` by range.
[[nodiscard]] Result<ZipArchive> open_archive(const InputFile& file);

}  // namespace gyro

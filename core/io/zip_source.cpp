#include "core/io/zip_source.hpp"

#include <algorithm>
#include <string>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

struct Source {
  InputFile file;
  std::uint64_t at = 0;
  zip_error_t error{};
};

zip_int64_t read_some(Source& source, void* data, zip_uint64_t length) {
  const std::uint64_t left = source.file.size() - source.at;
  const std::uint64_t part = std::min<std::uint64_t>(length, left);
  const std::span<std::byte> to(static_cast<std::byte*>(data), static_cast<std::size_t>(part));
  if (!source.file.read_at(source.at, to)) {
    zip_error_set(&source.error, ZIP_ER_READ, 0);
    return -1;
  }
  source.at += part;
  return static_cast<zip_int64_t>(part);
}

zip_int64_t seek(Source& source, void* data, zip_uint64_t length) {
  const auto to =
      zip_source_seek_compute_offset(source.at, source.file.size(), data, length, &source.error);
  if (to < 0) return -1;
  source.at = static_cast<std::uint64_t>(to);
  return 0;
}

zip_int64_t describe(const Source& source, void* data) {
  auto* status = static_cast<zip_stat_t*>(data);
  zip_stat_init(status);
  status->size = source.file.size();
  status->valid |= ZIP_STAT_SIZE;
  return sizeof(zip_stat_t);
}

zip_int64_t callback(void* user, void* data, zip_uint64_t length, zip_source_cmd_t command) {
  auto& source = *static_cast<Source*>(user);
  switch (command) {
    case ZIP_SOURCE_OPEN:
      source.at = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return read_some(source, data, length);
    case ZIP_SOURCE_SEEK:
      return seek(source, data, length);
    case ZIP_SOURCE_TELL:
      return static_cast<zip_int64_t>(source.at);
    case ZIP_SOURCE_STAT:
      return describe(source, data);
    case ZIP_SOURCE_CLOSE:
      return 0;
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&source.error, data, length);
    case ZIP_SOURCE_FREE:
      delete &source;
      return 0;
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_SEEK,
                                            ZIP_SOURCE_TELL, ZIP_SOURCE_STAT, ZIP_SOURCE_CLOSE,
                                            ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default:
      zip_error_set(&source.error, ZIP_ER_OPNOTSUPP, 0);
      return -1;
  }
}

}  // namespace

Result<ZipArchive> open_archive(const InputFile& file) {
  zip_error_t error;
  zip_error_init(&error);
  auto* state = new Source{file};
  zip_error_init(&state->error);
  zip_source_t* source = zip_source_function_create(callback, state, &error);
  if (source == nullptr) {
    delete state;
    return fail(ErrorCode::Internal, zip_error_strerror(&error), file.path(), advice::kMemory);
  }
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    const std::string reason = zip_error_strerror(&error);
    zip_source_free(source);
    zip_error_fini(&error);
    return fail(ErrorCode::Malformed, "the zip archive cannot be read: " + reason, file.path(),
                advice::kCutOff);
  }
  return ZipArchive(archive);
}

}  // namespace gyro

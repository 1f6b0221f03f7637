#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string_view>

#include "core/base/advice.hpp"
#include "core/io/hdf5/client.hpp"
#include "core/io/readers.hpp"

namespace gyro {
namespace {

using Head = std::array<char, 16>;

bool starts_with(const Head& head, std::string_view text) {
  return std::memcmp(head.data(), text.data(), text.size()) == 0;
}

/// HDF5 lets a foreign block of 512·2^k bytes stand before its signature.
Result<bool> has_hdf5_signature(const InputFile& file) {
  constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
  for (std::uint64_t at = 0; at + kSignature.size() <= file.size(); at = at == 0 ? 512 : 2 * at) {
    std::array<char, 8> found{};
    GYRO_CHECK(file.read_at(at, std::as_writable_bytes(std::span(found))));
    if (std::memcmp(found.data(), kSignature.data(), 8) == 0) return true;
  }
  return false;
}

/// Eight characters of a JSON text, read as safetensors' length of the header, are beyond any file.
bool looks_like_json(const Head& head, std::uint64_t file_size) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  const auto first = std::find_if_not(head.begin(), head.end(), space);
  std::uint64_t length = 0;
  std::memcpy(&length, head.data(), 8);
  return first != head.end() && *first == '{' && (file_size < 9 || length > (1ULL << 48));
}

OpenedFile open_by_content(const InputFile& file, Progress* progress) {
  Head head{};
  const auto known = std::min<std::uint64_t>(head.size(), file.size());
  GYRO_CHECK(file.read_at(
      0, std::as_writable_bytes(std::span(head)).first(static_cast<std::size_t>(known))));
  if (starts_with(head, "\x93NUMPY")) return open_npy(file);
  if (starts_with(head, std::string_view("PK\x03\x04", 4)) ||
      starts_with(head, std::string_view("PK\x05\x06", 4))) {
    return open_zip(file, progress);
  }
  if (looks_like_json(head, file.size())) return open_safetensors_index(file, progress);
  if (file.size() > 8 && head[8] == '{') return open_safetensors(file);
  GYRO_TRY(const bool hdf5, has_hdf5_signature(file));
  if (hdf5) return open_hdf5(file, progress);
  return fail(ErrorCode::Unsupported, "it is not a tensor file that Gyroscope knows", file.path(),
              "Open an HDF5, safetensors, .safetensors.index.json, .npy or .npz file.");
}

}  // namespace

OpenedFile TensorFile::open(const std::string& path, Progress* progress) {
  if (progress != nullptr && progress->cancelled()) {
    return fail(ErrorCode::Cancelled, "opening was stopped", path);
  }
  GYRO_TRY(const InputFile file, InputFile::open(path));
  try {
    return open_by_content(file, progress);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::TooLarge, "there is not enough memory to open it", path,
                advice::kMemory);
  }
}

Result<std::size_t> ListedFile::index_of(const std::string& name) const {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(),
                                  [&](const TensorInfo& info) { return info.name == name; });
  if (found != tensors_.end()) return static_cast<std::size_t>(found - tensors_.begin());
  const auto missing = find(name);
  Error error = missing ? Error{} : missing.error();
  if (!error.where.starts_with(file_.path())) error = error.at(file_.path());
  return fail(std::move(error));
}

}  // namespace gyro

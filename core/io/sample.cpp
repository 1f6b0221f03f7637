#include "core/io/sample.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/io/hdf5_writer.hpp"
#include "core/io/permutation_file.hpp"
#include "core/io/safe_write.hpp"
#include "core/io/sample_tensors.hpp"
#include "core/io/sha256.hpp"

namespace gyro {
namespace {

namespace fs = std::filesystem;

Status add_layer(Hdf5Writer& writer, const SampleLayer& layer, int number) {
  GYRO_CHECK(writer.dataset(layer.name + ".weight", ScalarType::F16, layer.shape,
                            bytes_of(sample_weight(layer, number))));
  GYRO_CHECK(writer.dataset(layer.name + ".bias", ScalarType::F16, {layer.rows()},
                            bytes_of(sample_bias(layer, number))));
  return writer.dataset(layer.name + ".input", ScalarType::F16, {sample_tokens, layer.cols()},
                        bytes_of(sample_input(layer, number)));
}

Result<std::vector<std::byte>> make_image(Progress* progress) {
  const auto& layers = sample_layers();
  if (progress != nullptr) progress->begin("sample model", static_cast<int>(layers.size()));
  GYRO_TRY(Hdf5Writer writer, Hdf5Writer::create());
  GYRO_CHECK(writer.attribute("/", "title", std::string("Gyroscope's sample model")));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    GYRO_CHECK(add_layer(writer, layers[i], static_cast<int>(i)));
    if (progress != nullptr && !progress->advance()) {
      return fail(ErrorCode::Cancelled, "making the sample model was stopped");
    }
  }
  return writer.finish();
}

std::string sum_of(std::span<const std::byte> bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.finish();
}

/// Writes bytes whose sum is known and makes sure that they are what stands in the file.
Status write_checked(const std::string& path, std::span<const std::byte> bytes,
                     const std::string& sum) {
  const auto fill = [&](FileSink& sink) { return sink.write(bytes); };
  return replace_file(path, fill, [&](const std::string& written) -> Status {
    GYRO_TRY(const std::string found, sha256_of_file(written));
    if (found == sum) return {};
    return fail(ErrorCode::WriteFailed, "what was read back is not what was written", path,
                "Check the disk; the file was not replaced.");
  });
}

std::string sum_file(const std::string& path) {
  return path + ".sha256";
}

/// Whether the file is there and has the sum that was noted when it was made.
bool is_intact(const std::string& path) {
  std::string noted;
  std::ifstream(sum_file(path)) >> noted;
  const auto found = sha256_of_file(path);
  return found && !noted.empty() && *found == noted;
}

Result<std::string> sample_in(const fs::path& folder, Progress* progress) {
  const std::string path = (folder / "sample-v1.h5").string();
  if (is_intact(path)) return path;
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    return fail(ErrorCode::WriteFailed, "cannot be made: " + failed.message(), folder.string(),
                "Set XDG_CACHE_HOME to a folder that you may write to.");
  }
  GYRO_TRY(const auto image, make_image(progress));
  const std::string sum = sum_of(image);
  GYRO_CHECK(write_checked(path, image, sum));
  const auto text = std::as_bytes(std::span(sum.data(), sum.size()));
  GYRO_CHECK(write_checked(sum_file(path), text, sum_of(text)));
  return path;
}

/// $XDG_CACHE_HOME or ~/.cache; empty where there is neither.
fs::path cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute()) return fs::path(cache) / "gyroscope";
  const char* home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) return fs::path(home) / ".cache/gyroscope";
  return {};
}

/// A folder of this user's own among the temporary files; nobody else may have put it there.
Result<fs::path> temporary_folder() {
  std::error_code failed;
  const fs::path parent = fs::temp_directory_path(failed);
  if (failed) {
    return fail(ErrorCode::WriteFailed,
                "there is no folder for the sample model: " + failed.message(), "TMPDIR",
                "Set XDG_CACHE_HOME to a folder that you may write to.");
  }
  const fs::path folder = parent / fmt::format("gyroscope-{}", ::getuid());
  ::mkdir(folder.c_str(), 0700);
  struct stat info {};
  if (::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::getuid()) {
    return folder;
  }
  return fail(ErrorCode::WriteFailed, "is no folder of this user", folder.string(),
              "Set XDG_CACHE_HOME to a folder that you may write to.");
}

}  // namespace

Result<std::string> sample_model(Progress* progress) {
  const fs::path cache = cache_folder();
  if (!cache.empty()) {
    auto path = sample_in(cache, progress);
    if (path || path.error().code == ErrorCode::Cancelled) return path;
  }
  GYRO_TRY(const fs::path folder, temporary_folder());
  return sample_in(folder, progress);
}

Status write_sample_model(const std::string& path, Progress* progress) {
  GYRO_TRY(const auto image, make_image(progress));
  return write_checked(path, image, sum_of(image));
}

}  // namespace gyro

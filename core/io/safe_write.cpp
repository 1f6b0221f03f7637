#include "core/io/safe_write.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace gyro {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> write_failure(std::string_view action, const std::string& path, int reason) {
  std::string advice = "Choose another name or place for the result.";
  if (reason == ENOSPC || reason == EDQUOT) advice = "Free some space or choose another folder.";
  if (reason == EACCES || reason == EPERM || reason == EROFS) {
    advice = "Choose a folder that you may write to.";
  }
  if (reason == ENOENT || reason == ENOTDIR) advice = "Create the folder first.";
  if (reason == EFBIG) advice = "The file would exceed the size that is allowed here.";
  return fail(
      ErrorCode::WriteFailed,
      fmt::format("{}: {}", action, std::error_code(reason, std::generic_category()).message()),
      path, std::move(advice));
}

/// An open temporary file that vanishes unless it was renamed.
class Temporary {
 public:
  Temporary() = default;
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  [[nodiscard]] Status create(const fs::path& folder, const std::string& target) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      std::uint64_t number = 0;
      if (::getrandom(&number, sizeof number, 0) < 0) break;
      const std::string name = (folder / fmt::format(".gyroscope-{:016x}.tmp", number)).string();
      descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ >= 0) {
        path_ = name;
        return {};
      }
      if (errno != EEXIST) break;
    }
    return write_failure("cannot create a file in this folder", target, errno);
  }

  [[nodiscard]] Status close(const std::string& target) {
    const bool synced = ::fsync(descriptor_) == 0;
    const int reason = errno;
    const bool closed = ::close(descriptor_) == 0;
    descriptor_ = -1;
    if (!synced) return write_failure("cannot be written to the disk", target, reason);
    if (!closed) return write_failure("cannot be closed", target, errno);
    return {};
  }

  [[nodiscard]] Status rename(const std::string& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) {
      return write_failure("cannot be replaced", target, errno);
    }
    path_.clear();
    return {};
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int descriptor_ = -1;
  std::string path_;
};

/// Refuses targets that a rename would destroy or a person has protected.
Status check_target(const std::string& target, const std::string& path) {
  struct stat info {};
  if (::stat(target.c_str(), &info) != 0) {
    return errno == ENOENT ? Status() : write_failure("cannot be written", path, errno);
  }
  if (S_ISDIR(info.st_mode)) {
    return fail(ErrorCode::WriteFailed, "is a folder", path, "Give the name of a file.");
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::WriteFailed, "is not a plain file", path, "Choose another name.");
  }
  if (::access(target.c_str(), W_OK) != 0) {
    return write_failure("cannot be overwritten", path, errno);
  }
  return {};
}

void keep_permissions(const Temporary& temporary, const std::string& target) {
  struct stat info {};
  if (::stat(target.c_str(), &info) != 0) return;
  // A file system without permissions refuses; the new file then has its defaults.
  [[maybe_unused]] const int done = ::fchmod(temporary.descriptor(), info.st_mode & 07777);
}

/// Best effort: some file systems cannot sync a folder, and the file is in place already.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

std::string follow_links(const std::string& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  return failed ? path : real.string();
}

}  // namespace

Status FileSink::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return write_failure("cannot be written", path_, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status replace_file(const std::string& path, const std::function<Status(FileSink&)>& fill,
                    const std::function<Status(const std::string&)>& verify) {
  const std::string target = follow_links(path);
  GYRO_CHECK(check_target(target, path));
  const fs::path parent = fs::path(target).parent_path();
  const fs::path folder = parent.empty() ? fs::path(".") : parent;
  Temporary temporary;
  GYRO_CHECK(temporary.create(folder, path));
  FileSink sink(temporary.descriptor(), path);
  GYRO_CHECK(fill(sink));
  keep_permissions(temporary, target);
  GYRO_CHECK(temporary.close(path));
  GYRO_CHECK(verify(temporary.path()));
  GYRO_CHECK(temporary.rename(target));
  sync_folder(folder);
  return {};
}

}  // namespace gyro

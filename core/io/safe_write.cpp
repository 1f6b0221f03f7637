#include "core/io/safe_write.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <optional>
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

/// Names of temporary files that a signal handler can read: never freed, published by `named`.
struct TemporaryName {
  std::atomic<bool> taken;
  std::atomic<bool> named;
  std::array<char, PATH_MAX> text;
};
std::array<TemporaryName, 4> g_names;
static_assert(std::atomic<bool>::is_always_lock_free);

/// Keeps a name among those while it lives; one too many, or too long a one, is left out.
class Published {
 public:
  explicit Published(const std::string& name) {
    if (name.size() >= PATH_MAX) return;
    for (auto& slot : g_names) {
      if (slot.taken.exchange(true)) continue;
      std::memcpy(slot.text.data(), name.c_str(), name.size() + 1);
      slot.named = true;
      slot_ = &slot;
      return;
    }
  }
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;
  ~Published() {
    if (slot_ == nullptr) return;
    slot_->named = false;
    slot_->taken = false;
  }

 private:
  TemporaryName* slot_ = nullptr;
};

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
        published_.emplace(name);
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
  std::optional<Published> published_;
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

/// The file that `path` leads to, there or not. A ring of links stays what it is.
std::string follow_links(const std::string& path) {
  constexpr int kMostLinks = 40;
  fs::path file = path;
  std::error_code failed;
  for (int i = 0; i < kMostLinks && fs::is_symlink(file, failed); ++i) {
    file = file.parent_path() / fs::read_symlink(file, failed);
  }
  return file.string();
}

fs::path folder_of(const std::string& file) {
  const fs::path parent = fs::path(file).parent_path();
  return parent.empty() ? fs::path(".") : parent;
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

void remove_temporaries() noexcept {
  for (auto& slot : g_names) {
    if (slot.named) ::unlink(slot.text.data());
  }
}

Status check_replaceable(const std::string& path) {
  const std::string target = follow_links(path);
  GYRO_CHECK(check_target(target, path));
  return Temporary().create(folder_of(target), path);
}

Status replace_file(const std::string& path, const std::function<Status(FileSink&)>& fill,
                    const std::function<Status(const std::string&)>& verify) {
  const std::string target = follow_links(path);
  GYRO_CHECK(check_target(target, path));
  const fs::path folder = folder_of(target);
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

#include "core/io/hdf5/helper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

namespace gyro::hdf5 {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kName = "gyro-hdf5";
constexpr const char* kDamaged =
    "The file is probably damaged: check it with h5dump, or download or copy it again.";

/// Attributes and actions of posix_spawn.
struct SpawnSettings {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;

  /// The child gets `socket` and `file` as kSocket and kFile, nothing else that is open here, and
  /// no signal settings; Ctrl-C in a terminal does not reach it.
  SpawnSettings(int socket, int file) {
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, socket, kSocket);
    posix_spawn_file_actions_adddup2(&actions, file, kFile);
    posix_spawn_file_actions_addclosefrom_np(&actions, kFile + 1);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
};

/// A copy of the descriptor above those that the child uses.
Descriptor moved_up(int descriptor) {
  return Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 10));
}

/// Reaps a killed child without waiting for one that the kernel holds (a dead network drive): such
/// a one is tried again with the next.
class Reaper {
 public:
  int reap(pid_t pid) {
    const std::lock_guard lock(mutex_);
    std::erase_if(left_, [](pid_t old) { return ::waitpid(old, nullptr, WNOHANG) != 0; });
    int status = 0;
    for (int i = 0; i < 200; ++i) {
      if (::waitpid(pid, &status, WNOHANG) != 0) return status;
      std::this_thread::sleep_for(milliseconds(i < 20 ? 1 : 10));
    }
    left_.push_back(pid);
    return 0;
  }

 private:
  std::mutex mutex_;
  std::vector<pid_t> left_;
};

Reaper& reaper() {
  static Reaper the_reaper;
  return the_reaper;
}

}  // namespace

Result<std::string> find_helper() {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> folders;
  if (const char* folder = std::getenv("GYRO_BIN_DIR"); folder != nullptr && *folder != '\0') {
    folders.emplace_back(folder);
  }
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  folders.push_back(own);
  folders.push_back(own / ".." / "libexec" / "gyroscope");
  for (const auto& folder : folders) {
    const auto path = folder / kName;
    if (::access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, error)) {
      return path.string();
    }
  }
  return fail(ErrorCode::Unavailable,
              fmt::format("the helper program {}, which reads HDF5 files, is missing", kName), "",
              "Install Gyroscope again, or set GYRO_BIN_DIR to the folder of its programs.");
}

Result<Helper> Helper::start(int file) {
  GYRO_TRY(const std::string path, find_helper());
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return fail(ErrorCode::Unavailable,
                std::string("no connection to the helper: ") + std::strerror(errno), path);
  }
  Descriptor ours(pair[0]);
  const Descriptor theirs(pair[1]);
  const Descriptor socket_copy = moved_up(theirs.get());
  const Descriptor file_copy = moved_up(file);
  const SpawnSettings settings(socket_copy.get(), file_copy.get());
  std::string name = kName;
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &settings.actions, &settings.attributes,
                                  arguments.data(), environ);
  if (error != 0) {
    return fail(ErrorCode::Unavailable,
                std::string("the helper cannot be started: ") + std::strerror(error), path);
  }
  return Helper(pid, std::move(ours));
}

Helper::Helper(Helper&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

Helper& Helper::operator=(Helper&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  return *this;
}

bool Helper::running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;  // reaped just now
  return false;
}

int Helper::stop() {
  socket_ = Descriptor();
  if (pid_ < 0) return 0;
  ::kill(pid_, SIGKILL);
  return reaper().reap(std::exchange(pid_, -1));
}

Status Helper::died() {
  // The end of the connection comes a moment before the end of the process.
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 100 && ended == 0; ++i) {
    ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == 0) std::this_thread::sleep_for(milliseconds(2));
  }
  if (ended == 0) {
    stop();
  } else {
    pid_ = -1;
  }
  std::string how = "ended";
  if (ended > 0 && WIFSIGNALED(status)) how = fmt::format("died of signal {}", WTERMSIG(status));
  if (ended > 0 && WIFEXITED(status)) how = fmt::format("ended with {}", WEXITSTATUS(status));
  return fail(ErrorCode::Unavailable, "the helper that reads HDF5 files " + how, "", kDamaged);
}

Status Helper::wait_for_answer(milliseconds patience, Progress* progress) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    pollfd watched{socket_.get(), POLLIN, 0};
    if (::poll(&watched, 1, 50) > 0) return {};
    if (progress != nullptr && progress->cancelled()) {
      stop();
      return fail(ErrorCode::Cancelled, "reading was stopped");
    }
    if (Clock::now() > deadline) {
      stop();
      return fail(ErrorCode::Unavailable,
                  fmt::format("the helper that reads HDF5 files gave no answer for {:.1f} s",
                              std::chrono::duration<double>(patience).count()),
                  "", kDamaged);
    }
  }
}

Status Helper::handle_answer(const OnAnswer& on_answer, bool& last) {
  auto message = receive_message(socket_.get());
  if (!message) return died();
  const auto answer = nlohmann::json::parse(message->text, nullptr, false);
  if (answer.is_object() && answer.contains("error")) {
    if (auto error = error_from_json(answer["error"])) {
      last = true;
      return fail(*std::move(error));
    }
  }
  if (!answer.is_object() || answer.contains("error")) {
    stop();
    return fail(ErrorCode::Unavailable, "the helper gave a senseless answer", "", kDamaged);
  }
  auto handled = on_answer(answer, std::move(message->attached));
  if (!handled) {
    stop();
    return fail(std::move(handled.error()));
  }
  last = *handled;
  return {};
}

Status Helper::ask(const nlohmann::json& request, milliseconds patience, Progress* progress,
                   const OnAnswer& on_answer) {
  if (!send_message(socket_.get(), request)) return died();
  bool last = false;
  while (!last) {
    GYRO_CHECK(wait_for_answer(patience, progress));
    GYRO_CHECK(handle_answer(on_answer, last));
    if (!last && progress != nullptr && progress->cancelled()) {
      stop();
      return fail(ErrorCode::Cancelled, "reading was stopped");
    }
  }
  return {};
}

}  // namespace gyro::hdf5

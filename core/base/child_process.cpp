#include "core/base/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Attributes and actions of posix_spawn.
struct SpawnSettings {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;

  explicit SpawnSettings(const std::vector<ChildProcess::Passed>& passed) {
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int last = STDERR_FILENO;
    for (const auto& [ours, theirs] : passed) {
      posix_spawn_file_actions_adddup2(&actions, ours, theirs);
      last = std::max(last, theirs);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, last + 1);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
};

/// Reaps a killed child without waiting for one that the kernel holds (a dead network drive): such
/// a one is tried again with the next.
class Reaper {
 public:
  void reap(pid_t pid) {
    const std::lock_guard lock(mutex_);
    std::erase_if(left_, [](pid_t old) { return ::waitpid(old, nullptr, WNOHANG) != 0; });
    for (int i = 0; i < 200; ++i) {
      if (::waitpid(pid, nullptr, WNOHANG) != 0) return;
      std::this_thread::sleep_for(milliseconds(i < 20 ? 1 : 10));
    }
    left_.push_back(pid);
  }

 private:
  std::mutex mutex_;
  std::vector<pid_t> left_;
};

/// A shell says 128 + n of a program that died of signal n.
std::string end_of(int status) {
  constexpr int kShellSignal = 128;
  constexpr int kMostSignal = 31;
  if (WIFSIGNALED(status)) return fmt::format("died of signal {}", WTERMSIG(status));
  const int code = WEXITSTATUS(status);
  if (code > kShellSignal && code <= kShellSignal + kMostSignal) {
    return fmt::format("died of signal {}", code - kShellSignal);
  }
  return fmt::format("ended with {}", code);
}

Reaper& reaper() {
  static Reaper the_reaper;
  return the_reaper;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() {
  return std::exchange(number_, -1);
}

Result<std::string> find_program(const std::string& name, const std::string& task) {
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
    const auto path = fs::absolute(folder / name, error);
    if (::access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, error)) {
      return path.string();
    }
  }
  return fail(ErrorCode::Unavailable,
              fmt::format("the helper program {}, {}, is missing", name, task), "",
              "Install Gyroscope again, or set GYRO_BIN_DIR to the folder of its programs.");
}

Result<ChildProcess> ChildProcess::start(const std::string& path,
                                         std::vector<std::string> arguments,
                                         const std::vector<Passed>& passed) {
  // Copies above all numbers that the child uses, so that no dup2 overwrites another's source.
  std::vector<Descriptor> copies;
  std::vector<Passed> moved;
  for (const auto& [ours, theirs] : passed) {
    copies.emplace_back(::fcntl(ours, F_DUPFD_CLOEXEC, 10));
    if (copies.back().get() < 0) {
      // EINVAL: the limit itself is below 10.
      return fail(ErrorCode::Unavailable, "the program cannot be started: too many open files",
                  path, advice::kLimits);
    }
    moved.push_back({copies.back().get(), theirs});
  }
  const SpawnSettings settings(moved);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &settings.actions, &settings.attributes,
                                  pointers.data(), environ);
  if (error != 0) {
    return fail(ErrorCode::Unavailable,
                std::string("the program cannot be started: ") + std::strerror(error), path,
                error == EACCES ? "Check that it may be executed." : advice::kLimits);
  }
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

bool ChildProcess::running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  ::kill(-std::exchange(pid_, -1), SIGKILL);  // what it started and left behind
  return false;
}

std::string ChildProcess::await_end(milliseconds patience) {
  if (pid_ < 0) return "ended";
  const auto deadline = Clock::now() + patience;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(pid_, &status, WNOHANG)) == 0 && Clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  if (ended == 0) {
    stop();
    return "ended";
  }
  ::kill(-std::exchange(pid_, -1), SIGKILL);
  return ended > 0 ? end_of(status) : "ended";
}

void ChildProcess::stop() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  reaper().reap(std::exchange(pid_, -1));
}

}  // namespace gyro

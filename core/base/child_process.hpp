#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace gyro {

/// A descriptor of this process, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return number_; }
  int release();

 private:
  int number_;
};

/// A program of Gyroscope's own, looked for in the folder GYRO_BIN_DIR (environment), beside the
/// running program, and in ../libexec/gyroscope from there. `task`: "which reads HDF5 files".
[[nodiscard]] Result<std::string> find_program(const std::string& name, const std::string& task);

/// A program that was started here, killed with all that it started at the end.
class ChildProcess {
 public:
  /// A descriptor of ours and the number the child finds it under.
  struct Passed {
    int ours;
    int theirs;
  };

  /// Starts `path` (absolute) in a session of its own: Ctrl-C in a terminal does not reach it and
  /// nothing in it can ask there. It gets the descriptors of `passed`, else /dev/null as its first
  /// three, nothing else that is open here, and no signal settings. `arguments` begin with the
  /// program's name. Fails with Unavailable.
  [[nodiscard]] static Result<ChildProcess> start(const std::string& path,
                                                  std::vector<std::string> arguments,
                                                  const std::vector<Passed>& passed);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { stop(); }

  [[nodiscard]] pid_t pid() const { return pid_; }  ///< −1 once it was reaped
  [[nodiscard]] bool running();
  /// Waits for the end, at most `patience`, and kills what is still there then. How it ended:
  /// "died of signal 9", "ended with 3", or "ended" where that is not known.
  std::string await_end(std::chrono::milliseconds patience);
  void stop();  ///< kills and reaps

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;
};

}  // namespace gyro

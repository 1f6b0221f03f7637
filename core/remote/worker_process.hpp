#pragma once

#include <chrono>
#include <string>

#include "core/base/child_process.hpp"
#include "core/base/result.hpp"

namespace gyro::remote {

/// A worker's process with its three pipes. Not for several threads at once.
class WorkerProcess {
 public:
  /// `command`: a command line for /bin/sh; empty: the gyro-worker beside this program.
  [[nodiscard]] static Result<WorkerProcess> start(const std::string& command);

  [[nodiscard]] int in() const { return in_.get(); }          ///< to write to, does not block
  [[nodiscard]] int out() const { return out_.get(); }        ///< to read from, does not block
  [[nodiscard]] int errors() const { return errors_.get(); }  ///< −1 once it is closed
  /// Takes what the worker has said on standard error; the last of it is kept.
  void read_errors();
  /// The last line of it that says something, shortened; or empty.
  [[nodiscard]] std::string last_error_line() const;

  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  [[nodiscard]] bool running() { return process_.running(); }
  void stop() { process_.stop(); }
  /// ChildProcess::await_end(), with the last error line.
  [[nodiscard]] std::string await_end(std::chrono::milliseconds patience);

 private:
  WorkerProcess(ChildProcess process, Descriptor in, Descriptor out, Descriptor errors);

  ChildProcess process_;
  Descriptor in_;
  Descriptor out_;
  Descriptor errors_;
  std::string said_;
};

}  // namespace gyro::remote

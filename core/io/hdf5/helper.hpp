#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/child_process.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/hdf5/protocol.hpp"

namespace gyro::hdf5 {

/// A running helper with one open file. Killed at the end. Not for several threads at once.
class Helper {
 public:
  [[nodiscard]] static Result<Helper> start(int file);

  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  [[nodiscard]] bool running() { return process_.running(); }

  /// What to do with an answer: whether it was the last, or an error.
  using OnAnswer = std::function<Result<bool>(const nlohmann::json&, Descriptor)>;

  /// Sends a request and handles answers until the last one. A helper that dies, says nothing for
  /// `patience`, or answers nonsense is an Error (Unavailable) and is stopped, as on cancelling.
  [[nodiscard]] Status ask(const nlohmann::json& request, std::chrono::milliseconds patience,
                           Progress* progress, const OnAnswer& on_answer);

 private:
  Helper(ChildProcess process, Descriptor socket)
      : process_(std::move(process)), socket_(std::move(socket)) {}
  [[nodiscard]] Status wait_for_answer(std::chrono::milliseconds patience, Progress* progress);
  [[nodiscard]] Status handle_answer(const OnAnswer& on_answer, bool& last);
  [[nodiscard]] Status died();
  void stop();

  ChildProcess process_;
  Descriptor socket_;
};

}  // namespace gyro::hdf5

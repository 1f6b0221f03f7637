#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/hdf5/protocol.hpp"

namespace gyro::hdf5 {

/// The executable, looked for in the folder GYRO_BIN_DIR (environment), beside the running
/// program, and in ../libexec/gyroscope from there.
[[nodiscard]] Result<std::string> find_helper();

/// A running helper with one open file. Killed at the end. Not for several threads at once.
class Helper {
 public:
  [[nodiscard]] static Result<Helper> start(int file);

  Helper(Helper&& other) noexcept;
  Helper& operator=(Helper&& other) noexcept;
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() { stop(); }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();

  /// What to do with an answer: whether it was the last, or an error.
  using OnAnswer = std::function<Result<bool>(const nlohmann::json&, Descriptor)>;

  /// Sends a request and handles answers until the last one. A helper that dies, says nothing for
  /// `patience`, or answers nonsense is an Error (Unavailable) and is stopped, as on cancelling.
  [[nodiscard]] Status ask(const nlohmann::json& request, std::chrono::milliseconds patience,
                           Progress* progress, const OnAnswer& on_answer);

 private:
  Helper(pid_t pid, Descriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  [[nodiscard]] Status wait_for_answer(std::chrono::milliseconds patience, Progress* progress);
  [[nodiscard]] Status handle_answer(const OnAnswer& on_answer, bool& last);
  [[nodiscard]] Status died();
  int stop();  ///< kills and reaps; the wait status

  pid_t pid_ = -1;
  Descriptor socket_;
};

}  // namespace gyro::hdf5

#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/message.hpp"
#include "core/remote/worker_process.hpp"

namespace gyro::remote {

/// How to start a worker and how long to wait for it.
struct WorkerSettings {
  /// A command line for /bin/sh, as "ssh host gyro-worker"; empty: the gyro-worker beside this
  /// program.
  std::string command;
  std::chrono::milliseconds hello_patience{20'000};     ///< from the start to its hello
  std::chrono::milliseconds heartbeat_patience{5'000};  ///< without any sign of life
  /// A call that reports no progress so long hangs, although its worker is alive.
  std::chrono::milliseconds stall_patience{120'000};
  /// For an answer after a cancel, then the worker is ended: so long for a call that reported
  /// progress within the last second, whose best so far is worth it, and so long for others.
  std::chrono::milliseconds best_patience{2'000};
  std::chrono::milliseconds cancel_patience{150};
};

/// What a worker says of itself.
struct WorkerInfo {
  std::string version;
  std::string host;
  std::int64_t pid = 0;  ///< on its own machine
};

/// Hears a part of an answer; an error ends the worker, as what it sends cannot be right.
using OnPiece = std::function<Status(const nlohmann::json&)>;

/// One worker process from its start to its end. Calls may come from several threads at once. The
/// first thing that goes wrong ends the process and every call, all with one Error (Unavailable, or
/// Mismatch for another version): the connection is then broken for good.
class Connection {
 public:
  /// Starts the process and waits for its hello.
  [[nodiscard]] static Result<std::shared_ptr<Connection>> start(const WorkerSettings& settings,
                                                                 Progress& progress);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] const WorkerInfo& info() const { return info_; }
  [[nodiscard]] bool usable();
  [[nodiscard]] pid_t pid() const;  ///< of the process on this machine, −1 once it ended

  /// Sends a request and waits for its answer on this thread, which also hears the pieces; their
  /// handling may take as long as it likes. A cancel gives the worker's best so far, or Cancelled.
  [[nodiscard]] Result<nlohmann::json> call(const std::string& method, nlohmann::json parameters,
                                            Progress& progress, const OnPiece& on_piece = {});

 private:
  using Clock = std::chrono::steady_clock;
  class Exchange;

  /// What came for a call and was not taken yet.
  struct Inbox {
    std::deque<nlohmann::json> pieces;
    std::optional<Progress::Snapshot> progress;
    std::optional<Result<nlohmann::json>> answer;
    Clock::time_point heard = Clock::now();
  };

  Connection(const WorkerSettings& settings, WorkerProcess process);
  [[nodiscard]] Status greet(Progress& progress);
  [[nodiscard]] std::string name() const;

  void read_loop();
  bool read_output(FrameDecoder& decoder);
  void handle(nlohmann::json json);
  void deliver(Message message);
  void lost(bool inside_a_frame);
  void watch_heartbeat();
  /// With `mutex_` held: ends the process; every call fails with the first reason given.
  void break_with(ErrorCode code, std::string what, std::string advice);
  bool send(const nlohmann::json& message);

  const WorkerSettings settings_;
  WorkerInfo info_;
  std::mutex writing_;

  mutable std::mutex mutex_;  ///< of all that follows
  std::condition_variable changed_;
  WorkerProcess process_;
  std::map<std::int64_t, Inbox> inboxes_;
  std::int64_t next_id_ = 1;
  std::optional<Error> broken_;
  Clock::time_point heard_ = Clock::now();
  std::chrono::milliseconds patience_;  ///< for a sign of life

  std::atomic<bool> closing_{false};
  std::thread reader_;
};

}  // namespace gyro::remote

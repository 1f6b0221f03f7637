#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace gyro {

/// One long job as seen from outside: a named phase, how far it is, and whether to stop.
/// Reporting progress is the cancellation point. Every member may be called from any thread.
class Progress {
 public:
  struct Snapshot {
    std::string phase;       ///< "output permutation", "reading"; empty before the first
    std::int64_t done = 0;   ///< units finished in this phase
    std::int64_t total = 0;  ///< units of this phase, 0 where not known
    double seconds = 0;      ///< since the phase began, without holds
    std::optional<double> seconds_left;  ///< estimate for the phase, once there is one
  };

  /// Starts a phase of `total` units (0 = unknown). Returns false once cancelled.
  bool begin(std::string phase, std::int64_t total = 0);

  /// Reports `units` more. Returns false once cancelled: the caller then returns its best so far.
  bool advance(std::int64_t units = 1);

  /// Sets the units finished, for jobs that count time rather than steps. Returns as advance().
  bool reach(std::int64_t done);

  /// While a job waits for a person it is held: that time counts for no budget and no estimate.
  /// Holds do not nest.
  void hold();
  void release();
  /// How long the job was held so far, the present hold included.
  [[nodiscard]] double held_seconds() const;

  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  [[nodiscard]] Snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::string phase_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  double held_before_ = 0;                   ///< before this phase
  std::atomic<std::int64_t> held_{0};        ///< nanoseconds of the holds that are over
  std::atomic<std::int64_t> held_since_{0};  ///< steady clock in nanoseconds; 0: not held
  std::atomic<std::int64_t> done_{0};
  std::atomic<std::int64_t> total_{0};
  std::atomic<bool> cancelled_{false};
};

}  // namespace gyro

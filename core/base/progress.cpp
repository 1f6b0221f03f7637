#include "core/base/progress.hpp"

#include <utility>

namespace gyro {

namespace {

std::int64_t nanoseconds_now() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

void Progress::hold() {
  held_since_.store(nanoseconds_now());
}

/// First added, then ended: whoever asks meanwhile may see a budget too large, never too small.
void Progress::release() {
  const std::int64_t since = held_since_.load();
  if (since == 0) return;
  held_.fetch_add(nanoseconds_now() - since);
  held_since_.store(0);
}

double Progress::held_seconds() const {
  const std::int64_t since = held_since_.load();
  const std::int64_t now = since == 0 ? 0 : nanoseconds_now() - since;
  return 1e-9 * static_cast<double>(held_.load() + now);
}

bool Progress::begin(std::string phase, std::int64_t total) {
  const std::lock_guard lock(mutex_);
  phase_ = std::move(phase);
  started_ = std::chrono::steady_clock::now();
  held_before_ = held_seconds();
  done_.store(0, std::memory_order_relaxed);
  total_.store(total, std::memory_order_relaxed);
  return !cancelled();
}

bool Progress::advance(std::int64_t units) {
  done_.fetch_add(units, std::memory_order_relaxed);
  return !cancelled();
}

bool Progress::reach(std::int64_t done) {
  done_.store(done, std::memory_order_relaxed);
  return !cancelled();
}

Progress::Snapshot Progress::snapshot() const {
  const std::lock_guard lock(mutex_);
  Snapshot out;
  out.phase = phase_;
  out.done = done_.load(std::memory_order_relaxed);
  out.total = total_.load(std::memory_order_relaxed);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count() -
                (held_seconds() - held_before_);
  if (out.total > 0 && out.done > 0 && out.done <= out.total) {
    out.seconds_left =
        out.seconds * static_cast<double>(out.total - out.done) / static_cast<double>(out.done);
  }
  return out;
}

}  // namespace gyro

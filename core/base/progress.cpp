#include "core/base/progress.hpp"

#include <utility>

namespace gyro {

bool Progress::begin(std::string phase, std::int64_t total) {
  const std::lock_guard lock(mutex_);
  phase_ = std::move(phase);
  started_ = std::chrono::steady_clock::now();
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
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  if (out.total > 0 && out.done > 0 && out.done <= out.total) {
    out.seconds_left =
        out.seconds * static_cast<double>(out.total - out.done) / static_cast<double>(out.done);
  }
  return out;
}

}  // namespace gyro

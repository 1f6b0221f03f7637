#include "core/permutation/gyroscope_team.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <system_error>

#include "core/base/parallel.hpp"

namespace gyro {
namespace {

constexpr int kSpins = 2000;  // some 50 µs

/// Waits until `value` is no longer `old`: awake for a while, then asleep.
template <class T>
void wait_while(const std::atomic<T>& value, T old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    hwy::Pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

Team::Team(int threads, int most)
    : Team(std::min({resolve_threads(threads), resolve_threads(0), most})) {}

Team::Team(int threads) {
  workers_.reserve(static_cast<std::size_t>(std::max(threads, 1)));
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // No more threads are to be had; the result does not depend on their number.
  }
}

Team::~Team() {
  body_ = nullptr;
  call_.fetch_add(1, std::memory_order_release);
  call_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Team::run(int count, const std::function<void(int)>& body) {
  if (workers_.empty() || count <= 1) {
    for (int i = 0; i < count; ++i) body(i);
    return;
  }
  body_ = &body;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  call_.fetch_add(1, std::memory_order_release);
  call_.notify_all();
  take(body);
  for (int left = busy_.load(); left > 0; left = busy_.load(std::memory_order_acquire)) {
    wait_while(busy_, left);
  }
}

void Team::take(const std::function<void(int)>& body) {
  for (int i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) body(i);
}

void Team::serve() {
  std::uint32_t seen = 0;
  for (;;) {
    wait_while(call_, seen);
    seen = call_.load(std::memory_order_acquire);
    if (body_ == nullptr) return;
    take(*body_);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_all();
  }
}

}  // namespace gyro

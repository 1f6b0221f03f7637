#include "app/desktop/session/live_search.hpp"

#include <chrono>
#include <utility>

namespace gyro::desktop {
namespace {

/// A cancel does not wake the condition: it is looked for this often, well below 200 ms.
constexpr auto kPoll = std::chrono::milliseconds(20);

}  // namespace

LiveSearch::LiveSearch(Trace header, std::shared_ptr<Progress> progress, bool paused)
    : trace_(std::move(header)),
      recorder_(trace_),
      progress_(std::move(progress)),
      paused_(paused) {}

void LiveSearch::hold(std::unique_lock<std::mutex>& lock) {
  const auto waits = [this] { return paused_ && allowed_ <= 0 && !progress_->cancelled(); };
  if (waits()) {
    progress_->hold();
    while (waits()) wake_.wait_for(lock, kPoll);
    progress_->release();
  }
  if (allowed_ > 0) --allowed_;
}

void LiveSearch::started(const Permutation& start) {
  std::unique_lock lock(mutex_);
  recorder_.started(start);
  hold(lock);
}

void LiveSearch::stepped(const SearchStep& step) {
  std::unique_lock lock(mutex_);
  recorder_.stepped(step);
  hold(lock);
}

void LiveSearch::pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
  allowed_ = 0;
}

void LiveSearch::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
  allowed_ = 0;
  wake_.notify_all();
}

void LiveSearch::advance(int count) {
  const std::lock_guard lock(mutex_);
  allowed_ += count;
  wake_.notify_all();
}

bool LiveSearch::paused() const {
  const std::lock_guard lock(mutex_);
  return paused_;
}

std::size_t LiveSearch::stepCount() const {
  const std::lock_guard lock(mutex_);
  return trace_.steps.size();
}

bool LiveSearch::update(Trace& known) const {
  const std::lock_guard lock(mutex_);
  const bool starts = known.start.output_order.empty() && !trace_.start.output_order.empty();
  if (starts) {
    known.strategy = trace_.strategy;
    known.shape = trace_.shape;
    known.options = trace_.options;
    known.start = trace_.start;
  }
  const std::size_t from = known.steps.size();
  if (from >= trace_.steps.size()) return starts;
  for (std::size_t i = 0; i < from; ++i) {
    if (!trace_.steps[i].snapshot) known.steps[i].snapshot.reset();
  }
  known.steps.insert(known.steps.end(), trace_.steps.begin() + static_cast<std::ptrdiff_t>(from),
                     trace_.steps.end());
  return true;
}

}  // namespace gyro::desktop

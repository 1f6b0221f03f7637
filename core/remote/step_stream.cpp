#include "core/remote/step_stream.hpp"

#include <chrono>
#include <utility>

#include "core/remote/wire.hpp"

namespace gyro::remote {
namespace {

/// Steps are collected so long before they are sent.
constexpr auto kPause = std::chrono::milliseconds(10);
/// No connection takes so long: a person holds the search and looks at its steps.
constexpr auto kHeld = std::chrono::milliseconds(250);
/// A search waits while more than this is waiting.
constexpr std::size_t kMostWaiting = std::size_t{8} << 20;

std::size_t size_of(const Permutation& permutation) {
  return sizeof(std::int32_t) * (permutation.output_order.size() + permutation.vector_index.size());
}

std::size_t size_of(const SearchStep& step) {
  return 256 + sizeof(Change) * step.changes.size() + (step.snapshot ? size_of(*step.snapshot) : 0);
}

}  // namespace

StepStream::StepStream(Call& call, bool each)
    : call_(call), each_(each), sender_([this] { send_loop(); }) {}

void StepStream::started(const Permutation& start) {
  add({{"start", to_json(start)}}, size_of(start));
}

void StepStream::stepped(const SearchStep& step) {
  add({{"step", to_json(step)}}, size_of(step));
  if (each_) wait_while_held();
}

void StepStream::wait_while_held() {
  Progress& progress = call_.progress();
  const auto held = [&] { return call_.unheard() > kHeld && !progress.cancelled(); };
  if (!held()) return;
  progress.hold();
  while (held()) std::this_thread::sleep_for(kPause);
  progress.release();
}

void StepStream::add(nlohmann::json item, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  while (bytes_ > kMostWaiting && !call_.progress().cancelled()) changed_.wait_for(lock, kPause);
  waiting_.push_back(std::move(item));
  bytes_ += bytes;
  changed_.notify_all();
}

void StepStream::send_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return finished_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    changed_.wait_for(lock, kPause, [&] { return finished_ || bytes_ > kMostWaiting; });
    auto piece = std::exchange(waiting_, nlohmann::json::array());
    bytes_ = 0;
    changed_.notify_all();
    lock.unlock();
    call_.send({{"steps", std::move(piece)}});
    lock.lock();
  }
}

void StepStream::finish() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }
  if (sender_.joinable()) sender_.join();
}

}  // namespace gyro::remote

#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "core/permutation/step.hpp"
#include "core/remote/method.hpp"

namespace gyro::remote {

/// Sends what a search does, several steps a piece, from a thread of its own: the search waits only
/// while far more is waiting than is sent, or while a person looks at each step and holds one,
/// which is no part of its budget.
class StepStream : public SearchObserver {
 public:
  /// `each`: whoever listens wants each step at once.
  StepStream(Call& call, bool each);
  ~StepStream() override { finish(); }

  void started(const Permutation& start) override;
  void stepped(const SearchStep& step) override;
  [[nodiscard]] bool wants_each_step_at_once() const override { return each_; }

  /// Returns when all was sent.
  void finish();

 private:
  void send_loop();
  void wait_while_held();
  void add(nlohmann::json item, std::size_t bytes);

  Call& call_;
  bool each_;
  std::mutex mutex_;
  std::condition_variable changed_;
  nlohmann::json waiting_ = nlohmann::json::array();
  std::size_t bytes_ = 0;  ///< that wait, about
  bool finished_ = false;
  std::thread sender_;
};

}  // namespace gyro::remote

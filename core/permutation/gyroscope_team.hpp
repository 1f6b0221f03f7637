#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace gyro {

/// Threads that stay awake between short pieces of work: a sweep of a small layer takes some 50 µs,
/// which is less than a sleeping worker of a task scheduler takes to come.
class Team {
 public:
  /// `threads` (0 = all), but not more than the machine has or `most`.
  Team(int threads, int most);
  /// Exactly so many.
  explicit Team(int threads);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  [[nodiscard]] int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(0 … count − 1), in any order, and returns when all are done. The body must not
  /// throw, and only one thread may call this.
  void run(int count, const std::function<void(int)>& body);

 private:
  void serve();
  void take(const std::function<void(int)>& body);

  std::vector<std::thread> workers_;
  const std::function<void(int)>* body_ = nullptr;  ///< null: leave
  int count_ = 0;
  std::atomic<int> next_{0};
  std::atomic<std::uint32_t> call_{0};  ///< counts calls of run()
  std::atomic<int> busy_{0};            ///< workers that have not finished this call
};

}  // namespace gyro

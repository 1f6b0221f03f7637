#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/model/problem.hpp"
#include "core/remote/problem_spec.hpp"

namespace gyro::remote {

/// The problems that a worker has open: the last few, read again when their file changed. May be
/// used from several threads.
class ProblemStore {
 public:
  /// The problem of a spec, opened if need be. A file that cannot be seen from here is NotFound,
  /// another file under the same path Mismatch.
  [[nodiscard]] Result<std::shared_ptr<const Problem>> get(const ProblemSpec& spec,
                                                           Progress& progress);

 private:
  struct Open {
    ProblemSpec spec;
    std::string state;  ///< of the file when it was read: device, number, size, time
    std::shared_ptr<const Problem> problem;
  };

  std::mutex mutex_;
  std::list<Open> open_;  ///< last used first
};

}  // namespace gyro::remote

#include "core/base/parallel.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <optional>

namespace gyro {

int resolve_threads(int threads) {
  return threads > 0 ? threads : std::max(1, tbb::this_task_arena::max_concurrency());
}

void parallel_for(int count, int threads, const std::function<void(int)>& body) {
  const int workers = std::min(count, resolve_threads(threads));
  if (workers <= 1) {
    for (int i = 0; i < count; ++i) body(i);
    return;
  }
  // Without this, TBB prints a warning when asked for more threads than there are cores.
  std::optional<tbb::global_control> more;
  if (workers > resolve_threads(0)) {
    more.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers));
  }
  tbb::task_arena arena(workers);
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<int>(0, count, 1),
        [&](const tbb::blocked_range<int>& range) {
          for (int i = range.begin(); i != range.end(); ++i) body(i);
        },
        tbb::simple_partitioner());
  });
}

}  // namespace gyro

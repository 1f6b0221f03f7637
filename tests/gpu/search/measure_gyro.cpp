// How long gyro's proposals take on the GPU, phase by phase:
//   measure_gyro FILE ROWS COLS V KEPT [SECONDS] [PARAMETERS]
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/sparsity/metrics.hpp"
#include "gpu/search/search.hpp"
#include "tests/gpu/search/made_layers.hpp"
#include "tests/gpu/search/measuring.hpp"

namespace gyro::gpu_test {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Phase {
  double seconds = 0;
  int steps = 0;
  int accepted = 0;
  double first = 0;
  double last = 0;
};

struct Times {
  std::array<Phase, 2> phases;
  double before = now();

  static void hear(void* observer, const gyro_step* step) {
    auto& self = *static_cast<Times*>(observer);
    auto& phase = self.phases[static_cast<std::size_t>(step->phase)];
    const double at = now();
    phase.seconds += at - self.before;
    if (phase.steps++ == 0) phase.first = step->before;
    phase.accepted += step->accepted;
    phase.last = step->accepted != 0 ? step->after : step->before;
    self.before = at;
  }
};

int run(int argc, char** argv) {
  const int rows = std::atoi(argv[2]);
  const int cols = std::atoi(argv[3]);
  const HinmShape shape{rows, cols, std::atoi(argv[4]), {2, 4}, std::atoi(argv[5])};
  const Matrix saliency = read_saliency(argv[1], rows, cols);
  if (saliency.size() == 0) return 1;
  gyro_context context = open_device();
  std::vector<std::int32_t> order(static_cast<std::size_t>(rows));
  std::vector<std::int32_t> vectors(static_cast<std::size_t>(shape.tiles()) *
                                    static_cast<std::size_t>(shape.kept));
  const gyro_shape size{rows, cols, shape.vector_size, 2, 4, shape.kept};
  Times times;
  const gyro_search ask{"gyro", "{}",   1,          argc > 6 ? std::atof(argv[6]) : -1.0,
                        -1,     &times, Times::hear};
  gyro_found found{};
  found.output_order = order.data();
  found.vector_index = vectors.data();
  gyro_failure failure{};
  if (cuda::search(&context, {saliency.data(), rows, cols}, &size, &ask, &found, nullptr,
                   &failure) != GYRO_OK) {
    std::printf("%s\n", failure.what);
    return 1;
  }
  std::printf("gyro %dx%d V%d: %.5f in %.3f s, %lld steps\n", rows, cols, shape.vector_size,
              retained_saliency(view_of(saliency), shape, {order, vectors}), found.seconds,
              static_cast<long long>(found.steps));
  const std::array<const char*, 2> names{"output", "input, all tiles"};
  for (std::size_t p = 0; p < 2; ++p) {
    const auto& phase = times.phases[p];
    const double proposals = p == 0 ? phase.steps : double(phase.steps) / shape.tiles();
    std::printf("  %s: %.0f proposals (%d of %d accepted), %.2f ms each, %.5f to %.5f\n", names[p],
                proposals, phase.accepted, phase.steps,
                phase.seconds / std::max(1.0, proposals) * 1e3, phase.first, phase.last);
  }
  return 0;
}

}  // namespace
}  // namespace gyro::gpu_test

int main(int argc, char** argv) {
  if (argc < 6) {
    std::printf("measure_gyro FILE ROWS COLS V KEPT [SECONDS] [PARAMETERS]\n");
    return 2;
  }
  return gyro::gpu_test::run(argc, argv);
}

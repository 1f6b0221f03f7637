// What core's strategies reach on the CPU of the same machine:
//   measure_cpu FILE ROWS COLS V SPARSITY SECONDS STRATEGY
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/base/progress.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/shape.hpp"
#include "tests/gpu/search/made_layers.hpp"

namespace gyro::gpu_test {
namespace {

Status run(char** argv) {
  const Matrix saliency = read_saliency(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
  if (saliency.size() == 0) return fail(ErrorCode::Unreadable, "cannot read the file", argv[1]);
  GYRO_TRY(const Fraction sparsity, parse_fraction(argv[5]));
  GYRO_TRY(const HinmShape shape, make_shape(std::atoi(argv[2]), std::atoi(argv[3]),
                                             std::atoi(argv[4]), {2, 4}, sparsity));
  GYRO_TRY(const Strategy* strategy, find_strategy(argv[7]));
  SearchOptions options;
  options.parameters = Parameters::defaults(strategy->info().parameters);
  options.budget_seconds = std::atof(argv[6]);
  Progress progress;
  GYRO_TRY(const SearchResult found,
           strategy->run({view_of(saliency), shape}, options, progress, nullptr));
  std::printf("cpu %s %sx%s V%s: %.5f after %.2f s, %lld steps\n", argv[7], argv[2], argv[3],
              argv[4], found.retained_saliency, found.seconds, static_cast<long long>(found.steps));
  return {};
}

}  // namespace
}  // namespace gyro::gpu_test

int main(int argc, char** argv) {
  if (argc < 8) {
    std::printf("measure_cpu FILE ROWS COLS V SPARSITY SECONDS STRATEGY\n");
    return 2;
  }
  if (const auto done = gyro::gpu_test::run(argv); !done) {
    std::printf("%s\n", done.error().text().c_str());
    return 1;
  }
  return 0;
}

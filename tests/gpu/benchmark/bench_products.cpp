// Times the HiNM product and its peers as `gyro bench` does, on machines that lack the libraries of
// gyro:  bench_products --json RESULTS [SHAPES [SPARSITIES [VECTOR_SIZES [MODES]]]], lists with
// commas. RESULTS is what `gyro bench --show` and the window's benchmark panel open.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include "core/benchmark/benchmark.hpp"
#include "core/benchmark/report_file.hpp"
#include "core/device/devices.hpp"

using namespace gyro;

namespace {

constexpr const char* kShapes =
    "4096x4096x8192,11008x4096x2048,4096x4096x2048,8192x8192x8192,28672x8192x512,4096x4096x512,"
    "8192x28672x16";
constexpr int kSkipped = 77;

/// Calls `take` with every word between the commas.
template <class Take>
Status for_words(const std::string& list, Take take) {
  std::istringstream stream(list);
  for (std::string word; std::getline(stream, word, ',');) GYRO_CHECK(take(word));
  return {};
}

Result<std::vector<BenchCell>> cells_of(int argc, char** argv) {
  const auto argument = [&](int which, const char* otherwise) {
    return std::string(argc > which ? argv[which] : otherwise);
  };
  BenchRequest request;
  request.vector_sizes.clear();
  request.modes.clear();
  GYRO_CHECK(for_words(argument(3, kShapes), [&](const std::string& word) -> Status {
    GYRO_TRY(auto shape, parse_product_shape(word));
    request.shapes.push_back(std::move(shape));
    return {};
  }));
  GYRO_CHECK(for_words(argument(4, "0.75,0.875,0.9375"), [&](const std::string& word) -> Status {
    GYRO_TRY(const auto sparsity, parse_fraction(word));
    request.sparsities.push_back(sparsity);
    return {};
  }));
  GYRO_CHECK(for_words(argument(5, "128"), [&](const std::string& word) -> Status {
    request.vector_sizes.push_back(std::atoi(word.c_str()));
    return {};
  }));
  GYRO_CHECK(for_words(argument(6, "cold,warm"), [&](const std::string& word) -> Status {
    GYRO_TRY(const auto mode, parse_cache_state(word));
    request.modes.push_back(mode);
    return {};
  }));
  return cells_of(request);
}

void show(const BenchResult& r) {
  const auto ratio = r.speedup_cublas();
  fmt::print(
      "{}x{}x{} V{} {:.4f} {} {}: {:.1f} us [{:.1f} {:.1f}] n {} cuBLAS {:.1f} masked {:.1f} "
      "2:4 {:.1f} ratio {:.2f} error {:.1e} {:.0f} % of {} {}\n",
      r.m, r.k, r.n, r.vector_size, r.sparsity, name_of(r.mode), r.path, r.hinm.median_us,
      r.hinm.p5_us, r.hinm.p95_us, r.hinm.samples, r.cublas.median_us, r.cublas_masked.median_us,
      r.cusparselt.median_us, ratio.value_or(0), r.relative_error.value_or(0),
      100 * r.share_of_ceiling.value_or(0), r.ceiling_name,
      r.hinm.note + r.cublas.note + r.cusparselt.note);
  std::fflush(stdout);
}

/// The module beside this program or in ../lib, unless the environment names one.
void find_module() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& path : {here / "libgyro_cuda.so", here / "../lib/libgyro_cuda.so"}) {
    if (fs::exists(path, ignored)) ::setenv("GYRO_MODULE_PATH", path.c_str(), 0);
  }
}

Status run(int argc, char** argv) {
  GYRO_TRY(const auto cells, cells_of(argc, argv));
  GYRO_TRY(const auto device, open_device("cuda"));
  Progress progress;
  GYRO_TRY(const auto report, run_benchmark(*device, cells, progress, show));
  return write_report(argv[2], report);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || std::string_view(argv[1]) != "--json") {
    fmt::print(stderr, "usage: bench_products --json RESULTS [SHAPES [SPARSITIES [V [MODES]]]]\n");
    return 2;
  }
  find_module();
  const auto done = run(argc, argv);
  if (done) return 0;
  fmt::print(stderr, "bench_products: {}\n", done.error().text());
  const ErrorCode code = done.error().code;
  return code == ErrorCode::Unavailable || code == ErrorCode::NotFound ? kSkipped : 1;
}

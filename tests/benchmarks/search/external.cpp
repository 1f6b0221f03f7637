#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/sparsity/metrics.hpp"
#include "tests/benchmarks/search/race.hpp"

namespace gyro::benchmark {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away again.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "gyro-peer-XXXXXX").string();
    if (const char* made = ::mkdtemp(pattern.data()); made != nullptr) path_ = made;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void set(const char* name, const std::string& value) {
  ::setenv(name, value.c_str(), 1);
}

void describe(const SearchProblem& problem, double budget, std::uint64_t seed, int threads) {
  const auto& shape = problem.shape;
  set("GYRO_ROWS", fmt::format("{}", shape.rows));
  set("GYRO_COLS", fmt::format("{}", shape.cols));
  set("GYRO_VECTOR_SIZE", fmt::format("{}", shape.vector_size));
  set("GYRO_N", fmt::format("{}", shape.nm.n));
  set("GYRO_M", fmt::format("{}", shape.nm.m));
  set("GYRO_KEPT", fmt::format("{}", shape.kept));
  set("GYRO_SEED", fmt::format("{}", seed));
  set("GYRO_BUDGET", fmt::format("{}", budget));
  set("GYRO_THREADS", fmt::format("{}", threads));
}

Result<Permutation> read_answer(const SearchProblem& problem, const fs::path& path) {
  const auto& shape = problem.shape;
  const auto rows = static_cast<std::size_t>(shape.rows);
  const auto all =
      rows + static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept);
  std::error_code failed;
  const auto size = fs::file_size(path, failed) / sizeof(std::int32_t);
  if (failed || (size != rows && size != all)) {
    return fail(ErrorCode::Mismatch, fmt::format("must hold {} or {} int32 numbers", rows, all),
                path.string());
  }
  std::vector<std::int32_t> numbers(size);
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(numbers.data()),
            static_cast<std::streamsize>(size * sizeof(std::int32_t)));
  Permutation out;
  out.output_order.assign(numbers.begin(), numbers.begin() + shape.rows);
  out.vector_index.assign(numbers.begin() + shape.rows, numbers.end());
  if (size == all) {
    GYRO_CHECK(validate(out, shape));
    return out;
  }
  Permutation rows_only = identity_permutation(problem.saliency, shape);
  rows_only.output_order = out.output_order;
  GYRO_CHECK(validate(rows_only, shape));
  return with_default_vectors(problem.saliency, shape, std::move(out.output_order));
}

}  // namespace

Result<Score> run_external(const std::string& command, const SearchProblem& problem, double budget,
                           std::uint64_t seed, int threads) {
  const Scratch scratch;
  if (scratch.path().empty()) return fail(ErrorCode::WriteFailed, "no temporary folder");
  const fs::path saliency = scratch.path() / "saliency.f32";
  const fs::path answer = scratch.path() / "answer.i32";
  std::ofstream(saliency, std::ios::binary)
      .write(reinterpret_cast<const char*>(problem.saliency.data()),
             static_cast<std::streamsize>(static_cast<std::size_t>(problem.saliency.size()) *
                                          sizeof(float)));
  describe(problem, budget, seed, threads);
  set("GYRO_SALIENCY", saliency.string());
  set("GYRO_OUTPUT", answer.string());
  Score score;
  score.entrant = "external";
  score.budget = budget;
  score.seed = seed;
  score.threads = threads;
  const auto start = std::chrono::steady_clock::now();
  const int status = std::system(command.c_str());
  score.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (status != 0) return fail(ErrorCode::Unavailable, "the peer failed", command);
  GYRO_TRY(const Permutation found, read_answer(problem, answer));
  score.runs = 1;
  score.retained = retained_saliency(problem.saliency, problem.shape, found);
  score.first_retained = score.retained;
  score.first_seconds = score.seconds;
  score.stopped_by = "finished";
  return score;
}

}  // namespace gyro::benchmark

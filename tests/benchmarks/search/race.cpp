#include "tests/benchmarks/search/race.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace gyro::benchmark {
namespace {

constexpr std::uint64_t kSeedStride = 100'000;  // more runs than a budget holds
constexpr double kLeastLeft = 0.001;            // seconds that are worth another run

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The first run has the seed itself, so that it can be repeated by that number.
std::uint64_t seed_of(std::uint64_t seed, int run) {
  return seed + kSeedStride * static_cast<std::uint64_t>(run);
}

}  // namespace

Result<Entrant> parse_entrant(const std::string& text) {
  Entrant out;
  out.name = text;
  if (text == "external") return out;
  std::map<std::string, std::string> given;
  std::size_t end = std::min(text.find(':'), text.size());
  GYRO_TRY(out.strategy, find_strategy(text.substr(0, end)));
  while (end < text.size()) {
    const std::size_t first = end + 1;
    end = std::min(text.find(':', first), text.size());
    const std::string pair = text.substr(first, end - first);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (equals == pair.size()) return fail(ErrorCode::InvalidArgument, "needs key=value", text);
    given[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  GYRO_TRY(out.parameters, Parameters::parse(out.strategy->info().parameters, given));
  return out;
}

Score race(const Entrant& entrant, const SearchProblem& problem, double budget, std::uint64_t seed,
           int threads) {
  Score score;
  score.entrant = entrant.name;
  score.budget = budget;
  score.seed = seed;
  score.threads = threads;
  SearchOptions options;
  options.parameters = entrant.parameters;
  options.threads = threads;
  const auto start = std::chrono::steady_clock::now();
  do {
    options.seed = seed_of(seed, score.runs);
    if (budget > 0) options.budget_seconds = budget - seconds_since(start);
    Progress progress;
    const auto found = entrant.strategy->run(problem, options, progress, nullptr);
    if (!found) {
      score.stopped_by = "refused";
      return score;
    }
    if (score.runs == 0) {
      score.first_retained = found->retained_saliency;
      score.first_seconds = found->seconds;
    }
    ++score.runs;
    score.steps += found->steps;
    score.retained = std::max(score.retained, found->retained_saliency);
    score.stopped_by = name_of(found->stopped_by);
  } while (entrant.strategy->info().uses_seed && seconds_since(start) < budget - kLeastLeft);
  score.seconds = seconds_since(start);
  return score;
}

}  // namespace gyro::benchmark

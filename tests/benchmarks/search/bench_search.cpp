// Strategies × layers × budgets × seeds: retained saliency against time, as one CSV.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/sparsity/metrics.hpp"
#include "tests/benchmarks/search/race.hpp"
#include "tests/benchmarks/search/scores.hpp"
#include "tests/benchmarks/search/suite.hpp"

using namespace gyro;
using namespace gyro::benchmark;

namespace {

constexpr const char* kReference = "gyroscope";

struct Plan {
  std::string subset = "six";
  std::vector<std::string> strategies{"identity", "random",  "magnitude",   "ovw",
                                      "hinm-v1",  "hinm-v2", "apex-stripe", "apex-swap",
                                      "ria",      "tetris",  "gyro",        "gyroscope"};
  std::vector<double> budgets{1};
  std::vector<std::uint64_t> seeds{1};
  int threads = 2;
  std::string data;
  std::string external;
  std::string output = "search.csv";
  std::string shard = "0/1";
  std::vector<std::string> merge;
  bool readme = false;
  bool markdown = false;
  bool summary_only = false;
  bool list = false;
};

int complain(const Error& error) {
  fmt::print(stderr, "{}\n", error.text());
  return 1;
}

/// Every case, budget, seed and entrant in turn; shard i of n does every n-th.
class Runner {
 public:
  Runner(const Plan& plan, std::vector<Entrant> entrants, std::vector<Score> known)
      : plan_(plan), entrants_(std::move(entrants)), scores_(std::move(known)) {
    const auto slash = plan.shard.find('/');
    part_ = std::strtoull(plan.shard.c_str(), nullptr, 10);
    parts_ = slash == std::string::npos ? 1 : std::strtoull(&plan.shard[slash + 1], nullptr, 10);
    parts_ = std::max<std::uint64_t>(parts_, 1);
  }

  Status run() {
    for (const double budget : plan_.budgets) {
      for (const auto seed : plan_.seeds) {
        for (const auto& item : cases()) {
          if (belongs(item, plan_.subset)) GYRO_CHECK(run_case(item, budget, seed));
        }
      }
    }
    return {};
  }

  [[nodiscard]] const std::vector<Score>& scores() const { return scores_; }

 private:
  Status run_case(const Case& item, double budget, std::uint64_t seed) {
    Matrix saliency;
    for (const auto& entrant : entrants_) {
      const bool seedless = entrant.strategy != nullptr && !entrant.strategy->info().uses_seed;
      if (seedless && seed != plan_.seeds.front()) continue;
      Score key;
      key.case_name = item.name;
      key.entrant = entrant.name;
      key.budget = budget;
      key.seed = seed;
      key.threads = plan_.threads;
      if (turn_++ % parts_ != part_ || has_line(scores_, key)) continue;
      if (saliency.size() == 0) {
        GYRO_TRY(saliency, load_saliency(item, plan_.data));
      }
      GYRO_CHECK(run_one(item, saliency, entrant, key));
    }
    return {};
  }

  Status run_one(const Case& item, const Matrix& saliency, const Entrant& entrant,
                 const Score& key) {
    GYRO_TRY(const HinmShape shape,
             make_shape(static_cast<int>(saliency.rows()), static_cast<int>(saliency.cols()),
                        item.vector_size, item.nm, item.sparsity));
    const SearchProblem problem{view_of(saliency), shape};
    Score score;
    if (entrant.strategy == nullptr) {
      GYRO_TRY(score, run_external(plan_.external, problem, key.budget, key.seed, key.threads));
    } else {
      score = race(entrant, problem, key.budget, key.seed, key.threads);
    }
    score.case_name = item.name;
    score.identity =
        retained_saliency(problem.saliency, shape, identity_permutation(problem.saliency, shape));
    scores_.push_back(score);
    const bool fresh = !std::filesystem::exists(plan_.output);
    std::ofstream file(plan_.output, std::ios::app);
    file << (fresh ? csv_header() : "") << csv_line(score) << std::flush;
    if (!file) return fail(ErrorCode::WriteFailed, "cannot be written", plan_.output);
    return {};
  }

  const Plan& plan_;
  std::vector<Entrant> entrants_;
  std::vector<Score> scores_;
  std::uint64_t part_ = 0;
  std::uint64_t parts_ = 1;
  std::uint64_t turn_ = 0;
};

void add_options(CLI::App& app, Plan& plan) {
  app.add_option("--cases", plan.subset,
                 "suite, six, sizes, patterns, sample, null, large, all or names, comma-separated");
  app.add_option("--strategies", plan.strategies, "NAME[:KEY=VALUE[:…]], comma-separated")
      ->delimiter(',');
  app.add_option("--budgets", plan.budgets, "seconds of each search; 0: until it ends")
      ->delimiter(',');
  app.add_option("--seeds", plan.seeds)->delimiter(',');
  app.add_option("--threads", plan.threads, "of each search; 0: all");
  app.add_option("--data", plan.data,
                 "safetensors file of the real layers; else minilm-two-layers.safetensors in the "
                 "folder $GYRO_TEST_DATA");
  app.add_option("--external", plan.external, "a peer's command, timed beside: see race.hpp");
  app.add_option("-o,--output", plan.output, "CSV; lines that are there already are not run again");
  app.add_option("--shard", plan.shard, "I/N: every N-th search only, beginning with I");
  app.add_option("--merge", plan.merge, "other CSVs to take into the tables")->delimiter(',');
  app.add_flag("--readme", plan.readme, "print the rows of README's table");
  app.add_flag("--markdown", plan.markdown, "print the suite as a table of a help page");
  app.add_flag("--summary", plan.summary_only, "only read and print, search nothing");
  app.add_flag("--list", plan.list, "print the cases");
}

Result<std::vector<Entrant>> entrants_of(const Plan& plan) {
  std::vector<Entrant> out;
  for (const auto& name : plan.strategies) {
    GYRO_TRY(Entrant entrant, parse_entrant(name));
    out.push_back(std::move(entrant));
  }
  if (!plan.external.empty()) out.push_back({"external", nullptr, {}});
  return out;
}

int run(Plan& plan) {
  if (plan.list) {
    for (const auto& item : cases())
      fmt::print("{:<9}{:<30}{}\n", item.group, item.name, item.layer);
    return 0;
  }
  const char* folder = std::getenv("GYRO_TEST_DATA");
  if (plan.data.empty() && folder != nullptr) {
    plan.data = (std::filesystem::path(folder) / "minilm-two-layers.safetensors").string();
  }
  auto known = read_scores(plan.output);
  if (!known) return complain(known.error());
  for (const auto& path : plan.merge) {
    const auto more = read_scores(path);
    if (!more) return complain(more.error());
    known->insert(known->end(), more->begin(), more->end());
  }
  auto entrants = entrants_of(plan);
  if (!entrants) return complain(entrants.error());
  Runner runner(plan, *std::move(entrants), *std::move(known));
  if (!plan.summary_only) {
    if (const auto ran = runner.run(); !ran) return complain(ran.error());
  }
  const auto& scores = runner.scores();
  fmt::print("{}", plan.readme     ? readme_rows(scores)
                   : plan.markdown ? suite_rows(scores, kReference)
                                   : summary(scores, kReference));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times search strategies on a fixed suite of layers");
  Plan plan;
  add_options(app, plan);
  CLI11_PARSE(app, argc, argv);
  return run(plan);
}

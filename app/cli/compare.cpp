#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "app/cli/command.hpp"
#include "app/cli/comparison.hpp"
#include "app/cli/console.hpp"
#include "app/cli/options.hpp"
#include "app/cli/report.hpp"
#include "app/cli/work.hpp"
#include "core/model/references.hpp"

namespace gyro::cli {
namespace {

struct Options {
  ProblemOptions problem;
  std::vector<std::string> layers;
  bool all = false;
  std::vector<std::string> strategies;
  std::vector<std::uint64_t> seeds = {1};
  bool csv = false;
  bool references = false;  ///< masks of other structures too
};

/// A strategy to run, with those of the given parameters that it declares.
struct Contender {
  const Strategy* strategy;
  std::map<std::string, std::string> parameters;
  LayerCheck check;
};

bool declares(const Strategy& strategy, const std::string& name) {
  const auto& known = strategy.info().parameters;
  return std::any_of(known.begin(), known.end(), [&](const auto& p) { return p.name == name; });
}

/// "gyro.patience" is for gyro alone, "patience" for every strategy that has it.
std::string own_name(const Strategy& strategy, const std::string& name) {
  const std::string prefix = strategy.info().name + ".";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

Result<std::vector<Contender>> contenders_of(const Options& options) {
  std::vector<Contender> out;
  for (const auto& name : options.strategies) {
    GYRO_TRY(const Strategy* const strategy, find_strategy(name));
    out.push_back({strategy, {}, {}});
  }
  GYRO_TRY(const auto parameters, split_parameters(options.problem.parameters));
  for (const auto& [name, value] : parameters) {
    bool used = false;
    for (auto& contender : out) {
      const std::string own = own_name(*contender.strategy, name);
      if (!declares(*contender.strategy, own)) continue;
      contender.parameters[own] = value;
      used = true;
    }
    if (!used) {
      return fail(ErrorCode::NotFound,
                  fmt::format("none of the strategies has a parameter '{}'", name), "--param",
                  "See gyro strategies.");
    }
  }
  for (auto& contender : out) {
    const auto& info = contender.strategy->info();
    auto parsed = Parameters::parse(info.parameters, contender.parameters);
    if (!parsed) return fail(parsed.error().at("--param " + info.name));
    contender.check = check_by(*contender.strategy, *std::move(parsed));
  }
  return out;
}

/// One `gyro compare`: layer after layer, every strategy with every seed.
class Compare {
 public:
  Compare(const Options& options, ProblemSettings settings, std::vector<Contender> contenders)
      : options_(options),
        settings_(std::move(settings)),
        contenders_(std::move(contenders)),
        device_(options.problem.device),
        work_(options.problem.quiet) {}

  int run() {
    if (auto ready = prepare(); !ready) return work_.end(ready.error());
    for (const auto& info : selection_.layers) {
      if (interrupted()) break;
      take(info);
    }
    work_.view.finish();
    const int printed = report();
    if (interrupted()) return kInterrupted;
    if (printed != kDone) return printed;
    return layers_.empty() ? kFailed : exit_code_;
  }

 private:
  Status prepare();
  void take(const TensorInfo& info);
  Status compare_on(const TensorInfo& info);
  Result<Runs> run_all(const std::shared_ptr<const Problem>& problem, const Contender& contender);
  int report();

  const Options& options_;
  ProblemSettings settings_;
  std::vector<Contender> contenders_;
  Device device_;
  Work work_;
  std::unique_ptr<TensorFile> file_;
  Selection selection_;
  std::vector<LayerComparison> layers_;
  int exit_code_ = kDone;
};

Status Compare::prepare() {
  const std::string& path = options_.problem.file;
  GYRO_TRY(file_, TensorFile::open(path, &work_.progress));
  const auto every = [this](const HinmShape& shape) -> Status {
    for (const auto& contender : contenders_) GYRO_CHECK(contender.check(shape));
    return {};
  };
  auto selected = select_layers(*file_, options_.layers, options_.all, settings_, every);
  if (!selected) return fail(selected.error().at(path));
  selection_ = *std::move(selected);
  return device_.check(work_.progress);
}

void Compare::take(const TensorInfo& info) {
  auto compared = compare_on(info);
  if (compared) return;
  const int code = skip_layer(work_, selection_, options_.problem.file, info.name,
                              std::move(compared.error()), options_.all);
  if (code != kDone) exit_code_ = code;
}

Status Compare::compare_on(const TensorInfo& info) {
  GYRO_TRY(auto problem,
           load_problem(*file_, options_.problem.file, info.name, settings_,
                        options_.problem.nonfinite_rule(), options_.problem.threads, work_));
  LayerComparison& layer = layers_.emplace_back(facts_of(*problem));
  for (const auto& contender : contenders_) {
    if (interrupted()) break;
    GYRO_TRY(Runs runs, run_all(problem, contender));
    layer.strategies.push_back(std::move(runs));
  }
  if (!options_.references || interrupted()) return {};
  work_.view.set_title(fmt::format("{}: reference masks", info.name));
  GYRO_TRY(const auto masks, judge_references(problem, work_.progress, options_.problem.threads));
  for (const auto& mask : masks) {
    RunFigures figures = run_of(mask);
    figures.stopped_by = "reference";
    layer.references.push_back({mask.request.strategy, {std::move(figures)}});
  }
  return {};
}

Result<Runs> Compare::run_all(const std::shared_ptr<const Problem>& problem,
                              const Contender& contender) {
  const StrategyInfo& info = contender.strategy->info();
  RunRequest request = options_.problem.request();
  request.strategy = info.name;
  request.parameters = contender.parameters;
  Runs out{info.name, {}};
  for (const auto seed : options_.seeds) {
    if (interrupted() && !out.runs.empty()) break;
    request.seed = seed;
    work_.view.set_title(fmt::format("{}: {}, seed {}", problem->layer.info.name, info.name, seed));
    GYRO_TRY(const RunResult result, device_.run(problem, request, work_.progress));
    out.runs.push_back(run_of(result));
    if (!info.uses_seed) break;
  }
  return out;
}

int Compare::report() {
  if (options_.csv) {
    for (const auto& error : selection_.skipped) work_.view.note("skipped " + error.text());
    return print(comparison_csv(layers_));
  }
  if (!options_.problem.json) {
    return print(comparison_text(layers_) + skipped_text(selection_.skipped));
  }
  Json object = {{"layers", comparison_json(layers_)}};
  if (options_.all || !selection_.skipped.empty()) {
    object["skipped"] = skipped_json(selection_.skipped);
  }
  return print_json(object);
}

int compare(const Options& options) {
  const auto chosen = check_layer_options(options.layers, "--all-layers", options.all);
  if (!chosen) return usage_error(chosen.error());
  const auto settings = options.problem.settings();
  if (!settings) return usage_error(settings.error());
  auto contenders = contenders_of(options);
  if (!contenders) return usage_error(contenders.error());
  return Compare(options, *settings, *std::move(contenders)).run();
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command = app.add_subcommand("compare", "Run several strategies on the same layers");
  add_problem_options(*command, options->problem);
  add_layer_options(*command, options->layers, "--all-layers", options->all);
  command
      ->add_option("--strategies", options->strategies,
                   "Strategies separated by commas (gyro strategies)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  command->add_option("--seeds,--seed", options->seeds, "Seeds separated by commas: mean ± sd")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(seed_number())
      ->capture_default_str();
  command->add_flag("--references", options->references,
                    "Also masks of other structures at equal sparsity: unstructured, vectors "
                    "only, N:M only, V:N:M");
  command->add_flag("--csv", options->csv, "Comma-separated values on standard output")
      ->excludes("--json");
  command->footer(
      "Examples:\n"
      "  gyro compare model.h5 --layer fc1/weight --strategies identity,ovw,gyro --budget 5s\n"
      "  gyro compare model.h5 --all-layers --strategies gyro --seeds 1,2,3 --csv\n"
      "  gyro compare model.h5 --layer fc1/weight --strategies gyro --references --json\n");
  command->callback([options, &action] { action = [options] { return compare(*options); }; });
}

}  // namespace gyro::cli

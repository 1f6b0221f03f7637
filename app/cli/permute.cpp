#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <utility>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/numbers.hpp"
#include "app/cli/options.hpp"
#include "app/cli/report.hpp"
#include "app/cli/work.hpp"
#include "core/io/output_check.hpp"
#include "core/io/permutation_file.hpp"
#include "core/io/trace_file.hpp"
#include "core/model/run.hpp"

namespace gyro::cli {
namespace {

struct Options {
  ProblemOptions problem;
  std::vector<std::string> layers;
  bool all = false;
  std::string strategy = "gyroscope";
  std::uint64_t seed = 1;
  std::string start;
  std::string output;
  bool with_weight = false;
  bool with_packed = false;
  std::string trace;

  [[nodiscard]] RunRequest request(const std::map<std::string, std::string>& parameters) const {
    RunRequest out = problem.request();
    out.strategy = strategy;
    out.parameters = parameters;
    out.seed = seed;
    out.start_file = start;
    return out;
  }
};

/// One `gyro permute`: layer after layer is read, searched and let go.
class Permute {
 public:
  Permute(const Options& options, RunRequest request, ProblemSettings settings, LayerCheck check)
      : options_(options),
        request_(std::move(request)),
        settings_(std::move(settings)),
        check_(std::move(check)),
        device_(options.problem.device),
        work_(options.problem.quiet) {}

  int run() {
    auto prepared = prepare();
    if (!prepared) return work_.end(prepared.error());
    for (std::size_t i = 0; i < selection_.layers.size(); ++i) take(i);
    auto written = write();
    work_.view.finish();
    if (!written) failed(written.error());
    const int printed = report();
    if (!written || printed != kDone) return kFailed;
    if (interrupted()) return kInterrupted;
    return results_.empty() ? kFailed : exit_code_;
  }

 private:
  Status prepare();
  void take(std::size_t index);
  Status search(const TensorInfo& info);
  Status write();
  int report();

  const Options& options_;
  RunRequest request_;
  ProblemSettings settings_;
  LayerCheck check_;
  Device device_;
  Work work_;
  std::unique_ptr<TensorFile> file_;
  Selection selection_;
  std::string sha256_;
  std::vector<Json> results_;
  LayerTable table_;
  std::vector<LayerRecord> records_;
  std::shared_ptr<const Trace> trace_;
  int exit_code_ = kDone;
};

/// Everything that can be refused without reading weights is refused here.
Status Permute::prepare() {
  const std::string& path = options_.problem.file;
  GYRO_TRY(file_, TensorFile::open(path, &work_.progress));
  if (!options_.output.empty()) GYRO_CHECK(check_permutation_output(options_.output, {path}));
  if (!options_.trace.empty()) {
    GYRO_CHECK(check_trace_output(options_.trace, {path, options_.output}));
  }
  auto selected = select_layers(*file_, options_.layers, options_.all, settings_, check_);
  if (!selected) return fail(selected.error().at(path));
  selection_ = *std::move(selected);
  GYRO_CHECK(device_.check(work_.progress));
  if (options_.output.empty()) return {};
  if (selection_.layers.empty()) {
    const auto& skipped = selection_.skipped;
    if (skipped.empty()) {
      return fail(ErrorCode::NotFound, "no tensor of this file can be permuted", path,
                  "See gyro inspect.");
    }
    return fail(ErrorCode::NotFound,
                fmt::format("no tensor of this file can be permuted so; {}: {}",
                            skipped.front().where, skipped.front().what),
                path, skipped.front().advice);
  }
  GYRO_TRY(sha256_, sha256_of_file(path, &work_.progress));
  return {};
}

void Permute::take(std::size_t index) {
  const TensorInfo& info = selection_.layers[index];
  if (interrupted()) {
    selection_.skipped.push_back(
        {ErrorCode::Cancelled, "interrupted before it was searched", info.name, {}});
    return;
  }
  work_.view.set_title(fmt::format("[{}/{}] {}", index + 1, selection_.layers.size(), info.name));
  auto searched = search(info);
  if (searched) return;
  const int code = skip_layer(work_, selection_, options_.problem.file, info.name,
                              std::move(searched.error()), options_.all);
  if (code != kDone) exit_code_ = code;
}

Status Permute::search(const TensorInfo& info) {
  GYRO_TRY(auto problem,
           load_problem(*file_, options_.problem.file, info.name, settings_,
                        options_.problem.nonfinite_rule(), options_.problem.threads, work_));
  GYRO_TRY(const RunResult result,
           device_.run(std::move(problem), request_, work_.progress, !options_.trace.empty()));
  if (!result.device_note.empty()) work_.view.note(result.device_note);
  results_.push_back(layer_json(result));
  table_.add(result);
  if (!options_.output.empty()) {
    records_.push_back(record_of(result, sha256_, options_.with_weight));
    if (options_.with_packed) GYRO_CHECK(add_packed(result, records_.back()));
  }
  trace_ = result.trace;
  return {};
}

Status Permute::write() {
  if (trace_) GYRO_CHECK(write_trace(options_.trace, *trace_));
  if (records_.empty()) {
    if (options_.output.empty() || interrupted()) return {};
    return fail(ErrorCode::NotFound, "nothing was written, no layer could be permuted",
                options_.output, "The reasons stand beside the layers' names.");
  }
  work_.view.set_title("writing " + options_.output);
  GYRO_CHECK(write_permutations(options_.output, records_));
  work_.view.note(fmt::format("{}: {} {} written, read back and found equal", options_.output,
                              records_.size(), records_.size() == 1 ? "layer" : "layers"));
  return {};
}

int Permute::report() {
  if (!options_.problem.json) {
    return print((table_.empty() ? "" : table_.text()) + skipped_text(selection_.skipped));
  }
  Json object = {{"layers", results_}};
  if (options_.all || !selection_.skipped.empty()) {
    object["skipped"] = skipped_json(selection_.skipped);
  }
  return print_json(object);
}

/// What the strategy with its parameters refuses.
Result<LayerCheck> check_of(const Options& options,
                            const std::map<std::string, std::string>& given) {
  GYRO_TRY(const Strategy* const strategy, find_strategy(options.strategy));
  auto parameters = Parameters::parse(strategy->info().parameters, given);
  if (!parameters) return fail(parameters.error().at("--param"));
  if (strategy->info().keeps_start && parameters->get<std::string>("path").empty()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} needs a permutation", options.strategy),
                "--strategy", "Name a file that holds one, with --param path=FILE.");
  }
  if (!options.start.empty() && !strategy->info().takes_start) {
    return fail(
        ErrorCode::Unsupported,
        fmt::format("{} makes its order anew and cannot go on from a given one", options.strategy),
        "--start", "Use gyro or gyroscope.");
  }
  return check_by(*strategy, *std::move(parameters));
}

int permute(const Options& options) {
  const auto chosen = check_layer_options(options.layers, "--all", options.all);
  if (!chosen) return usage_error(chosen.error());
  const auto settings = options.problem.settings();
  if (!settings) return usage_error(settings.error());
  if (options.with_packed && !(settings->nm == NmPattern{2, 4})) {
    return usage_error({ErrorCode::Unsupported, "only 2:4 layers are written in packed form",
                        "--with-packed", "Use --nm 2:4, or --with-weight."});
  }
  const auto parameters = split_parameters(options.problem.parameters);
  if (!parameters) return usage_error(parameters.error());
  auto check = check_of(options, *parameters);
  if (!check) return usage_error(check.error());
  if (!options.trace.empty() && options.layers.size() != 1) {
    return usage_error({ErrorCode::InvalidArgument, "a trace is of one layer", "--trace",
                        "Name one layer with --layer."});
  }
  return Permute(options, options.request(*parameters), *settings, *std::move(check)).run();
}

}  // namespace

void add_permute(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command =
      app.add_subcommand("permute", "Search permutations of layers, and write them");
  add_problem_options(*command, options->problem);
  add_layer_options(*command, options->layers, "--all", options->all);
  command->add_option("--strategy", options->strategy, "How to search (gyro strategies)")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of the random streams")
      ->check(seed_number())
      ->capture_default_str();
  command->add_option("--start", options->start,
                      "File with the permutation to search on from; the result is never below it");
  auto* const output = command
                           ->add_option("-o,--output", options->output,
                                        "Permutation file to write, .h5 or .safetensors")
                           ->check(not_empty())
                           ->check(accepted_by(permutation_format, "FILE"));
  command->add_flag("--with-weight", options->with_weight, "Write the masked weights too")
      ->needs(output);
  command
      ->add_flag("--with-packed", options->with_packed,
                 "Write the packed layers too: values, 2-bit places (2:4 only)")
      ->needs(output);
  command->add_option("--trace", options->trace, "Write what the search did, step by step")
      ->check(not_empty());
  command->footer(
      "Examples:\n"
      "  gyro permute model.h5 --layer fc1/weight --vector-size 32 --budget 5s -o fc1.h5\n"
      "  gyro permute model.safetensors --all --strategy gyro --param patience=10 --json\n"
      "  gyro permute model.h5 --layer fc1/weight --strategy file --param path=fc1.h5\n"
      "  gyro permute model.h5 --layer fc1/weight --start fc1.h5 --budget 60s -o better.h5\n");
  command->callback([options, &action] { action = [options] { return permute(*options); }; });
}

}  // namespace gyro::cli

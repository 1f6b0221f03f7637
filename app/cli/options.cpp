#include "app/cli/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>

#include "app/cli/numbers.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro::cli {
namespace {

constexpr const char* kProblem = "Problem";
constexpr const char* kSearch = "Search";

Status check_parameter(const std::string& text) {
  const auto equals = text.find('=');
  if (equals != std::string::npos && equals > 0) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not key=value", text), {},
              "For example --param patience=5.");
}

void add_settings(CLI::App& command, ProblemOptions& options) {
  command.add_option("--vector-size,-V", options.vector_size, "Rows of a tile")
      ->check(whole_number(2, 65536))
      ->capture_default_str()
      ->group(kProblem);
  command.add_option("--nm", options.nm, "N:M pattern inside the kept vectors")
      ->check(accepted_by(parse_nm, "N:M"))
      ->capture_default_str()
      ->group(kProblem);
  auto* const total =
      command.add_option("--sparsity", options.sparsity, "Total sparsity, exact [0.75]")
          ->check(accepted_by(parse_fraction, "FRACTION"))
          ->group(kProblem);
  command
      .add_option("--vector-sparsity", options.vector_sparsity,
                  "Sparsity of the vector level alone, instead of --sparsity")
      ->check(accepted_by(parse_fraction, "FRACTION"))
      ->excludes(total)
      ->group(kProblem);
  command.add_option("--saliency", options.saliency, "What a weight is worth")
      ->check(accepted_by(parse_saliency, "NAME"))
      ->capture_default_str()
      ->group(kProblem);
  command
      .add_option("--calibration", options.calibration,
                  "Inputs [tokens × in], their Gram matrix or a diagonal; default: X.input, "
                  "X.hessian … beside X.weight")
      ->check(accepted_by(parse_companion, "FILE[:NAME]"))
      ->group(kProblem);
  command.add_option("--scores", options.scores, "Scores [out × in] for --saliency scores")
      ->check(accepted_by(parse_companion, "FILE[:NAME]"))
      ->group(kProblem);
  command.add_option("--ria-exponent", options.ria_exponent, "Exponent a of --saliency ria [0.5]")
      ->check(real_number(0, 4))
      ->group(kProblem);
  command
      .add_option("--nonfinite", options.nonfinite,
                  "NaN and infinite weights: refuse them, or read them as zero")
      ->check(CLI::IsMember({"refuse", "zero"}))
      ->capture_default_str()
      ->group(kProblem);
}

void add_search(CLI::App& command, ProblemOptions& options) {
  command.add_option("--param", options.parameters, "A parameter of the strategy, repeatable")
      ->allow_extra_args(false)
      ->check(accepted_by(check_parameter, "KEY=VALUE"))
      ->group(kSearch);
  command.add_option("--budget", options.budget, "Wall time of one layer's search: 5s, 500ms, 2m")
      ->check(accepted_by(parse_duration, "TIME"))
      ->group(kSearch);
  command.add_option("--steps", options.steps, "Most moves that a search proposes")
      ->check(whole_number(std::int64_t{1}, std::numeric_limits<std::int64_t>::max())
                  .description("≥ 1"))
      ->group(kSearch);
  add_threads_option(command, options.threads);
  add_device_options(command, options.device);
}

/// What the saliency would pass over is a mistake to be told.
Status check_used(const ProblemOptions& options, SaliencyKind kind) {
  const auto unused = [&](const char* option, const char* saliency) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("--saliency {} does not use it", options.saliency), option,
                fmt::format("Use it with --saliency {}.", saliency));
  };
  if (!options.scores.empty() && kind != SaliencyKind::Scores) return unused("--scores", "scores");
  if (options.ria_exponent && kind != SaliencyKind::Ria) return unused("--ria-exponent", "ria");
  return {};
}

}  // namespace

Result<std::map<std::string, std::string>> split_parameters(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> out;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    if (!out.emplace(key, text.substr(equals + 1)).second) {
      return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is given twice", key), "--param",
                  "Give each parameter one value.");
    }
  }
  return out;
}

Result<ProblemSettings> ProblemOptions::settings() const {
  ProblemSettings out;
  out.vector_size = vector_size;
  GYRO_TRY(out.nm, parse_nm(nm));
  GYRO_TRY(out.saliency.kind, parse_saliency(saliency));
  GYRO_CHECK(check_used(*this, out.saliency.kind));
  if (ria_exponent) out.saliency.ria_exponent = *ria_exponent;
  if (!calibration.empty()) {
    GYRO_TRY(out.saliency.calibration, parse_companion(calibration));
  }
  if (!scores.empty()) {
    GYRO_TRY(out.saliency.scores, parse_companion(scores));
  }
  if (!sparsity.empty()) {
    GYRO_TRY(out.sparsity, parse_fraction(sparsity));
  }
  if (!vector_sparsity.empty()) {
    GYRO_TRY(const Fraction vectors, parse_fraction(vector_sparsity));
    out.sparsity = total_from_vector_sparsity(vectors, out.nm);
  }
  // The smallest layer of this pattern: what fails here fails on every layer.
  auto possible = make_shape(vector_size, out.nm.m, vector_size, out.nm, out.sparsity);
  if (!possible) return fail(possible.error().at("--sparsity"));
  return out;
}

NonFinite ProblemOptions::nonfinite_rule() const {
  return nonfinite == "zero" ? NonFinite::Zero : NonFinite::Refuse;
}

RunRequest ProblemOptions::request() const {
  RunRequest out;
  out.max_steps = steps;
  out.threads = threads;
  if (const auto seconds = parse_duration(budget)) out.budget_seconds = *seconds;
  return out;
}

void add_layer_options(CLI::App& command, std::vector<std::string>& layers,
                       const std::string& all_flag, bool& all) {
  auto* const named = command.add_option("--layer", layers, "Names of layers, repeatable");
  command.add_flag(all_flag, all, "Every 2-D and convolution weight")->excludes(named);
}

Status check_layer_options(const std::vector<std::string>& layers, const std::string& all_flag,
                           bool all) {
  if (all || !layers.empty()) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("--layer or {} is required", all_flag), {},
              "gyro inspect lists the layers of a file.");
}

CLI::Validator seed_number() {
  return whole_number(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max())
      .description("≥ 0");
}

void add_threads_option(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "Threads to use, 0 = all; never changes a result")
      ->check(whole_number(0, 4096))
      ->capture_default_str()
      ->group(kSearch);
}

void add_problem_options(CLI::App& command, ProblemOptions& options) {
  command.add_option("FILE", options.file, "HDF5, safetensors, .index.json, npy or npz")
      ->required()
      ->check(not_empty());
  add_settings(command, options);
  add_search(command, options);
  command.add_flag("--json", options.json, "One JSON object on standard output");
  command.add_flag("--quiet,-q", options.quiet, "No progress on standard error");
}

}  // namespace gyro::cli

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/numbers.hpp"
#include "app/cli/report.hpp"
#include "app/cli/stored_layers.hpp"
#include "app/cli/work.hpp"
#include "core/model/run.hpp"
#include "core/sparsity/output_error.hpp"

namespace gyro::cli {
namespace {

/// What came out for one layer.
struct Verdict {
  std::string tensor;
  std::optional<RunResult> counted;  ///< without its matrices; nothing: the check failed
  std::optional<Error> mismatch;
  bool source_matches = false;
};

/// One `gyro check`: every record is rebuilt from its orders and the weights.
class Check {
 public:
  explicit Check(const StoredOptions& options) : options_(options), work_(options.quiet) {}

  int run() {
    if (auto opened = open(); !opened) return work_.end(opened.error());
    for (const auto& record : stored_->records()) {
      if (interrupted()) return work_.end({ErrorCode::Cancelled, "interrupted", {}, {}});
      work_.view.set_title(fmt::format("[{}/{}] {}", verdicts_.size() + 1,
                                       stored_->records().size(), record.tensor));
      verdicts_.push_back(judge(record));
    }
    if (interrupted()) return work_.end({ErrorCode::Cancelled, "interrupted", {}, {}});
    work_.view.finish();
    report_failures();
    const int printed = options_.json ? print_json(json()) : print(text());
    return printed == kDone && all_agree() ? kDone : kFailed;
  }

 private:
  Status open();
  Verdict judge(const LayerRecord& record);
  Result<RunResult> recount(const LayerRecord& record);
  [[nodiscard]] bool all_agree() const;
  void report_failures() const;
  [[nodiscard]] Json json() const;
  [[nodiscard]] std::string text() const;

  const StoredOptions& options_;
  Work work_;
  std::optional<StoredLayers> stored_;  ///< once open() was done
  std::string sha256_;
  std::vector<Verdict> verdicts_;
};

Status Check::open() {
  GYRO_TRY(stored_, StoredLayers::open(options_, work_.progress));
  GYRO_TRY(sha256_, sha256_of_file(options_.weights, &work_.progress));
  return {};
}

Verdict Check::judge(const LayerRecord& record) {
  Verdict out;
  out.tensor = record.tensor;
  out.source_matches = record.source_sha256 == sha256_;
  auto counted = recount(record);
  if (!counted) {
    out.mismatch = std::move(counted.error());
  } else {
    // The figures stay, the matrices go: the next layer needs the memory.
    auto light = std::make_shared<Problem>(*counted->problem);
    light->layer.weight.reset();
    light->saliency.reset();
    light->calibration.reset();
    counted->problem = std::move(light);
    out.counted = *std::move(counted);
  }
  return out;
}

Result<RunResult> Check::recount(const LayerRecord& record) {
  GYRO_TRY(auto result, stored_->recount(record, options_.threads, work_.progress));
  if (!stored_->has_calibration() || result.output_error) return result;
  GYRO_TRY(OutputError error, compute_output_error(result, options_.threads));
  result.output_error = std::make_shared<const OutputError>(std::move(error));
  return result;
}

std::optional<double> error_of(const Verdict& verdict) {
  return verdict.counted ? output_error_of(*verdict.counted) : std::nullopt;
}

bool Check::all_agree() const {
  for (const auto& verdict : verdicts_) {
    if (verdict.mismatch) return false;
  }
  return true;
}

void Check::report_failures() const {
  for (const auto& verdict : verdicts_) {
    if (!verdict.mismatch) continue;
    failed(verdict.mismatch->at(options_.permutations));
  }
  if (verdicts_.empty() || verdicts_.front().source_matches) return;
  note(
      fmt::format("{}: this is not the file the permutations were found on (its SHA-256 differs); "
                  "the figures decide",
                  options_.weights));
}

Json verdict_json(const Verdict& verdict) {
  Json out;
  if (verdict.counted) {
    out = layer_json(*verdict.counted);
  } else {
    out["name"] = verdict.tensor;
  }
  out["weight_error"] = verdict.counted ? number_or_null(verdict.counted->weight_error) : nullptr;
  out["output_error"] = optional_json(error_of(verdict));
  out["source_matches"] = verdict.source_matches;
  out["ok"] = !verdict.mismatch;
  out["mismatch"] = verdict.mismatch ? Json(verdict.mismatch->text()) : Json(nullptr);
  return out;
}

Json Check::json() const {
  Json layers = Json::array();
  for (const auto& verdict : verdicts_) layers.push_back(verdict_json(verdict));
  return {{"ok", all_agree()}, {"layers", std::move(layers)}};
}

std::vector<std::string> row_of(const Verdict& verdict) {
  const std::string state = verdict.mismatch ? "FAILED" : "ok";
  const auto error = error_of(verdict);
  const std::string output = error ? figure(*error) : "–";
  if (!verdict.counted) return {state, verdict.tensor, "–", "–", "–", "–", "–", output};
  const LossSplit& split = verdict.counted->metrics->layer;
  return {state,
          verdict.tensor,
          figure(verdict.counted->problem->identity_retained),
          figure(split.retained_fraction()),
          figure(split.vectors_fraction()),
          figure(split.nm_fraction()),
          figure(verdict.counted->weight_error),
          output};
}

std::string Check::text() const {
  using enum Table::Align;
  Table table({{"check"},
               {"layer"},
               {"identity", Right},
               {"retained", Right},
               {"lost vectors", Right},
               {"lost N:M", Right},
               {"weight error", Right},
               {"output error", Right}});
  for (const auto& verdict : verdicts_) table.add(row_of(verdict));
  return table.text();
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  auto options = std::make_shared<StoredOptions>();
  auto* const command = app.add_subcommand(
      "check", "Rebuild masks from stored orders and compare every count and figure");
  command->add_option("PERMUTATION_FILE", options->permutations, "What gyro permute -o wrote")
      ->required()
      ->check(not_empty());
  add_stored_options(*command, *options);
  command->footer("Example:\n  gyro check orders.h5 --weights model.safetensors\n");
  command->callback([options, &action] { action = [options] { return Check(*options).run(); }; });
}

}  // namespace gyro::cli

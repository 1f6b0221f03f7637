#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/device.hpp"
#include "app/cli/numbers.hpp"
#include "app/cli/report.hpp"
#include "app/cli/stored_layers.hpp"
#include "app/cli/work.hpp"
#include "core/model/pruning_error.hpp"

namespace gyro::cli {
namespace {

struct Options {
  StoredOptions stored;
  DeviceChoice device;
  bool rows = false;
  bool no_references = false;
};

/// What is printed of one layer; the run itself is let go.
struct LayerError {
  std::string tensor;
  HinmShape shape;
  std::string strategy;
  std::string calibration;  ///< empty: none
  double retained = 0;
  PruningError error;
};

/// The errors of a row, or the layer; the second is empty without calibration data.
using Pair = std::pair<double, std::optional<double>>;

Pair layer_pair(const PruningError& error) {
  return {error.errors.weight.layer(),
          error.has_output() ? std::optional(error.errors.output.layer()) : std::nullopt};
}

Pair row_pair(const PruningError& error, std::size_t row) {
  return {error.errors.weight.row(row),
          error.has_output() ? std::optional(error.errors.output.row(row)) : std::nullopt};
}

/// One `gyro error`: layer after layer is read, computed and let go.
class ErrorCommand {
 public:
  explicit ErrorCommand(const Options& options)
      : options_(options), device_(options.device), work_(options.stored.quiet) {}

  int run() {
    if (auto computed = compute(); !computed) return work_.end(computed.error());
    work_.view.finish();
    return options_.stored.json ? print_json(json()) : print(text());
  }

 private:
  Status compute();
  Result<LayerError> compute_layer(const StoredLayers& stored, const LayerRecord& record);
  [[nodiscard]] Json json() const;
  [[nodiscard]] std::string text() const;

  const Options& options_;
  Device device_;
  Work work_;
  std::vector<LayerError> layers_;
};

Status ErrorCommand::compute() {
  GYRO_CHECK(device_.check(work_.progress));
  GYRO_TRY(const auto stored, StoredLayers::open(options_.stored, work_.progress));
  for (const auto& record : stored.records()) {
    work_.view.set_title(
        fmt::format("[{}/{}] {}", layers_.size() + 1, stored.records().size(), record.tensor));
    auto layer = compute_layer(stored, record);
    if (!layer) return fail(layer.error().at(options_.stored.permutations));
    layers_.push_back(*std::move(layer));
    if (interrupted()) return fail(ErrorCode::Cancelled, "interrupted");
  }
  return {};
}

Result<LayerError> ErrorCommand::compute_layer(const StoredLayers& stored,
                                               const LayerRecord& record) {
  LayerRecord wanted = record;
  wanted.bounds.clear();  // they take seconds to check and say nothing about the error
  GYRO_TRY(const RunResult run, stored.recount(wanted, options_.stored.threads, work_.progress));
  GYRO_TRY(PruningError error, device_.pruning_error(run, options_.stored.threads, work_.progress,
                                                     !options_.no_references));
  if (!error.device_note.empty()) work_.view.note(error.device_note);
  const Problem& problem = *run.problem;
  return LayerError{record.tensor,
                    problem.shape,
                    record.strategy,
                    problem.calibration ? problem.calibration->source : "",
                    run.metrics->layer.retained_fraction(),
                    std::move(error)};
}

Json reference_json(const ReferenceError& reference) {
  return {{"name", reference.name},
          {"weight_error", number_or_null(reference.weight)},
          {"output_error", optional_json(reference.output)}};
}

Json rows_json(const PruningError& error) {
  Json out = Json::array();
  for (std::size_t row = 0; row < error.errors.weight.all.size(); ++row) {
    const auto [weight, output] = row_pair(error, row);
    out.push_back(
        {{"weight_error", number_or_null(weight)}, {"output_error", optional_json(output)}});
  }
  return out;
}

Json layer_json(const LayerError& layer, bool rows) {
  const auto [weight, output] = layer_pair(layer.error);
  Json references = Json::array();
  for (const auto& reference : layer.error.references) {
    references.push_back(reference_json(reference));
  }
  Json out = {{"name", layer.tensor},
              {"rows", layer.shape.rows},
              {"cols", layer.shape.cols},
              {"vector_size", layer.shape.vector_size},
              {"nm", layer.shape.nm.text()},
              {"sparsity", layer.shape.sparsity().value()},
              {"strategy", layer.strategy},
              {"calibration", layer.calibration.empty() ? Json(nullptr) : Json(layer.calibration)},
              {"retained_saliency", number_or_null(layer.retained)},
              {"weight_error", number_or_null(weight)},
              {"output_error", optional_json(output)},
              {"references", std::move(references)},
              {"device", layer.error.device},
              {"device_note", layer.error.device_note},
              {"seconds", number_or_null(layer.error.seconds)}};
  if (rows) out["row_errors"] = rows_json(layer.error);
  return out;
}

Json ErrorCommand::json() const {
  Json layers = Json::array();
  for (const auto& layer : layers_) layers.push_back(layer_json(layer, options_.rows));
  return {{"layers", std::move(layers)}};
}

std::string output_text(const std::optional<double>& error) {
  return error ? figure(*error) : "–";
}

std::string layer_text(const LayerError& layer) {
  using enum Table::Align;
  Table table({{"mask"}, {"weight error", Right}, {"output error", Right}});
  const auto [weight, output] = layer_pair(layer.error);
  table.add({layer.strategy, figure(weight), output_text(output)});
  for (const auto& reference : layer.error.references) {
    table.add({reference.title, figure(reference.weight), output_text(reference.output)});
  }
  return fmt::format("{}: {}, V = {}, {}, sparsity {}, {}, {:.3f} s on {}\n",
                     printable(layer.tensor), size_text(layer.shape.rows, layer.shape.cols),
                     layer.shape.vector_size, layer.shape.nm.text(), layer.shape.sparsity().text(),
                     layer.calibration.empty() ? "no calibration inputs"
                                               : "inputs " + printable(layer.calibration),
                     layer.error.seconds, layer.error.device) +
         table.text();
}

std::string rows_text(const PruningError& error) {
  using enum Table::Align;
  Table table({{"row", Right}, {"weight error", Right}, {"output error", Right}});
  for (std::size_t row = 0; row < error.errors.weight.all.size(); ++row) {
    const auto [weight, output] = row_pair(error, row);
    table.add({fmt::format("{}", row), figure(weight), output_text(output)});
  }
  return table.text();
}

std::string ErrorCommand::text() const {
  std::string out;
  for (const auto& layer : layers_) {
    out += (out.empty() ? "" : "\n") + layer_text(layer);
    if (options_.rows) out += "\n" + rows_text(layer.error);
  }
  return out;
}

}  // namespace

void add_error(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command = app.add_subcommand(
      "error", "Compute what stored permutations cost: weight error and output error");
  command->add_option("--permutation", options->stored.permutations, "What gyro permute -o wrote")
      ->required()
      ->check(not_empty());
  add_stored_options(*command, options->stored);
  command->add_flag("--rows", options->rows, "Also the errors of every output row");
  command->add_flag("--no-references", options->no_references,
                    "Not the masks of other structures beside it");
  add_device_options(*command, options->device);
  command->footer(
      "Errors are relative: ‖W − M⊙W‖/‖W‖ and ‖WX − (M⊙W)X‖/‖WX‖, Frobenius norms.\n"
      "Example:\n"
      "  gyro error --permutation orders.h5 --weights model.safetensors --calibration "
      "inputs.npy\n");
  command->callback(
      [options, &action] { action = [options] { return ErrorCommand(*options).run(); }; });
}

}  // namespace gyro::cli

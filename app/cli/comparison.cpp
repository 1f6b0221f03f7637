#include "app/cli/comparison.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "app/cli/report.hpp"

namespace gyro::cli {
namespace {

/// Mean and spread of one strategy's runs.
struct Summary {
  double retained = 0;
  std::optional<double> deviation;
  double lost_with_vectors = 0;
  double lost_by_nm = 0;
  double weight_error = 0;
  std::optional<double> output_error;
  std::optional<double> gap_given_order;
  std::optional<double> gap_overall;
  double steps = 0;
  double seconds = 0;
};

/// The mean of what every run has; nothing if one has not.
template <class Figure>
std::optional<double> mean_of(const std::vector<RunFigures>& runs, const Figure& figure) {
  double sum = 0;
  for (const auto& run : runs) {
    const std::optional<double> value = figure(run);
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum / static_cast<double>(runs.size());
}

Summary summary_of(const std::vector<RunFigures>& runs) {
  Summary out;
  const auto count = static_cast<double>(runs.size());
  for (const auto& run : runs) {
    out.retained += run.split.retained_fraction() / count;
    out.lost_with_vectors += run.split.vectors_fraction() / count;
    out.lost_by_nm += run.split.nm_fraction() / count;
    out.weight_error += run.weight_error / count;
    out.steps += static_cast<double>(run.steps) / count;
    out.seconds += run.seconds / count;
  }
  out.output_error = mean_of(runs, [](const auto& run) { return run.output_error; });
  out.gap_given_order = mean_of(runs, [](const auto& run) {
    return run.bounds
               ? std::optional(Bounds::gap(run.split.retained_fraction(), run.bounds->given_order))
               : std::nullopt;
  });
  out.gap_overall = mean_of(runs, [](const auto& run) {
    return run.bounds
               ? std::optional(Bounds::gap(run.split.retained_fraction(), run.bounds->overall))
               : std::nullopt;
  });
  if (runs.size() == 1) {
    // Not through the division: exactly what permute and check print.
    out.retained = runs.front().split.retained_fraction();
    return out;
  }
  double squares = 0;
  for (const auto& run : runs) {
    squares += std::pow(run.split.retained_fraction() - out.retained, 2);
  }
  out.deviation = std::sqrt(squares / (count - 1));
  return out;
}

std::string optional_text(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f} %", 100 * *value) : "–";
}

Json run_json(const RunFigures& run) {
  return {
      {"seed", run.seed},
      {"retained_saliency", number_or_null(run.split.retained_fraction())},
      {"lost_with_vectors", number_or_null(run.split.vectors_fraction())},
      {"lost_by_nm", number_or_null(run.split.nm_fraction())},
      {"weight_error", number_or_null(run.weight_error)},
      {"output_error", optional_json(run.output_error)},
      {"bound_given_order", run.bounds ? number_or_null(run.bounds->given_order) : Json(nullptr)},
      {"bound_overall", run.bounds ? number_or_null(run.bounds->overall) : Json(nullptr)},
      {"steps", run.steps},
      {"seconds", number_or_null(run.seconds)},
      {"stopped_by", run.stopped_by},
      {"device", run.device}};
}

/// A mask that no search found: no seed, steps, time or gaps.
Json reference_json(const LayerComparison& layer, const Runs& runs) {
  const RunFigures& mask = runs.runs.front();
  return {
      {"reference", runs.strategy},
      {"retained_saliency", number_or_null(mask.split.retained_fraction())},
      {"over_identity", number_or_null(mask.split.retained_fraction() - layer.identity_retained)},
      {"lost_with_vectors", number_or_null(mask.split.vectors_fraction())},
      {"lost_by_nm", number_or_null(mask.split.nm_fraction())},
      {"weight_error", number_or_null(mask.weight_error)},
      {"output_error", optional_json(mask.output_error)}};
}

Json strategy_json(const LayerComparison& layer, const Runs& runs) {
  const Summary mean = summary_of(runs.runs);
  Json each = Json::array();
  for (const auto& run : runs.runs) each.push_back(run_json(run));
  return {{"strategy", runs.strategy},
          {"retained_saliency", number_or_null(mean.retained)},
          {"retained_saliency_sd", mean.deviation ? number_or_null(*mean.deviation) : nullptr},
          {"over_identity", number_or_null(mean.retained - layer.identity_retained)},
          {"lost_with_vectors", number_or_null(mean.lost_with_vectors)},
          {"lost_by_nm", number_or_null(mean.lost_by_nm)},
          {"gap_given_order", optional_json(mean.gap_given_order)},
          {"gap_overall", optional_json(mean.gap_overall)},
          {"weight_error", number_or_null(mean.weight_error)},
          {"output_error", optional_json(mean.output_error)},
          {"seconds", number_or_null(mean.seconds)},
          {"runs", std::move(each)}};
}

/// What all runs have, or `several`.
std::string common(const Runs& runs, std::string RunFigures::*figure, const char* several) {
  for (const auto& run : runs.runs) {
    if (run.*figure != runs.runs.front().*figure) return several;
  }
  return runs.runs.front().*figure;
}

std::string stopped_by(const Runs& runs) {
  return common(runs, &RunFigures::stopped_by, "several reasons");
}

std::string device(const Runs& runs) {
  return common(runs, &RunFigures::device, "several");
}

std::string with_deviation(const Summary& mean) {
  return mean.deviation ? figure(mean.retained) + " ± " + figure(*mean.deviation)
                        : figure(mean.retained);
}

/// Strategies, then references.
std::vector<Runs> rows_of(const LayerComparison& layer) {
  std::vector<Runs> out = layer.strategies;
  out.insert(out.end(), layer.references.begin(), layer.references.end());
  return out;
}

std::string layer_text(const LayerComparison& layer) {
  using enum Table::Align;
  Table table({{"strategy"},
               {"retained", Right},
               {"over identity", Right},
               {"lost vectors", Right},
               {"lost N:M", Right},
               {"gap given order", Right},
               {"gap overall", Right},
               {"output error", Right},
               {"steps", Right},
               {"seconds", Right},
               {"stopped by"},
               {"device"}});
  for (const auto& runs : rows_of(layer)) {
    const Summary mean = summary_of(runs.runs);
    table.add({runs.strategy, with_deviation(mean),
               fmt::format("{:+.6f}", mean.retained - layer.identity_retained),
               figure(mean.lost_with_vectors), figure(mean.lost_by_nm),
               percent(mean.gap_given_order), percent(mean.gap_overall),
               mean.output_error ? figure(*mean.output_error) : "–",
               fmt::format("{:.0f}", mean.steps), fmt::format("{:.2f}", mean.seconds),
               stopped_by(runs), device(runs)});
  }
  return fmt::format("{}: {}, V = {}, {}, kept {}, sparsity {}, identity {}, row bound {}\n",
                     printable(layer.name), size_text(layer.shape.rows, layer.shape.cols),
                     layer.shape.vector_size, layer.shape.nm.text(), layer.shape.kept,
                     layer.shape.sparsity().text(), figure(layer.identity_retained),
                     figure(layer.row_bound)) +
         table.text();
}

}  // namespace

RunFigures run_of(const RunResult& result) {
  return {result.request.seed,   result.metrics->layer,
          result.weight_error,   output_error_of(result),
          result.bounds,         result.search.steps,
          result.search.seconds, std::string(name_of(result.search.stopped_by)),
          result.device};
}

LayerComparison facts_of(const Problem& problem) {
  return {problem.layer.info.name,
          problem.shape,
          problem.settings.sparsity,
          std::string(name_of(problem.settings.saliency.kind)),
          problem.identity_retained,
          problem.row_bound,
          problem.unstructured_bound,
          {},
          {}};
}

Json comparison_json(const std::vector<LayerComparison>& layers) {
  Json out = Json::array();
  for (const auto& layer : layers) {
    Json strategies = Json::array();
    for (const auto& runs : layer.strategies) strategies.push_back(strategy_json(layer, runs));
    Json entry = {{"name", layer.name},
                  {"rows", layer.shape.rows},
                  {"cols", layer.shape.cols},
                  {"vector_size", layer.shape.vector_size},
                  {"nm", layer.shape.nm.text()},
                  {"kept", layer.shape.kept},
                  {"sparsity", layer.shape.sparsity().value()},
                  {"requested_sparsity", layer.requested_sparsity.value()},
                  {"saliency", layer.saliency},
                  {"identity_retained_saliency", number_or_null(layer.identity_retained)},
                  {"row_bound", number_or_null(layer.row_bound)},
                  {"unstructured_bound", number_or_null(layer.unstructured_bound)},
                  {"strategies", std::move(strategies)}};
    if (!layer.references.empty()) {
      Json references = Json::array();
      for (const auto& runs : layer.references) references.push_back(reference_json(layer, runs));
      entry["references"] = std::move(references);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::string comparison_csv(const std::vector<LayerComparison>& layers) {
  Table table({{"layer"},
               {"strategy"},
               {"runs"},
               {"retained_saliency"},
               {"retained_saliency_sd"},
               {"identity_retained_saliency"},
               {"lost_with_vectors"},
               {"lost_by_nm"},
               {"row_bound"},
               {"unstructured_bound"},
               {"gap_given_order"},
               {"gap_overall"},
               {"weight_error"},
               {"output_error"},
               {"steps"},
               {"seconds"},
               {"stopped_by"},
               {"device"}});
  for (const auto& layer : layers) {
    for (const auto& runs : rows_of(layer)) {
      const Summary mean = summary_of(runs.runs);
      table.add({layer.name, runs.strategy, fmt::format("{}", runs.runs.size()),
                 fmt::format("{}", mean.retained),
                 mean.deviation ? fmt::format("{}", *mean.deviation) : "",
                 fmt::format("{}", layer.identity_retained),
                 fmt::format("{}", mean.lost_with_vectors), fmt::format("{}", mean.lost_by_nm),
                 fmt::format("{}", layer.row_bound), fmt::format("{}", layer.unstructured_bound),
                 optional_text(mean.gap_given_order), optional_text(mean.gap_overall),
                 fmt::format("{}", mean.weight_error), optional_text(mean.output_error),
                 fmt::format("{}", mean.steps), fmt::format("{}", mean.seconds), stopped_by(runs),
                 device(runs)});
    }
  }
  return table.csv();
}

std::string comparison_text(const std::vector<LayerComparison>& layers) {
  std::string out;
  for (const auto& layer : layers) out += (out.empty() ? "" : "\n") + layer_text(layer);
  return out;
}

}  // namespace gyro::cli

#include "app/cli/report.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gyro::cli {

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json optional_json(const std::optional<double>& value) {
  return value ? number_or_null(*value) : Json(nullptr);
}

std::optional<double> output_error_of(const RunResult& result) {
  return result.output_error ? std::optional(result.output_error->layer) : std::nullopt;
}

Json layer_json(const RunResult& result) {
  const Problem& problem = *result.problem;
  const LossSplit& split = result.metrics->layer;
  Json out;
  out["name"] = problem.layer.info.name;
  out["rows"] = problem.shape.rows;
  out["cols"] = problem.shape.cols;
  out["vector_size"] = problem.shape.vector_size;
  out["nm"] = problem.shape.nm.text();
  out["kept"] = problem.shape.kept;
  out["sparsity"] = problem.shape.sparsity().value();
  out["requested_sparsity"] = problem.settings.sparsity.value();
  out["strategy"] = result.request.strategy;
  out["saliency"] = name_of(problem.settings.saliency.kind);
  out["seed"] = result.request.seed;
  out["device"] = result.device;
  out["seconds"] = number_or_null(result.search.seconds);
  out["steps"] = result.search.steps;
  out["stopped_by"] = name_of(result.search.stopped_by);
  out["retained_saliency"] = number_or_null(split.retained_fraction());
  out["identity_retained_saliency"] = number_or_null(problem.identity_retained);
  out["lost_with_vectors"] = number_or_null(split.vectors_fraction());
  out["lost_by_nm"] = number_or_null(split.nm_fraction());
  out["row_bound"] = number_or_null(problem.row_bound);
  out["unstructured_bound"] = number_or_null(problem.unstructured_bound);
  const double retained = split.retained_fraction();
  const auto& bounds = result.bounds;
  out["bound_given_order"] = bounds ? number_or_null(bounds->given_order) : Json(nullptr);
  out["bound_overall"] = bounds ? number_or_null(bounds->overall) : Json(nullptr);
  out["gap_given_order"] =
      bounds ? number_or_null(Bounds::gap(retained, bounds->given_order)) : Json(nullptr);
  out["gap_overall"] =
      bounds ? number_or_null(Bounds::gap(retained, bounds->overall)) : Json(nullptr);
  out["output_error"] = optional_json(output_error_of(result));
  return out;
}

Json skipped_json(const std::vector<Error>& skipped) {
  Json out = Json::array();
  for (const auto& error : skipped) {
    out.push_back({{"name", error.where}, {"reason", reason(error)}});
  }
  return out;
}

std::string skipped_text(const std::vector<Error>& skipped) {
  std::string out;
  for (const auto& error : skipped) {
    out += fmt::format("skipped {}\n", printable(error.text()));
  }
  return out;
}

LayerTable::LayerTable()
    : table_({{"layer"},
              {"out×in", Table::Align::Right},
              {"kept", Table::Align::Right},
              {"sparsity", Table::Align::Right},
              {"identity", Table::Align::Right},
              {"retained", Table::Align::Right},
              {"lost vectors", Table::Align::Right},
              {"lost N:M", Table::Align::Right},
              {"row bound", Table::Align::Right},
              {"unstructured", Table::Align::Right},
              {"steps", Table::Align::Right},
              {"seconds", Table::Align::Right},
              {"stopped by"},
              {"device"}}) {}

void LayerTable::add(const RunResult& result) {
  const Problem& problem = *result.problem;
  const LossSplit& split = result.metrics->layer;
  table_.add({problem.layer.info.name, size_text(problem.shape.rows, problem.shape.cols),
              fmt::format("{}", problem.shape.kept),
              fmt::format("{:.4f}", problem.shape.sparsity().value()),
              figure(problem.identity_retained), figure(split.retained_fraction()),
              figure(split.vectors_fraction()), figure(split.nm_fraction()),
              figure(problem.row_bound), figure(problem.unstructured_bound),
              fmt::format("{}", result.search.steps), fmt::format("{:.2f}", result.search.seconds),
              std::string(name_of(result.search.stopped_by)), result.device});
}

std::string size_text(std::int64_t rows, std::int64_t cols) {
  return fmt::format("{}×{}", rows, cols);
}

}  // namespace gyro::cli

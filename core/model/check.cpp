#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/advice.hpp"
#include "core/model/run.hpp"

namespace gyro {
namespace {

/// Figures are sums in double that another compiler may contract or order differently in the last
/// bits; anything beyond that is a mismatch.
constexpr double kTolerance = 1e-12;

Status same_figure(const char* name, double stored, double counted) {
  if (std::abs(stored - counted) <= kTolerance) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("{} is stored as {:.12f} but counts {:.12f}", name, stored, counted), {},
              advice::kOtherWeights);
}

Status same_text(const char* name, const std::string& stored, const std::string& counted) {
  if (stored == counted) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("{} is stored as '{}' but is '{}'", name, stored, counted), {},
              advice::kOtherWeights);
}

Status check_mask(const LayerRecord& record, const Mask& rebuilt) {
  int row = 0;
  while (row < rebuilt.rows() &&
         std::ranges::equal(record.mask.words_of(row), rebuilt.words_of(row))) {
    ++row;
  }
  if (row == rebuilt.rows()) return {};
  return fail(
      ErrorCode::Mismatch,
      fmt::format("the stored mask differs from the one its orders give, first in row {}", row), {},
      advice::kOtherWeights);
}

Status check_weight(const LayerRecord& record, const RunResult& result) {
  if (!record.weight) return {};
  const auto counted = record_of(result, {}, true).weight;
  if (record.weight->info.type == counted->info.type &&
      std::ranges::equal(record.weight->data, counted->data)) {
    return {};
  }
  return fail(ErrorCode::Mismatch, "the stored masked weight is not the weight under the mask", {},
              advice::kOtherWeights);
}

Status check_packed(const LayerRecord& record, const RunResult& result) {
  if (!record.packed) return {};
  LayerRecord counted = record;
  GYRO_CHECK(add_packed(result, counted));
  if (same(record.packed, counted.packed)) return {};
  return fail(ErrorCode::Mismatch, "the stored packed layer is not the weight under the mask", {},
              advice::kOtherWeights);
}

/// The bounds that take a search of their own; the result has them only if the record does.
Status check_search_bounds(const LayerRecord& record, const RunResult& result) {
  if (!result.bounds) return {};
  const std::map<std::string, double> counted = {{"given_order_bound", result.bounds->given_order},
                                                 {"overall_bound", result.bounds->overall}};
  for (const auto& [name, value] : counted) {
    const auto stored = record.bounds.find(name);
    if (stored == record.bounds.end()) continue;
    GYRO_CHECK(same_figure(name.c_str(), stored->second, value));
  }
  return {};
}

Status check_against(const LayerRecord& record, const RunResult& result) {
  const Problem& problem = *result.problem;
  if (!(problem.shape == record.shape)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the stored shape ({}×{}, kept {}) is not what sparsity {} of a {}×{} "
                            "layer gives (kept {})",
                            record.shape.rows, record.shape.cols, record.shape.kept,
                            record.requested_sparsity, problem.shape.rows, problem.shape.cols,
                            problem.shape.kept),
                {}, advice::kOtherWeights);
  }
  GYRO_CHECK(same_text("sparsity", record.sparsity, problem.shape.sparsity().text()));
  GYRO_CHECK(same_text("view", record.view, problem.layer.view));
  GYRO_CHECK(check_mask(record, *result.mask));
  const LossSplit& split = result.metrics->layer;
  GYRO_CHECK(same_figure("retained_saliency", record.retained_saliency, split.retained_fraction()));
  GYRO_CHECK(same_figure("lost_with_vectors", record.lost_with_vectors, split.vectors_fraction()));
  GYRO_CHECK(same_figure("lost_by_nm", record.lost_by_nm, split.nm_fraction()));
  GYRO_CHECK(same_figure("identity_retained_saliency", record.identity_retained_saliency,
                         problem.identity_retained));
  const std::map<std::string, double> known = {{"row_bound", problem.row_bound},
                                               {"unstructured_bound", problem.unstructured_bound}};
  GYRO_CHECK(check_search_bounds(record, result));
  for (const auto& [name, stored] : record.bounds) {
    if (const auto counted = known.find(name); counted != known.end()) {
      GYRO_CHECK(same_figure(name.c_str(), stored, counted->second));
    }
  }
  GYRO_CHECK(check_weight(record, result));
  return check_packed(record, result);
}

}  // namespace

Result<ProblemSettings> settings_of(const LayerRecord& record) {
  ProblemSettings settings;
  settings.vector_size = record.shape.vector_size;
  settings.nm = record.shape.nm;
  GYRO_TRY(settings.sparsity, parse_fraction(record.requested_sparsity));
  GYRO_TRY(settings.saliency.kind, parse_saliency(record.saliency));
  settings.saliency.ria_exponent = record.ria_exponent;
  return settings;
}

Result<RunResult> check_record(const LayerRecord& record, Layer layer, const Companions& companions,
                               int threads, Progress* progress) {
  const auto in_layer = [&](const Error& error) { return fail(error.at(record.tensor)); };
  auto settings = settings_of(record);
  if (!settings) return in_layer(settings.error());
  GYRO_TRY(auto problem, make_problem(std::move(layer), *settings, companions, threads, progress));
  RunRequest request;
  request.strategy = record.strategy;
  request.seed = record.seed;
  std::optional<Mask> imported;
  if (record.mask_rule == "imported") imported = record.mask;
  GYRO_TRY(auto result,
           judge(std::move(problem), request, record.permutation, std::move(imported), threads));
  result.search.steps = record.steps;
  result.search.seconds = record.seconds;
  result.device = record.device;
  if (record.bounds.contains("given_order_bound") || record.bounds.contains("overall_bound")) {
    Progress unheard;
    GYRO_TRY(result.bounds, compute_bounds(*result.problem, result.search.permutation,
                                           progress != nullptr ? *progress : unheard, threads));
  }
  if (auto same = check_against(record, result); !same) return in_layer(same.error());
  return result;
}

}  // namespace gyro

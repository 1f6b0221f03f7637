#include "core/model/measures.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

/// The settings for another kind. A named calibration file goes along only to kinds that need the
/// same sort of data: a diagonal read as inputs, or the reverse, would be nonsense.
SaliencySettings settings_for(const SaliencyInfo& info, const SaliencySettings& given) {
  SaliencySettings out = given;
  out.kind = info.kind;
  const SaliencyInfo& own = info_of(given.kind);
  const bool fits = info.needs == SaliencyNeeds::Diagonal ? own.kind == info.kind
                                                          : own.needs != SaliencyNeeds::Diagonal;
  if (!fits) out.calibration = {};
  return out;
}

/// One column of the table.
Result<Eigen::VectorXd> judge_by(const TensorFile& file, const Layer& layer,
                                 const SaliencySettings& settings, std::span<const RunResult> runs,
                                 Progress& progress, int threads) {
  GYRO_TRY(const Companions companions, read_companions(file, layer, settings, &progress));
  GYRO_TRY(const Matrix saliency,
           compute_saliency(view_of(*layer.weight), settings.kind, companions.inputs));
  Eigen::VectorXd out(static_cast<Eigen::Index>(runs.size()));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
    out[static_cast<Eigen::Index>(i)] =
        retained_fraction(view_of(saliency), *runs[i].mask, threads);
  }
  return out;
}

Status check_runs(const Layer& layer, std::span<const RunResult> runs) {
  if (runs.empty()) {
    return fail(ErrorCode::InvalidArgument, "there is no run to judge", layer.info.name,
                "Run a strategy on the layer first.");
  }
  for (const auto& run : runs) {
    if (run.mask->rows() == layer.weight->rows() && run.mask->cols() == layer.weight->cols()) {
      continue;
    }
    return fail(ErrorCode::Mismatch,
                fmt::format("a mask is {}×{}, the layer {}×{}", run.mask->rows(), run.mask->cols(),
                            layer.weight->rows(), layer.weight->cols()),
                layer.info.name, advice::kOtherWeights);
  }
  return {};
}

}  // namespace

std::vector<SaliencySettings> available_saliencies(const TensorFile& file, const Layer& layer,
                                                   const SaliencySettings& settings) {
  std::vector<SaliencySettings> out;
  for (const auto& info : saliency_kinds()) {
    SaliencySettings own = settings_for(info, settings);
    if (info.needs == SaliencyNeeds::Nothing || read_companions(file, layer, own)) {
      out.push_back(std::move(own));
    }
  }
  return out;
}

Result<MeasureTable> judge_by_measures(const TensorFile& file, const Layer& layer,
                                       const SaliencySettings& settings,
                                       std::span<const RunResult> runs, Progress& progress,
                                       int threads) {
  GYRO_CHECK(check_runs(layer, runs));
  const auto kinds = available_saliencies(file, layer, settings);
  progress.begin("judging by other measures", static_cast<std::int64_t>(kinds.size()) + 1);
  MeasureTable out;
  std::vector<Eigen::VectorXd> columns;
  for (const auto& kind : kinds) {
    auto column = judge_by(file, layer, kind, runs, progress, threads);
    if (!progress.advance()) return fail(ErrorCode::Cancelled, "cancelled");
    if (!column) continue;  // its data does not fit this layer
    out.measures.push_back(kind.kind);
    columns.push_back(*std::move(column));
  }
  out.retained.resize(static_cast<Eigen::Index>(runs.size()),
                      static_cast<Eigen::Index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    out.retained.col(static_cast<Eigen::Index>(j)) = columns[j];
  }
  for (RunResult run : runs) {
    if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
    if (!run.output_error) add_output_error(run, threads);
    out.output_error.push_back(run.output_error ? std::optional(run.output_error->layer)
                                                : std::nullopt);
  }
  return out;
}

}  // namespace gyro

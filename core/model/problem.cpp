#include "core/model/problem.hpp"

#include <utility>

#include "core/sparsity/bounds.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {

Result<std::shared_ptr<const Problem>> make_problem(Layer layer, const ProblemSettings& settings,
                                                    const Companions& companions, int threads,
                                                    Progress* progress) {
  const auto stop = [progress] { return progress != nullptr && progress->cancelled(); };
  auto shape =
      make_shape(static_cast<int>(layer.weight->rows()), static_cast<int>(layer.weight->cols()),
                 settings.vector_size, settings.nm, settings.sparsity);
  if (!shape) return fail(shape.error().at(layer.info.name));
  auto saliency =
      compute_saliency(view_of(*layer.weight), settings.saliency.kind, companions.inputs);
  if (!saliency) return fail(saliency.error().at(layer.info.name));

  if (stop()) return fail(ErrorCode::Cancelled, "cancelled", layer.info.name);

  auto problem = std::make_shared<Problem>();
  problem->layer = std::move(layer);
  problem->settings = settings;
  problem->shape = *shape;
  problem->saliency_data = companions.source;
  problem->calibration = companions.calibration;
  problem->saliency = std::make_shared<const Matrix>(*std::move(saliency));
  const MatrixView view = view_of(*problem->saliency);
  problem->identity = identity_permutation(view, *shape, threads);
  problem->identity_retained = retained_saliency(view, *shape, problem->identity, threads);
  problem->unstructured_bound = unstructured_bound(view, *shape, stop);
  problem->row_bound = row_bound(view, *shape, threads, stop);
  if (stop()) return fail(ErrorCode::Cancelled, "cancelled", problem->layer.info.name);
  return problem;
}

Result<std::shared_ptr<const Problem>> open_problem(const TensorFile& file, const std::string& path,
                                                    const std::string& name,
                                                    const ProblemSettings& settings,
                                                    NonFinite nonfinite, Progress* progress,
                                                    int threads) {
  GYRO_TRY(Layer layer, read_layer(file, path, name, nonfinite, progress, threads));
  GYRO_TRY(const Companions companions, read_companions(file, layer, settings.saliency, progress));
  return make_problem(std::move(layer), settings, companions, threads, progress);
}

}  // namespace gyro

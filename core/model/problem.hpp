#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "core/base/result.hpp"
#include "core/model/companions.hpp"
#include "core/model/layer.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// The settings of a problem, as a person chose them.
struct ProblemSettings {
  int vector_size = 64;
  NmPattern nm;
  Fraction sparsity{3, 4};  ///< total
  SaliencySettings saliency;

  bool operator==(const ProblemSettings&) const = default;
};

/// A layer with its saliency, shape and everything that does not depend on a permutation.
struct Problem {
  Layer layer;
  ProblemSettings settings;
  HinmShape shape;
  SharedMatrix saliency;
  std::string saliency_data;  ///< "file:tensor" the saliency was computed from; or empty
  std::shared_ptr<const Calibration> calibration;  ///< what the layer reads; null: not known
  Permutation identity;
  double identity_retained = 0;
  double unstructured_bound = 0;
  double row_bound = 0;

  /// bound_overall(), once compute_bounds() was asked for it.
  struct Overall {
    std::mutex mutex;
    std::optional<double> bound;
  };
  std::shared_ptr<Overall> overall = std::make_shared<Overall>();

  [[nodiscard]] SearchProblem search() const { return {view_of(*saliency), shape}; }
};

/// Computes saliency, shape, identity and bounds of a layer. Fails as make_shape() and
/// compute_saliency() do, with the layer's name, and with Cancelled once `progress` was cancelled.
[[nodiscard]] Result<std::shared_ptr<const Problem>> make_problem(Layer layer,
                                                                  const ProblemSettings& settings,
                                                                  const Companions& companions = {},
                                                                  int threads = 0,
                                                                  Progress* progress = nullptr);

/// The whole way from an open file: read_layer(), read_companions(), make_problem().
[[nodiscard]] Result<std::shared_ptr<const Problem>> open_problem(
    const TensorFile& file, const std::string& path, const std::string& name,
    const ProblemSettings& settings, NonFinite nonfinite, Progress* progress = nullptr,
    int threads = 0);

}  // namespace gyro

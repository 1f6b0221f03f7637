#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/model/layer.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/saliency.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// The settings of a problem, as a person chose them.
struct ProblemSettings {
  int vector_size = 64;
  NmPattern nm;
  Fraction sparsity{3, 4};  ///< total
  SaliencyKind saliency = SaliencyKind::Magnitude;

  bool operator==(const ProblemSettings&) const = default;
};

/// A layer with its saliency, shape and everything that does not depend on a permutation.
struct Problem {
  Layer layer;
  ProblemSettings settings;
  HinmShape shape;
  SharedMatrix saliency;
  Permutation identity;
  double identity_retained = 0;
  double unstructured_bound = 0;
  double row_bound = 0;

  [[nodiscard]] SearchProblem search() const { return {view_of(*saliency), shape}; }
};

/// Computes saliency, shape, identity and bounds of a layer. Fails as make_shape() and
/// compute_saliency() do, with the layer's name.
[[nodiscard]] Result<std::shared_ptr<const Problem>> make_problem(Layer layer,
                                                                  const ProblemSettings& settings,
                                                                  int threads = 0);

}  // namespace gyro

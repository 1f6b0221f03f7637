#include "core/sparsity/saliency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gyro {
namespace {

Status check_norms(MatrixView weight, const SaliencyInputs& inputs) {
  if (inputs.input_norms.size() == weight.cols()) return {};
  if (inputs.input_norms.size() == 0) {
    return fail(
        ErrorCode::NotFound, "this saliency needs calibration inputs and there are none", {},
        "Name them with --calibration FILE[:NAME], or store them as X.input beside X.weight.");
  }
  return fail(ErrorCode::Mismatch,
              fmt::format("the calibration inputs have {} channels, the layer reads {}",
                          inputs.input_norms.size(), weight.cols()),
              {}, "They must be tokens × input channels of this layer.");
}

Status check_diagonal(MatrixView weight, const Matrix& diagonal) {
  const bool fits = diagonal.cols() == weight.cols() &&
                    (diagonal.rows() == 1 || diagonal.rows() == weight.rows());
  if (fits) return {};
  if (diagonal.size() == 0) {
    return fail(ErrorCode::NotFound, "this saliency needs a stored diagonal and there is none", {},
                "Store it as X.hessian, X.fisher or X.inverse_fisher beside X.weight, "
                "or name it with --calibration FILE:NAME.");
  }
  return fail(ErrorCode::Mismatch,
              fmt::format("the diagonal is {}×{}, the layer {}×{}", diagonal.rows(),
                          diagonal.cols(), weight.rows(), weight.cols()),
              {}, "It must have one entry an input channel, or one a weight.");
}

Matrix relative_importance(MatrixView weight) {
  const Eigen::MatrixXd size = weight.cast<double>().cwiseAbs();
  const Eigen::VectorXd rows = size.rowwise().sum();
  const Eigen::RowVectorXd cols = size.colwise().sum();
  Matrix out(weight.rows(), weight.cols());
  for (Eigen::Index r = 0; r < out.rows(); ++r) {
    for (Eigen::Index c = 0; c < out.cols(); ++c) {
      const double w = size(r, c);
      out(r, c) = w > 0 ? static_cast<float>(w / cols[c] + w / rows[r]) : 0.F;
    }
  }
  return out;
}

/// w² times (or over) a diagonal of one row or of all rows, halved.
Matrix second_order(MatrixView weight, const Matrix& diagonal, bool inverse) {
  Matrix out(weight.rows(), weight.cols());
  for (Eigen::Index r = 0; r < out.rows(); ++r) {
    const auto d = diagonal.row(diagonal.rows() == 1 ? 0 : r).array();
    const auto square = weight.row(r).array().square();
    if (inverse) {
      out.row(r) = 0.5F * square / d;
    } else {
      out.row(r) = 0.5F * square * d;
    }
  }
  return out;
}

Status check_scores(MatrixView weight, const Matrix& scores) {
  if (scores.rows() == weight.rows() && scores.cols() == weight.cols()) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("the scores are {}×{}, the layer {}×{}", scores.rows(), scores.cols(),
                          weight.rows(), weight.cols()),
              {}, "Name a tensor of the layer's shape with --scores FILE:NAME.");
}

/// The inputs have been checked.
Matrix raw_saliency(MatrixView weight, SaliencyKind kind, const SaliencyInputs& inputs) {
  switch (kind) {
    case SaliencyKind::Magnitude:
      return weight.array().abs();
    case SaliencyKind::Squared:
      return weight.array().square();
    case SaliencyKind::Wanda:
      return weight.array().abs().rowwise() * inputs.input_norms.transpose().array();
    case SaliencyKind::Ria: {
      const Eigen::ArrayXf factor = inputs.input_norms.array().pow(inputs.ria_exponent);
      return relative_importance(weight).array().rowwise() * factor.transpose();
    }
    case SaliencyKind::Hessian:
    case SaliencyKind::Fisher:
    case SaliencyKind::InverseFisher:
      return second_order(weight, inputs.diagonal, kind == SaliencyKind::InverseFisher);
    case SaliencyKind::Scores:
      break;
  }
  return inputs.scores;
}

}  // namespace

const std::vector<SaliencyInfo>& saliency_kinds() {
  using enum SaliencyKind;
  using Needs = SaliencyNeeds;
  static const std::vector<SaliencyInfo> kinds = {
      {Magnitude, "magnitude", "|w|", "The size of the weight.", Needs::Nothing, ""},
      {Squared, "squared", "w²",
       "The square of the weight: retained saliency is then what the Frobenius norm keeps.",
       Needs::Nothing, ""},
      {Wanda, "wanda", "|w|·‖x‖₂",
       "Size of the weight times the norm of the input it multiplies (Sun et al. 2023).",
       Needs::Calibration, "input"},
      {Ria, "ria", "(|w|/Σcol + |w|/Σrow)·‖x‖₂ᵃ",
       "Relative importance and activations (Zhang et al. 2024), a = 0.5 unless set.",
       Needs::Calibration, "input"},
      {Hessian, "hessian", "w²·h/2", "Second order with a stored diagonal of the Hessian.",
       Needs::Diagonal, "hessian"},
      {Fisher, "fisher", "w²·f/2", "Second order with a stored diagonal of the Fisher matrix.",
       Needs::Diagonal, "fisher"},
      {InverseFisher, "inverse-fisher", "w²/(2·[F⁻¹])",
       "Second order with a stored diagonal of the inverse Fisher matrix (Kurtic et al. 2022), as "
       "the gyro-permutation authors use.",
       Needs::Diagonal, "inverse_fisher"},
      {Scores, "scores", "as given", "Scores read from a file, one a weight.", Needs::Scores, ""},
  };
  return kinds;
}

const SaliencyInfo& info_of(SaliencyKind kind) {
  const auto& kinds = saliency_kinds();
  return *std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.kind == kind; });
}

std::string_view name_of(SaliencyKind kind) {
  return info_of(kind).name;
}

Result<SaliencyKind> parse_saliency(std::string_view name) {
  std::string known;
  for (const auto& info : saliency_kinds()) {
    if (info.name == name) return info.kind;
    known += known.empty() ? std::string(info.name) : ", " + std::string(info.name);
  }
  return fail(ErrorCode::NotFound, fmt::format("there is no saliency '{}'", name), {},
              fmt::format("Known: {}.", known));
}

Result<Matrix> compute_saliency(MatrixView weight, SaliencyKind kind,
                                const SaliencyInputs& inputs) {
  GYRO_CHECK(check_saliency_inputs(weight, kind, inputs));
  Matrix out = raw_saliency(weight, kind, inputs);
  GYRO_CHECK(check_saliency(view_of(out), kind));
  return out;
}

Status check_saliency_inputs(MatrixView weight, SaliencyKind kind, const SaliencyInputs& inputs) {
  switch (info_of(kind).needs) {
    case SaliencyNeeds::Nothing:
      break;
    case SaliencyNeeds::Calibration:
      return check_norms(weight, inputs);
    case SaliencyNeeds::Diagonal:
      return check_diagonal(weight, inputs.diagonal);
    case SaliencyNeeds::Scores:
      return check_scores(weight, inputs.scores);
  }
  return {};
}

Status check_saliency(MatrixView saliency, SaliencyKind kind) {
  const auto bad = std::count_if(saliency.data(), saliency.data() + saliency.size(),
                                 [](float value) { return !(std::isfinite(value) && value >= 0); });
  if (bad == 0) return {};
  return fail(ErrorCode::NonFinite,
              fmt::format("{} of {} weights have no usable {} saliency (NaN, infinite or negative)",
                          bad, saliency.size(), name_of(kind)),
              {}, "Check the weights, and the calibration data if this saliency uses any.");
}

}  // namespace gyro

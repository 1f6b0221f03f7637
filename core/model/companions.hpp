#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/tensor.hpp"
#include "core/model/layer.hpp"
#include "core/sparsity/calibration.hpp"
#include "core/sparsity/saliency.hpp"

namespace gyro {

/// Where data that belongs to a layer is, as typed: "FILE" or "FILE:NAME". Empty: beside the
/// weight.
struct CompanionSource {
  std::string file;
  std::string tensor;

  [[nodiscard]] std::string text() const;
  bool operator==(const CompanionSource&) const = default;
};

/// Splits "FILE:NAME" at the first colon that leaves an existing file before it; a text that names
/// an existing file whole has no tensor. Fails if no such file exists.
[[nodiscard]] Result<CompanionSource> parse_companion(std::string_view text);

/// The saliency of a problem and where its data comes from.
struct SaliencySettings {
  SaliencyKind kind = SaliencyKind::Magnitude;
  CompanionSource calibration;  ///< inputs, Gram matrix or diagonal
  CompanionSource scores;       ///< for SaliencyKind::Scores
  double ria_exponent = 0.5;

  bool operator==(const SaliencySettings&) const = default;
};

/// "encoder.0.query.weight" → "encoder.0.query.input": the last part, if it is "weight" or
/// "kernel", makes way for the companion's name; otherwise it is appended.
[[nodiscard]] std::string companion_name(std::string_view tensor, std::string_view companion);

/// What was found beside a layer.
struct Companions {
  std::shared_ptr<const Calibration> calibration;  ///< null: none found
  SaliencyInputs inputs;                           ///< what the saliency needs
  std::optional<Error> unusable;  ///< inputs that are there but do not fit, unneeded
};

/// Reads what `settings` needs for a layer of `file`, and calibration inputs if there are any.
/// Missing or mis-shaped data that the saliency needs, or that was named, is an error.
[[nodiscard]] Result<Companions> read_companions(const TensorFile& file, const Layer& layer,
                                                 const SaliencySettings& settings,
                                                 Progress* progress = nullptr);

}  // namespace gyro

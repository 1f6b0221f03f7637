#pragma once

#include <cstring>
#include <limits>

#include "core/io/permutation_file.hpp"
#include "core/sparsity/bounds.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

/// Layer records that are right in every number.
namespace gyro::testing {

/// `values` where the mask has them, else 0, in `type`.
inline Tensor masked_weight(const Matrix& values, const Mask& mask, ScalarType type) {
  Matrix masked = values;
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      if (!mask.at(r, c)) masked(r, c) = 0;
    }
  }
  Tensor out;
  out.info.type = type;
  out.info.shape = {mask.rows(), mask.cols()};
  auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(masked.size()) *
                                                        size_of(type));
  convert_from_float(type, masked.data(), masked.size(), bytes->data());
  out.data = *bytes;
  out.owner = bytes;
  return out;
}

inline LayerRecord random_record(const std::string& tensor, const HinmShape& shape,
                                 std::uint64_t seed, bool ties = false) {
  const Matrix saliency = random_saliency(shape.rows, shape.cols, seed, ties);
  const MatrixView view = view_of(saliency);
  LayerRecord record;
  record.tensor = tensor;
  record.view = "out×in";
  record.shape = shape;
  record.sparsity = shape.sparsity().text();
  record.requested_sparsity = "0.75";
  record.saliency = "magnitude";
  record.strategy = "gyro";
  record.parameters = R"({"patience":20,"schedule":"8,1,4"})";
  record.seed = std::numeric_limits<std::uint64_t>::max() - seed;
  record.steps = 1234;
  record.seconds = 0.1 + 0.2;
  record.stopped_by = "finished";
  record.source_file = "model.h5";
  record.source_sha256 = std::string(64, 'a');
  record.program_version = "0.1.0";
  record.permutation = random_permutation(shape, seed);
  record.mask = build_mask(view, shape, record.permutation);
  const Metrics metrics = measure(view, shape, record.permutation, record.mask);
  record.retained_saliency = metrics.layer.retained_fraction();
  record.lost_with_vectors = metrics.layer.vectors_fraction();
  record.lost_by_nm = metrics.layer.nm_fraction();
  record.identity_retained_saliency =
      retained_saliency(view, shape, identity_permutation(view, shape));
  record.bounds = {{"row_bound", row_bound(view, shape)},
                   {"unstructured_bound", unstructured_bound(view, shape)}};
  return record;
}

inline bool equal(const LayerRecord& a, const LayerRecord& b) {
  const bool weights = a.weight.has_value() == b.weight.has_value() &&
                       (!a.weight || (a.weight->info.type == b.weight->info.type &&
                                      a.weight->info.shape == b.weight->info.shape &&
                                      a.weight->data.size() == b.weight->data.size() &&
                                      std::memcmp(a.weight->data.data(), b.weight->data.data(),
                                                  a.weight->data.size()) == 0));
  return weights && same(a.packed, b.packed) && a.tensor == b.tensor && a.view == b.view &&
         a.shape == b.shape && a.sparsity == b.sparsity &&
         a.requested_sparsity == b.requested_sparsity && a.saliency == b.saliency &&
         a.mask_rule == b.mask_rule && a.strategy == b.strategy && a.parameters == b.parameters &&
         a.seed == b.seed && a.device == b.device && a.steps == b.steps && a.seconds == b.seconds &&
         a.stopped_by == b.stopped_by && a.nonfinite_as_zero == b.nonfinite_as_zero &&
         a.retained_saliency == b.retained_saliency &&
         a.identity_retained_saliency == b.identity_retained_saliency &&
         a.lost_with_vectors == b.lost_with_vectors && a.lost_by_nm == b.lost_by_nm &&
         a.bounds == b.bounds && a.source_file == b.source_file &&
         a.source_sha256 == b.source_sha256 && a.program_version == b.program_version &&
         a.permutation == b.permutation && a.mask == b.mask;
}

}  // namespace gyro::testing

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/packed_record.hpp"
#include "core/io/tensor.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// What a permutation file says of one layer. Figures are fractions of the layer's total saliency.
struct LayerRecord {
  std::string tensor;  ///< full name in the source file
  std::string view;    ///< how the stored tensor became out × in (MatrixShape::view)
  HinmShape shape;
  std::string sparsity;            ///< exact, as Fraction::text(): what the shape really has
  std::string requested_sparsity;  ///< as it was asked for
  std::string saliency;            ///< "magnitude"
  std::string saliency_data;  ///< "file:tensor" it was computed from beside the weight; or empty
  double ria_exponent = 0.5;  ///< a of the saliency "ria"
  std::string mask_rule =
      "top_n";  ///< "top_n": rebuilt from the orders; "imported": the mask decides
  std::string strategy;
  std::string parameters = "{}";  ///< JSON object
  std::uint64_t seed = 0;
  std::string device = "cpu";
  std::int64_t steps = 0;
  double seconds = 0;
  std::string stopped_by;
  bool nonfinite_as_zero = false;  ///< NaN and infinite weights were read as zero
  double retained_saliency = 0;
  double identity_retained_saliency = 0;
  double lost_with_vectors = 0;
  double lost_by_nm = 0;
  std::map<std::string, double> bounds;  ///< "row_bound", "unstructured_bound", …
  std::string source_file;               ///< file name without directory
  std::string source_sha256;             ///< of that file, lower-case hex
  std::string program_version;
  Permutation permutation;
  Mask mask;
  std::optional<Tensor>
      weight;  ///< masked weight in original order and the input's type, on request
  std::optional<PackedRecord> packed;  ///< on request, 2:4 only
};

enum class PermutationFormat { Hdf5, Safetensors };

/// By extension: .h5, .hdf5, .hdf → HDF5; .safetensors → safetensors; others are refused.
[[nodiscard]] Result<PermutationFormat> permutation_format(const std::string& path);

/// Writes to a temporary file beside `path`, syncs it, reads it back, compares, and only then
/// renames it over `path`. On any failure `path` is as it was before.
[[nodiscard]] Status write_permutations(const std::string& path,
                                        const std::vector<LayerRecord>& layers);

/// Reads either format. Orders and shapes are validated, the mask is checked to be feasible.
[[nodiscard]] Result<std::vector<LayerRecord>> read_permutations(const std::string& path);

/// SHA-256 of a file as lower-case hex.
[[nodiscard]] Result<std::string> sha256_of_file(const std::string& path,
                                                 Progress* progress = nullptr);

}  // namespace gyro

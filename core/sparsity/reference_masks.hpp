#pragma once

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Masks of other structures at the same total sparsity, rows in original order: shown beside a
/// HiNM result for what its structure costs. Each keeps rows · kept_per_row weights; ties go to the
/// lower original column (and row).

/// No structure: the largest weights of the whole layer.
[[nodiscard]] Mask unstructured_mask(MatrixView saliency, const HinmShape& shape);

/// Vector level alone: every tile of V rows keeps the kept_per_row column vectors with the largest
/// summed saliency (OVW without the N:M level).
[[nodiscard]] Mask vectors_only_mask(MatrixView saliency, const HinmShape& shape);

/// N:M level alone: every row keeps the same share of each run of M′ columns, M′ the smallest
/// number ≥ M that divides the columns and makes the share whole (75 % with 2:4 is 1:4); the whole
/// row if there is none.
[[nodiscard]] Mask nm_only_mask(MatrixView saliency, const HinmShape& shape);

/// VENOM's V:N:M (Castro et al., SC 2023): of every run of M·cols/kept columns a tile of V rows
/// keeps the M with the largest summed saliency, and each row the N largest of those. Fails with
/// Unsupported where kept does not divide M·cols into such runs.
[[nodiscard]] Result<Mask> venom_mask(MatrixView saliency, const HinmShape& shape);

}  // namespace gyro

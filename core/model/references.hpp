#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/base/progress.hpp"
#include "core/model/run.hpp"

namespace gyro {

/// Masks of other structures at the same total sparsity, which show what HiNM's structure costs.
enum class Reference { Unstructured, VectorsOnly, NmOnly, Venom };

struct ReferenceInfo {
  Reference reference;
  std::string_view name;   ///< as in tables: "unstructured", "vectors-only", "nm-only", "venom"
  std::string_view title;  ///< "V:N:M (VENOM)"
  std::string_view doc;
};
[[nodiscard]] const std::vector<ReferenceInfo>& references();
[[nodiscard]] const ReferenceInfo& info_of(Reference reference);

/// The mask alone, rows in original order. Fails with Unsupported where V:N:M does not exist for
/// the shape.
[[nodiscard]] Result<Mask> reference_mask(Reference reference, MatrixView saliency,
                                          const HinmShape& shape);

/// The mask of a reference, judged like a run: rows in original order, strategy = its name, without
/// bounds. A column vector of a tile of which nothing is kept counts as dropped. Fails with
/// Unsupported where V:N:M does not exist for the shape.
[[nodiscard]] Result<RunResult> judge_reference(std::shared_ptr<const Problem> problem,
                                                Reference reference, int threads = 0);

/// All of them that exist for the problem, in order. Fails only when cancelled.
[[nodiscard]] Result<std::vector<RunResult>> judge_references(
    const std::shared_ptr<const Problem>& problem, Progress& progress, int threads = 0);

}  // namespace gyro

#include "core/model/references.hpp"

#include <utility>

#include "core/sparsity/reference_masks.hpp"

namespace gyro {
const std::vector<ReferenceInfo>& references() {
  static const std::vector<ReferenceInfo> all = {
      {Reference::Unstructured, "unstructured", "Unstructured",
       "The largest weights of the whole layer: no structure at all."},
      {Reference::VectorsOnly, "vectors-only", "Vectors only",
       "Column vectors alone at the same total sparsity, rows in original order."},
      {Reference::NmOnly, "nm-only", "N:M only",
       "The same share of every run of columns in every row: no vectors are dropped."},
      {Reference::Venom, "venom", "V:N:M (VENOM)",
       "M columns of every block of columns and V rows, then N of M in every row "
       "(Castro et al., SC 2023)."},
  };
  return all;
}

const ReferenceInfo& info_of(Reference reference) {
  return references()[static_cast<std::size_t>(reference)];
}

Result<Mask> reference_mask(Reference reference, MatrixView saliency, const HinmShape& shape) {
  switch (reference) {
    case Reference::Unstructured:
      return unstructured_mask(saliency, shape);
    case Reference::VectorsOnly:
      return vectors_only_mask(saliency, shape);
    case Reference::NmOnly:
      return nm_only_mask(saliency, shape);
    case Reference::Venom:
      break;
  }
  return venom_mask(saliency, shape);
}

Result<RunResult> judge_reference(std::shared_ptr<const Problem> problem, Reference reference,
                                  int threads) {
  const MatrixView saliency = view_of(*problem->saliency);
  auto mask = reference_mask(reference, saliency, problem->shape);
  if (!mask) return fail(mask.error().at(problem->layer.info.name));
  RunResult out;
  out.request.strategy = info_of(reference).name;
  out.search.permutation = problem->identity;
  out.mask = std::make_shared<const Mask>(*std::move(mask));
  out.metrics =
      std::make_shared<const Metrics>(measure_mask(saliency, problem->shape, *out.mask, threads));
  out.search.retained_saliency = out.metrics->layer.retained_fraction();
  out.weight_error = weight_error(view_of(*problem->layer.weight), *out.mask, threads);
  out.problem = std::move(problem);
  add_output_error(out, threads);
  return out;
}

Result<std::vector<RunResult>> judge_references(const std::shared_ptr<const Problem>& problem,
                                                Progress& progress, int threads) {
  std::vector<RunResult> out;
  progress.begin("reference masks", static_cast<std::int64_t>(references().size()));
  for (const auto& info : references()) {
    if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
    if (auto result = judge_reference(problem, info.reference, threads)) {
      out.push_back(*std::move(result));
    }
    progress.advance();
  }
  return out;
}

}  // namespace gyro

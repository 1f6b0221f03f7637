#include "core/model/structure.hpp"

#include <algorithm>
#include <string>

#include "core/sparsity/reference_masks.hpp"

namespace gyro {

const std::vector<Structure>& structures() {
  static const std::vector<Structure> all{Structure::Hinm, Structure::NmOnly,
                                          Structure::VectorsOnly, Structure::Unstructured};
  return all;
}

std::string_view name_of(Structure structure) {
  switch (structure) {
    case Structure::Hinm:
      return "hinm";
    case Structure::NmOnly:
      return "nm-only";
    case Structure::VectorsOnly:
      return "vectors-only";
    case Structure::Unstructured:
      return "unstructured";
  }
  return "hinm";
}

Result<Structure> parse_structure(std::string_view name) {
  const auto& all = structures();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](Structure structure) { return name_of(structure) == name; });
  if (found != all.end()) return *found;
  return fail(ErrorCode::NotFound, "there is no such structure of a mask", std::string(name),
              "Choose hinm, nm-only, vectors-only or unstructured.");
}

Mask mask_of(const Problem& problem, Structure structure, const Permutation& permutation,
             int threads) {
  const MatrixView saliency = view_of(*problem.saliency);
  switch (structure) {
    case Structure::NmOnly:
      return nm_only_mask(saliency, problem.shape);
    case Structure::VectorsOnly:
      return vectors_only_mask(saliency, problem.shape);
    case Structure::Unstructured:
      return unstructured_mask(saliency, problem.shape);
    case Structure::Hinm:
      break;
  }
  return build_mask(saliency, problem.shape, permutation, threads);
}

}  // namespace gyro

#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"

namespace gyro::cuda {
namespace {

Result<VectorKernel> kernel_of(const Layout& layout) {
  if (layout.whole()) return whole_vector_kernel(layout);
  return any_vector_kernel(layout);
}

}  // namespace

Status prepare_vectors(const Layout& layout) {
  GYRO_TRY(const VectorKernel kernel, kernel_of(layout));
  return allow_shared(kernel, layout.most_shared);
}

Status move_vectors(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  GYRO_TRY(const VectorKernel kernel, kernel_of(l));
  return launch(how, "moving vectors", kernel, static_cast<unsigned>(l.tiles * l.parts),
                static_cast<unsigned>(l.vector_threads), l.vector_shared, field);
}

}  // namespace gyro::cuda

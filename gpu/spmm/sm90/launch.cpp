#include "gpu/spmm/sm90/launch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "gpu/spmm/sm90/arguments.hpp"
#include "gpu/spmm/sm90/schedule.hpp"

namespace gyro::cuda::sm90 {
namespace {

Arguments arguments_of(const DeviceImage& image, const SpmmOperands& operands) {
  Arguments out{};
  out.image = image.blocks.data();
  out.index = image.index.data();
  out.bias = image.bias.data();
  out.row_of = operands.row_order == GYRO_PERMUTED_ROWS ? image.permuted_rows.data()
                                                        : image.original_rows.data();
  out.b = operands.b;
  out.c = operands.c;
  out.ldb = operands.ldb;
  out.ldc = operands.ldc;
  out.has_bias = image.has_bias;
  out.padded = image.padded;
  out.rows_of_b = image.cols;
  return out;
}

cudaLaunchConfig_t config_of(const Kernel& kernel, int blocks, int cluster,
                             cudaLaunchAttribute& attribute, cudaStream_t stream) {
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim.x = static_cast<unsigned>(cluster);
  attribute.val.clusterDim.y = 1;
  attribute.val.clusterDim.z = 1;
  cudaLaunchConfig_t out{};
  out.gridDim = dim3(static_cast<unsigned>(blocks));
  out.blockDim = dim3(static_cast<unsigned>(kernel.threads));
  out.dynamicSmemBytes = static_cast<std::size_t>(kernel.shared_bytes);
  out.stream = stream;
  out.attrs = &attribute;
  out.numAttrs = cluster > 1 ? 1 : 0;
  return out;
}

Result<int> resident_clusters(const Kernel& kernel, int cluster) {
  cudaLaunchAttribute attribute{};
  const auto config = config_of(kernel, cluster, cluster, attribute, nullptr);
  int clusters = 0;
  GYRO_CHECK(check(cudaOccupancyMaxActiveClusters(&clusters, kernel.function, &config),
                   "asking how many clusters fit"));
  return clusters;
}

Status start(const Kernel& kernel, int blocks, int cluster, Arguments& arguments,
             cudaStream_t stream) {
  cudaLaunchAttribute attribute{};
  const auto config = config_of(kernel, blocks, cluster, attribute, stream);
  std::array<void*, 1> parameters{&arguments};
  return check(cudaLaunchKernelExC(&config, kernel.function, parameters.data()),
               "starting the sparse product");
}

}  // namespace

int expected_clusters(const gyro_context& context, const Variant& variant) {
  return context.multiprocessors / variant.cluster;
}

Result<Launcher> Launcher::make(const Variant& variant, bool bf16, const gyro_context& context) {
  GYRO_CHECK(allow_shared_memory());
  Launcher out(variant, bf16);
  out.clusters_ = expected_clusters(context, variant);
  if (variant.cluster > 1) {
    GYRO_TRY(out.clusters_, resident_clusters(wide_kernel(variant, bf16), variant.cluster));
    if (out.clusters_ == 0) {
      return fail(ErrorCode::Unavailable, "no cluster of two blocks fits on the device");
    }
  }
  if (!variant.split_kept) return out;
  const auto blocks = static_cast<std::size_t>(out.clusters_);
  const auto sums =
      static_cast<std::size_t>(variant.rows) * static_cast<std::size_t>(variant.tokens);
  GYRO_TRY(const std::size_t left, memory_left(context));
  if (left < 8 * blocks * sums) {
    return fail(ErrorCode::TooLarge, "partial sums need more device memory than there is");
  }
  GYRO_TRY(out.partial_, DeviceArray<float>::make(2 * blocks * sums));
  // A warp's 16 rows of an item are counted by themselves.
  GYRO_TRY(out.arrived_,
           DeviceArray<std::int32_t>::make(blocks * static_cast<std::size_t>(variant.rows / 16)));
  GYRO_CHECK(out.arrived_.clear(context.stream));
  return out;
}

Status Launcher::launch(const DeviceImage& image, const SpmmOperands& operands,
                        cudaStream_t stream) const {
  return variant_.split_kept ? launch_split(image, operands, stream)
                             : launch_wide(image, operands, stream);
}

Status Launcher::launch_wide(const DeviceImage& image, const SpmmOperands& operands,
                             cudaStream_t stream) const {
  const Kernel kernel = wide_kernel(variant_, bf16_);
  Arguments arguments = arguments_of(image, operands);
  arguments.schedule =
      make_schedule({image.parts, image.stages, static_cast<int>(operands.tokens)},
                    {variant_.tokens, kernel.narrowest, variant_.cluster}, clusters_);
  const int blocks = std::min(clusters_, arguments.schedule.items) * variant_.cluster;
  return start(kernel, blocks, variant_.cluster, arguments, stream);
}

Status Launcher::launch_split(const DeviceImage& image, const SpmmOperands& operands,
                              cudaStream_t stream) const {
  const int tokens = static_cast<int>(operands.tokens);
  const double stages =
      std::ceil(static_cast<double>(tokens) / variant_.tokens) * image.parts * image.stages;
  if (stages > std::numeric_limits<std::int32_t>::max()) {
    return fail(ErrorCode::Unsupported, "the split kernel cannot count so many stages of work");
  }
  Arguments arguments = arguments_of(image, operands);
  arguments.partial = partial_.data();
  arguments.arrived = arrived_.data();
  arguments.schedule =
      make_split_schedule({image.parts, image.stages, tokens}, variant_.tokens, clusters_);
  return start(split_kernel(variant_, tokens, bf16_), arguments.schedule.shares, 1, arguments,
               stream);
}

}  // namespace gyro::cuda::sm90

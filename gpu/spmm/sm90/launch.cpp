#include "gpu/spmm/sm90/launch.hpp"

#include <algorithm>
#include <array>

#include "gpu/spmm/sm90/arguments.hpp"
#include "gpu/spmm/sm90/kernels.hpp"
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
  out.padded = image.padded;
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

/// Clusters that run at one time. A cluster lies within one GPC, and GPCs differ in size.
Result<int> resident_clusters(const gyro_context& context, const Kernel& kernel) {
  if (kernel.cluster == 1) return context.multiprocessors * kernel.blocks_per_multiprocessor;
  cudaLaunchAttribute attribute{};
  const auto config = config_of(kernel, context.multiprocessors / kernel.cluster * kernel.cluster,
                                kernel.cluster, attribute, nullptr);
  int clusters = 0;
  GYRO_CHECK(check(cudaOccupancyMaxActiveClusters(&clusters, kernel.function, &config),
                   "asking how many clusters fit"));
  if (clusters > 0) return clusters;
  return fail(ErrorCode::Unavailable, "no cluster of two blocks fits on the device");
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

int slices_for(int items, int stages, int slots) {
  int best = 1;
  double least = 1e300;
  for (int slices = 1; slices <= 8 && slices <= stages; slices *= 2) {
    const int rounds = (items * slices + slots - 1) / slots;
    // A round costs its stages and, for start, reduction and end, about eight more.
    const double cost = rounds * (static_cast<double>(stages) / slices + 8);
    if (cost < least) {
      least = cost;
      best = slices;
    }
  }
  return best;
}

Status launch(const gyro_context& context, const DeviceImage& image, Form form, bool bf16,
              const SpmmOperands& operands, cudaStream_t stream) {
  Arguments arguments = arguments_of(image, operands);
  const int tokens = static_cast<int>(operands.tokens);
  if (form == Form::Split) {
    const Kernel kernel = split_kernel(image.rows, tokens, bf16);
    const int items = image.parts * ((tokens + kernel.tokens - 1) / kernel.tokens);
    const int slices =
        slices_for(items, image.stages, context.multiprocessors * kernel.blocks_per_multiprocessor);
    arguments.schedule =
        make_split_schedule(image.parts, image.stages, tokens, kernel.tokens, slices);
    return start(kernel, arguments.schedule.items * slices, slices, arguments, stream);
  }
  const Kernel kernel = wide_kernel(image.rows, form == Form::Pair ? 2 : 1, bf16);
  GYRO_TRY(const int clusters, resident_clusters(context, kernel));
  arguments.schedule =
      make_schedule(image.parts, image.stages, tokens, kernel.tokens, kernel.cluster, clusters);
  const int blocks = std::min(clusters, arguments.schedule.items) * kernel.cluster;
  return start(kernel, blocks, kernel.cluster, arguments, stream);
}

Status allow_shared_memory() {
  const auto allow = [](const Kernel& kernel) {
    return check(cudaFuncSetAttribute(kernel.function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      kernel.shared_bytes),
                 "asking for shared memory");
  };
  for (const bool bf16 : {true, false}) {
    for (const int rows : {64, 128}) {
      GYRO_CHECK(allow(wide_kernel(rows, 1, bf16)));
      if (rows == 128) GYRO_CHECK(allow(wide_kernel(rows, 2, bf16)));
      for (const int tokens : {8, 16, 32, 64}) GYRO_CHECK(allow(split_kernel(rows, tokens, bf16)));
    }
  }
  return {};
}

}  // namespace gyro::cuda::sm90

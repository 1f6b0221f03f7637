#include "gpu/spmm/sm90/launch.hpp"

#include <algorithm>

#include "gpu/spmm/sm90/arguments.hpp"
#include "gpu/spmm/sm90/schedule.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Blocks of a split kernel on one multiprocessor; of the others, one.
constexpr int kSplitBlocks = 2;

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

ResidentClusters expected_clusters(const gyro_context& context, const Variant& variant) {
  ResidentClusters out{};
  const int blocks = context.multiprocessors * (variant.split_kept ? kSplitBlocks : 1);
  for (int size = 1; size <= kMostSlices; ++size) {
    out[static_cast<std::size_t>(size)] = size <= 2 ? blocks / size : blocks * 15 / (16 * size);
  }
  return out;
}

double split_rounds_us(const Variant& variant, int items, int stages, int slices,
                       const ResidentClusters& resident) {
  // Start, reduction and end of a round; a stage with a block on every multiprocessor, and the
  // least it takes a block alone. More blocks share the memory, and hide each other's pauses a
  // little.
  constexpr double kRound = 3.5;
  const double full_stage = variant.rows == 64 ? 0.27 : 0.45;
  const double lone_stage = variant.rows == 64 ? 0.25 : 0.37;
  constexpr double kSharing = 0.97;
  const int clusters = resident[static_cast<std::size_t>(slices)];
  if (clusters == 0) return 1e300;
  const int rounds = (items + clusters - 1) / clusters;
  const double at_once = std::min(items, clusters) * slices;
  const double multiprocessors = static_cast<double>(resident[1]) / kSplitBlocks;
  const double load = at_once / multiprocessors;
  const double stage = std::max(lone_stage, full_stage * load * (load > 1 ? kSharing : 1.0));
  return rounds * (kRound + stage * stages / slices);
}

int slices_for(const Variant& variant, int items, int stages, const ResidentClusters& resident) {
  int best = 1;
  double least = 1e300;
  for (int slices = 1; slices <= std::min(kMostSlices, stages); ++slices) {
    const double cost = split_rounds_us(variant, items, stages, slices, resident);
    if (cost >= least) continue;
    least = cost;
    best = slices;
  }
  return best;
}

Result<Launcher> Launcher::make(const Variant& variant, bool bf16, const gyro_context& context) {
  GYRO_CHECK(allow_shared_memory());
  Launcher out(variant, bf16);
  out.resident_ = expected_clusters(context, variant);
  const Kernel kernel =
      variant.split_kept ? split_kernel(variant, variant.tokens, bf16) : wide_kernel(variant, bf16);
  const int largest = variant.split_kept ? kMostSlices : variant.cluster;
  for (int size = 2; size <= largest; ++size) {
    GYRO_TRY(out.resident_[static_cast<std::size_t>(size)], resident_clusters(kernel, size));
  }
  if (out.resident_[static_cast<std::size_t>(variant.cluster)] > 0) return out;
  return fail(ErrorCode::Unavailable, "no cluster of two blocks fits on the device");
}

Status Launcher::launch(const DeviceImage& image, const SpmmOperands& operands,
                        cudaStream_t stream) const {
  return variant_.split_kept ? launch_split(image, operands, stream)
                             : launch_wide(image, operands, stream);
}

Status Launcher::launch_wide(const DeviceImage& image, const SpmmOperands& operands,
                             cudaStream_t stream) const {
  const Kernel kernel = wide_kernel(variant_, bf16_);
  const int clusters = resident_[static_cast<std::size_t>(variant_.cluster)];
  Arguments arguments = arguments_of(image, operands);
  arguments.schedule =
      make_schedule({image.parts, image.stages, static_cast<int>(operands.tokens)},
                    {variant_.tokens, kernel.narrowest, variant_.cluster}, clusters);
  const int blocks = std::min(clusters, arguments.schedule.items) * variant_.cluster;
  return start(kernel, blocks, variant_.cluster, arguments, stream);
}

Status Launcher::launch_split(const DeviceImage& image, const SpmmOperands& operands,
                              cudaStream_t stream) const {
  const int tokens = static_cast<int>(operands.tokens);
  const Kernel kernel = split_kernel(variant_, tokens, bf16_);
  const int items = image.parts * ((tokens + variant_.tokens - 1) / variant_.tokens);
  const int slices = slices_for(variant_, items, image.stages, resident_);
  Arguments arguments = arguments_of(image, operands);
  arguments.schedule =
      make_split_schedule({image.parts, image.stages, tokens}, variant_.tokens, slices);
  return start(kernel, items * slices, slices, arguments, stream);
}

}  // namespace gyro::cuda::sm90

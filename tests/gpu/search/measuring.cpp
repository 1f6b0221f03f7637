#include "tests/gpu/search/measuring.hpp"

#include <cuda_runtime_api.h>

#include <utility>

#include "core/sparsity/metrics.hpp"
#include "gpu/search/search.hpp"
#include "tests/gpu/search/synthetic.hpp"

namespace gyro::gpu_test {

gyro_context open_device() {
  gyro_context out;
  cudaDeviceProp properties{};
  cudaGetDeviceProperties(&properties, 0);
  out.capability = 10 * properties.major + properties.minor;
  out.multiprocessors = properties.multiProcessorCount;
  out.shared_memory = properties.sharedMemPerBlockOptin;
  cudaStreamCreateWithFlags(&out.stream, cudaStreamNonBlocking);
  return out;
}

Result<std::unique_ptr<MeasuredLayer>> measured_layer(const gyro_context& context, Matrix saliency,
                                                      int height) {
  auto out = std::make_unique<MeasuredLayer>();
  out->saliency = std::move(saliency);
  GYRO_TRY(out->shape,
           make_shape(static_cast<int>(out->saliency.rows()),
                      static_cast<int>(out->saliency.cols()), height, {2, 4}, make_fraction(3, 4)));
  const auto& s = out->shape;
  out->plain = {s.rows, s.cols, s.vector_size, s.nm.n, s.nm.m, s.kept};
  const auto size = static_cast<std::size_t>(out->saliency.size());
  GYRO_TRY(out->device, cuda::DeviceArray<float>::make(size));
  GYRO_CHECK(out->device.upload(out->saliency.data(), context.stream));
  GYRO_TRY(const auto scratch, cuda::DeviceArray<cuda::SaliencySums>::make(cuda::kSumBlocks));
  GYRO_TRY(out->sums, cuda::sum_saliency(out->device.data(), size, scratch.data(), context.stream));
  return out;
}

Result<Matrix> synthetic_saliency(const gyro_context& context, int rows, int cols,
                                  std::uint32_t seed) {
  Matrix out(rows, cols);
  GYRO_TRY(const auto device, cuda::DeviceArray<float>::make(static_cast<std::size_t>(out.size())));
  GYRO_CHECK(
      cuda::check(make_layer(device.data(), rows, cols, seed, context.stream), "making a layer"));
  GYRO_CHECK(device.download(out.data(), context.stream));
  return out;
}

Result<MeasuredRun> search_on_device(const gyro_context& context, const MeasuredLayer& layer,
                                     double seconds, std::uint64_t seed,
                                     const cuda::GyroscopeOptions& options) {
  const gyro_search search{"gyroscope", "{}", seed, seconds, -1, nullptr, nullptr};
  const cuda::SearchTime clock;
  GYRO_TRY(auto found, cuda::search_gyroscope(context, layer.device.data(), layer.sums, layer.plain,
                                              search, clock, nullptr, options));
  MeasuredRun out{0, found.steps, clock.seconds()};
  const Permutation permutation{std::move(found.orders.output_order),
                                std::move(found.orders.vector_index)};
  GYRO_CHECK(validate(permutation, layer.shape));
  out.kept = retained_saliency(view_of(layer.saliency), layer.shape, permutation);
  return out;
}

Result<MeasuredRun> search_from_host(gyro_context& context, const MeasuredLayer& layer,
                                     const gyro_search& search) {
  Permutation permutation;
  permutation.output_order.resize(static_cast<std::size_t>(layer.shape.rows));
  permutation.vector_index.resize(static_cast<std::size_t>(layer.shape.tiles()) *
                                  static_cast<std::size_t>(layer.shape.kept));
  gyro_found found{};
  found.output_order = permutation.output_order.data();
  found.vector_index = permutation.vector_index.data();
  gyro_failure failure{};
  const cuda::SearchTime clock;
  const auto status =
      cuda::search(&context, {layer.saliency.data(), layer.shape.rows, layer.shape.cols},
                   &layer.plain, &search, &found, nullptr, &failure);
  if (status != GYRO_OK) return fail(ErrorCode::Internal, failure.what);
  MeasuredRun out{0, found.steps, clock.seconds()};
  GYRO_CHECK(validate(permutation, layer.shape));
  out.kept = retained_saliency(view_of(layer.saliency), layer.shape, permutation);
  return out;
}

}  // namespace gyro::gpu_test

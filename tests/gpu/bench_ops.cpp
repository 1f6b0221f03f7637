// Times of the module's operations on the device alone, without the copies from and to the host,
// and of whole calls with them.

#include <fmt/format.h>

#include <chrono>
#include <numeric>
#include <vector>

#include "core/device/cpu_compute.hpp"
#include "core/sparsity/mask.hpp"
#include "gpu/ops/assign_kernels.hpp"
#include "gpu/ops/blas.hpp"
#include "gpu/ops/input_costs_kernels.hpp"
#include "gpu/ops/mask_kernels.hpp"
#include "gpu/ops/output_costs_kernels.hpp"
#include "gpu/ops/pruning_error_kernels.hpp"
#include "tests/core/random_layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"
#include "tests/gpu/timing.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

template <class T>
Result<cuda::DeviceArray<T>> on_device(const T* data, std::size_t size, cudaStream_t stream) {
  GYRO_TRY(auto out, cuda::DeviceArray<T>::make(size));
  GYRO_CHECK(out.upload(data, stream));
  GYRO_CHECK(cuda::check(cudaStreamSynchronize(stream), "copying to the device"));
  return out;
}

template <class T>
Result<cuda::DeviceArray<T>> on_device(const std::vector<T>& data, cudaStream_t stream) {
  return on_device(data.data(), data.size(), stream);
}

Result<cuda::DeviceArray<float>> on_device(const Matrix& data, cudaStream_t stream) {
  return on_device(data.data(), static_cast<std::size_t>(data.size()), stream);
}

/// Float operations a second that the card's cores can do: 128 fused multiply-adds a clock and
/// multiprocessor from compute capability 8.6 on and on 9.0, 64 on 8.0.
double float_limit(const gyro_context& context) {
  int kilohertz = 0;
  cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, context.device);
  const double lanes = context.capability == 80 ? 64 : 128;
  return 2 * lanes * context.multiprocessors * kilohertz * 1e3;
}

Status time_pruning_error(Report& report, gyro_context& context, int rows, int cols, int tokens) {
  const Matrix weight = testing::random_saliency(rows, cols, 1).array() - 0.25F;
  const Matrix inputs = testing::random_saliency(tokens, cols, 2).array() - 0.25F;
  const std::vector<std::uint8_t> bits(static_cast<std::size_t>(rows * ((cols + 7) / 8)), 0x33);
  const auto m = static_cast<std::size_t>(rows);
  const auto size = m * static_cast<std::size_t>(cols);
  GYRO_TRY(auto values, cuda::DeviceArray<float>::make(2 * size));
  GYRO_TRY(const auto mask, on_device(bits, context.stream));
  GYRO_TRY(const auto x, on_device(inputs, context.stream));
  GYRO_TRY(auto norms, cuda::DeviceArray<double>::make(4 * m));
  GYRO_TRY(auto exponents, cuda::DeviceArray<std::int32_t>::make(m));
  GYRO_TRY(auto products, cuda::DeviceArray<float>::make(2 * m * static_cast<std::size_t>(tokens)));
  GYRO_CHECK(cuda::check(
      cudaMemcpy(values.data(), weight.data(), size * sizeof(float), cudaMemcpyHostToDevice),
      "copying"));
  const cuda::PrunedRows pruned{values.data(), values.data() + size, mask.data(), rows, cols};
  const cuda::RowNorms weight_norms{norms.data(), norms.data() + m};
  const cuda::RowNorms output_norms{norms.data() + 2 * m, norms.data() + 3 * m};
  GYRO_TRY(const double split, median_ms(context.stream, 9, [&] {
             return cuda::split_rows(pruned, weight_norms, exponents.data(), context.stream);
           }));
  GYRO_TRY(const double multiply, median_ms(context.stream, 5, [&] {
             return cuda::row_products(context, values.data(), 2 * rows, x.data(), tokens, cols,
                                       products.data());
           }));
  GYRO_TRY(const double squares, median_ms(context.stream, 9, [&] {
             return cuda::add_squares(products.data(), rows, tokens, exponents.data(), 0,
                                      output_norms, context.stream);
           }));
  const double operations = 4.0 * rows * cols * tokens;
  const auto name = fmt::format("pruning error {}×{}, {} tokens", rows, cols, tokens);
  report.figure(name + ": mask and weight norms", split, "ms");
  report.figure(name + ": products", multiply, "ms");
  report.figure(name + ": output norms", squares, "ms");
  report.figure(name + ", on the device", split + multiply + squares, "ms");
  report.figure(name + ": products", operations / multiply * 1e-9, "TFLOP/s");
  report.figure(name + ": share of the float limit",
                100 * operations / (multiply * 1e-3) / float_limit(context), "%");
  return {};
}

struct Iteration {
  HinmShape shape;
  Matrix saliency;
  Permutation permutation;
};

Status time_output(Report& report, gyro_context& context, const Iteration& layer,
                   const float* values, int c) {
  const auto& shape = layer.shape;
  const int tiles = shape.tiles();
  std::vector<std::int32_t> rest;
  std::vector<std::int32_t> joining;
  for (int tile = 0; tile < tiles; ++tile) {
    for (int r = 0; r < shape.vector_size; ++r) {
      (r < c ? joining : rest).push_back(tile * shape.vector_size + r);
    }
  }
  const auto t = static_cast<std::size_t>(tiles);
  const auto cols = static_cast<std::size_t>(shape.cols);
  GYRO_TRY(const auto rest_rows, on_device(rest, context.stream));
  GYRO_TRY(const auto joining_rows, on_device(joining, context.stream));
  GYRO_TRY(auto sums, cuda::DeviceArray<double>::make(2 * t * cols));
  GYRO_TRY(auto costs, cuda::DeviceArray<double>::make(t * t));
  GYRO_TRY(auto columns, cuda::DeviceArray<std::int32_t>::make(t));
  double* joined = sums.data() + t * cols;
  GYRO_TRY(const double summing, median_ms(context.stream, 9, [&]() -> Status {
             GYRO_CHECK(cuda::sum_rows(values, rest_rows.data(), tiles, shape.vector_size - c,
                                       shape.cols, sums.data(), context.stream));
             return cuda::sum_rows(values, joining_rows.data(), tiles, c, shape.cols, joined,
                                   context.stream);
           }));
  GYRO_TRY(const double selecting, median_ms(context.stream, 9, [&] {
             return cuda::sums_of_smallest(sums.data(), tiles, joined, tiles, shape.cols,
                                           shape.cols - shape.kept, costs.data(), context.stream);
           }));
  GYRO_TRY(const double assigning, median_ms(context.stream, 9, [&] {
             return cuda::solve_batch(context,
                                      {costs.data(), columns.data(), nullptr, nullptr, 1, tiles});
           }));
  const auto name =
      fmt::format("output step {}×{} V{} c {}", shape.rows, shape.cols, shape.vector_size, c);
  report.figure(name + ": column sums", summing, "ms");
  report.figure(name + ": cost matrix", selecting, "ms");
  report.figure(name + ": assignment", assigning, "ms");
  return {};
}

/// The same assignments by the engine's own code on every thread of this machine.
Status time_cpu_assignment(Report& report, const std::string& name, int batch, int size,
                           const cuda::DeviceArray<double>& costs, cudaStream_t stream) {
  std::vector<double> host(costs.size());
  GYRO_CHECK(costs.download(host.data(), stream));
  Progress progress;
  const auto start = std::chrono::steady_clock::now();
  GYRO_TRY(const auto columns, CpuCompute().assign(batch, size, host, progress));
  report.figure(name + ": the assignments on the CPU's threads", ms_since(start), "ms");
  return {};
}

Status time_input(Report& report, gyro_context& context, const Iteration& layer,
                  const float* values) {
  const auto& shape = layer.shape;
  const auto tiles = static_cast<std::size_t>(shape.tiles());
  const auto groups = static_cast<std::size_t>(shape.groups());
  const auto part = static_cast<std::size_t>(shape.rows) * groups;
  RandomStream random(5, 0);
  std::vector<std::int32_t> slots(tiles * groups);
  for (auto& slot : slots) slot = static_cast<std::int32_t>(random.below(4));
  GYRO_TRY(const auto places, on_device(layer.permutation.output_order, context.stream));
  GYRO_TRY(const auto vectors, on_device(layer.permutation.vector_index, context.stream));
  GYRO_TRY(const auto given_slots, on_device(slots, context.stream));
  GYRO_TRY(auto best, cuda::DeviceArray<float>::make(part));
  GYRO_TRY(auto given, cuda::DeviceArray<float>::make(part));
  GYRO_TRY(auto tails, cuda::DeviceArray<double>::make(tiles * groups));
  GYRO_TRY(auto costs, cuda::DeviceArray<double>::make(tiles * groups * groups));
  GYRO_TRY(auto columns, cuda::DeviceArray<std::int32_t>::make(tiles * groups));
  const cuda::TileRows rows{values,     places.data(), vectors.data(),
                            shape.rows, shape.cols,    shape.vector_size,
                            shape.kept, shape.nm.n,    shape.nm.m};
  const cuda::GroupParts parts{best.data(), given.data(), tails.data()};
  GYRO_TRY(const double splitting, median_ms(context.stream, 9, [&] {
             return cuda::split_groups(rows, given_slots.data(), 1, parts, context.stream);
           }));
  GYRO_TRY(const double joining, median_ms(context.stream, 9, [&] {
             return cuda::join_groups(parts, shape.tiles(), shape.vector_size, shape.groups(), 0,
                                      shape.groups(), 1, costs.data(), context.stream);
           }));
  GYRO_TRY(const double assigning, median_ms(context.stream, 5, [&] {
             return cuda::solve_batch(context, {costs.data(), columns.data(), nullptr, nullptr,
                                                shape.tiles(), shape.groups()});
           }));
  const auto name = fmt::format("input step {}×{} V{}", shape.rows, shape.cols, shape.vector_size);
  report.figure(name + ": splitting groups", splitting, "ms");
  report.figure(name + ": cost matrices", joining, "ms");
  report.figure(name + ": assignments", assigning, "ms");
  report.figure(name + ", all tiles, cost and assignment", splitting + joining + assigning, "ms");
  return time_cpu_assignment(report, name, shape.tiles(), shape.groups(), costs, context.stream);
}

Status time_mask(Report& report, gyro_context& context, const Iteration& layer,
                 const float* values) {
  const auto& shape = layer.shape;
  const auto words = static_cast<std::size_t>((shape.cols + 31) / 32);
  const auto m = static_cast<std::size_t>(shape.rows);
  GYRO_TRY(const auto places, on_device(layer.permutation.output_order, context.stream));
  GYRO_TRY(const auto vectors, on_device(layer.permutation.vector_index, context.stream));
  GYRO_TRY(auto bits, cuda::DeviceArray<std::uint32_t>::make(m * words));
  GYRO_TRY(auto sums, cuda::DeviceArray<double>::make(m));
  const cuda::TileRows rows{values,     places.data(), vectors.data(),
                            shape.rows, shape.cols,    shape.vector_size,
                            shape.kept, shape.nm.n,    shape.nm.m};
  GYRO_TRY(const double building, median_ms(context.stream, 9, [&] {
             return cuda::keep_largest(rows, bits.data(), context.stream);
           }));
  GYRO_TRY(const double summing, median_ms(context.stream, 9, [&] {
             return cuda::sum_kept(rows, bits.data(), sums.data(), context.stream);
           }));
  report.figure(fmt::format("mask {}×{}: bits", shape.rows, shape.cols), building, "ms");
  report.figure(fmt::format("mask {}×{}: retained saliency", shape.rows, shape.cols), summing,
                "ms");
  return {};
}

Status time_iteration(Report& report, gyro_context& context, int rows, int cols, int vector_size) {
  Iteration layer{
      {rows, cols, vector_size, {2, 4}, cols / 2}, testing::random_saliency(rows, cols, 3), {}};
  layer.permutation = identity_permutation(view_of(layer.saliency), layer.shape);
  GYRO_TRY(const auto values, on_device(layer.saliency, context.stream));
  GYRO_CHECK(time_output(report, context, layer, values.data(), 1));
  GYRO_CHECK(time_output(report, context, layer, values.data(), 8));
  GYRO_CHECK(time_input(report, context, layer, values.data()));
  return time_mask(report, context, layer, values.data());
}

Status time_all(Report& report, gyro_context& context) {
  if (report.small()) return time_iteration(report, context, 256, 256, 32);
  GYRO_CHECK(time_iteration(report, context, 4096, 4096, 64));
  GYRO_CHECK(time_iteration(report, context, 4096, 4096, 32));
  GYRO_CHECK(time_iteration(report, context, 4096, 11008, 64));
  return time_pruning_error(report, context, 11008, 4096, 4096);
}

/// Whole calls through the C interface, with the copies of pageable memory.
void time_calls(Report& report) {
  const Context context = open_context();
  const int rows = report.small() ? 256 : 11008;
  const int cols = report.small() ? 256 : 4096;
  const Matrix weight = testing::random_saliency(rows, cols, 1).array() - 0.25F;
  const Matrix inputs = testing::random_saliency(cols, cols, 2).array() - 0.25F;
  const std::vector<std::uint8_t> bits(static_cast<std::size_t>(rows * ((cols + 7) / 8)), 0x33);
  std::vector<double> sums(static_cast<std::size_t>(4 * rows));
  gyro_row_errors out{sums.data(), sums.data() + rows, sums.data() + 2 * rows,
                      sums.data() + 3 * rows};
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const Answer answer = ask(module_table().pruning_error, context.get(), matrix_of(weight),
                              bits.data(), matrix_of(inputs), &out, nullptr);
    const double ms = ms_since(start);
    report.figure(fmt::format("whole call pruning_error {}×{}, {} tokens, run {}{}", rows, cols,
                              cols, i + 1, answer.ok() ? "" : answer.what),
                  ms, "ms");
  }
}

}  // namespace

int main(int argc, char** argv) {
  Report report("bench_ops", argc, argv);
  const Context opened = open_context();
  auto& context = *opened;
  report.group("operations are timed");
  const Status done = time_all(report, context);
  report.expect(done.has_value(), done ? "" : done.error().text());
  time_calls(report);
  return report.finish();
}

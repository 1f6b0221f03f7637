#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/model/folding.hpp"
#include "gpu/module/devices.hpp"
#include "gpu/spmm/spmm.hpp"
#include "tests/core/random_layers.hpp"

// Chains of layers, each permuted on its own, on the device: output orders are folded into the next
// layer's vector index, nothing is translated at run time, and the result is that of the dense
// masked layers. Then the time of a permuted layer beside one in original order.

using namespace gyro;
using namespace gyro::testing;

namespace {

using Bits = std::vector<std::uint16_t>;

Matrix random_weight(int rows, int cols, std::uint64_t seed) {
  Matrix out = random_saliency(rows, cols, seed);
  for (Eigen::Index i = 0; i < out.size(); i += 2) out.data()[i] *= -1;
  return out;
}

/// A packed bfloat16 layer with its own random permutation.
struct TestLayer {
  PackedLayer packed;
  Matrix masked;

  TestLayer(int rows, int cols, std::uint64_t seed,
            const std::vector<std::int32_t>& shared_order = {}) {
    const auto shape = make_shape(rows, cols, 128, {2, 4}, {3, 4}).value();
    Permutation permutation = random_permutation(shape, seed);
    if (!shared_order.empty()) permutation.output_order = shared_order;
    const Matrix weight = random_weight(rows, cols, seed);
    const Matrix saliency = weight.cwiseAbs();
    const Mask mask = build_mask(view_of(saliency), shape, permutation);
    packed = pack(view_of(weight), mask, shape, permutation, PackedType::BF16).value();
    masked = unpack(packed).value();
  }

  [[nodiscard]] const std::vector<std::int32_t>& order() const {
    return packed.permutation.output_order;
  }
  [[nodiscard]] ProducerOutput output() const { return {packed.shape.rows, order()}; }
};

gyro_packed view_for_device(const PackedLayer& layer) {
  const HinmShape& s = layer.shape;
  const auto& values = std::get<std::vector<Eigen::bfloat16>>(layer.values);
  return {{s.rows, s.cols, s.vector_size, s.nm.n, s.nm.m, s.kept},
          GYRO_BF16,
          layer.permutation.output_order.data(),
          layer.permutation.vector_index.data(),
          reinterpret_cast<const std::uint16_t*>(values.data()),
          layer.metadata.data(),
          nullptr};
}

using Half = Eigen::Matrix<Eigen::bfloat16, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The layer on the device with its inputs at `positions`; `x` and the result are bfloat16.
Half run(gyro_context& context, const TestLayer& layer, const ChannelPositions& positions,
         const Half& x, std::int32_t row_order) {
  const PackedLayer folded = fold_inputs(layer.packed, positions).value();
  const gyro_packed view = view_for_device(folded);
  const gyro_spmm_options options{row_order, nullptr};
  Half out(layer.packed.shape.rows, x.cols());
  gyro_failure failure{};
  const auto status = cuda::spmm(&context, &view, reinterpret_cast<const std::uint16_t*>(x.data()),
                                 x.cols(), &options, reinterpret_cast<std::uint16_t*>(out.data()),
                                 nullptr, nullptr, &failure);
  if (status != GYRO_OK) {
    fmt::print("FAIL {}\n", failure.what);
    out.setConstant(Eigen::bfloat16(std::numeric_limits<float>::quiet_NaN()));
  }
  return out;
}

/// What the dense masked layer gives, rounded where the device rounds.
Half dense(const TestLayer& layer, const Half& x) {
  return (layer.masked * x.cast<float>()).cast<Eigen::bfloat16>();
}

Half relu(const Half& x) {
  return x.cast<float>().cwiseMax(0.F).cast<Eigen::bfloat16>();
}

Half sum(const Half& a, const Half& b) {
  return (a.cast<float>() + b.cast<float>()).cast<Eigen::bfloat16>();
}

ChannelPositions unmoved(int channels) {
  return positions_of({channels, {}}).value();
}

/// Sums in another order round an activation to the next bfloat16 now and then: 2⁻⁸ of it.
int agree(const char* name, const Half& found, const Half& expected) {
  const Matrix difference = found.cast<float>() - expected.cast<float>();
  const double error = difference.norm() / expected.cast<float>().norm();
  const bool good = error < 4e-3;
  fmt::print("{} {}: relative error {:.2e}\n", good ? "ok" : "FAIL", name, error);
  return good ? 0 : 1;
}

int two_layers(gyro_context& context) {
  const TestLayer first(384, 200, 1);
  const TestLayer second(256, 384, 2);
  const Half x = random_weight(200, 100, 3).cast<Eigen::bfloat16>();
  const Half hidden = relu(run(context, first, unmoved(200), x, GYRO_PERMUTED_ROWS));
  const Half found =
      run(context, second, positions_of(first.output()).value(), hidden, GYRO_ORIGINAL_ROWS);
  return agree("two layers", found, dense(second, relu(dense(first, x))));
}

int three_layers(gyro_context& context) {
  const TestLayer first(384, 200, 4);
  const TestLayer second(512, 384, 5);
  const TestLayer third(128, 512, 6);
  const Half x = random_weight(200, 333, 7).cast<Eigen::bfloat16>();
  const Half a = relu(run(context, first, unmoved(200), x, GYRO_PERMUTED_ROWS));
  const Half b =
      relu(run(context, second, positions_of(first.output()).value(), a, GYRO_PERMUTED_ROWS));
  const Half c = run(context, third, positions_of(second.output()).value(), b, GYRO_ORIGINAL_ROWS);
  return agree("three layers", c, dense(third, relu(dense(second, relu(dense(first, x))))));
}

int residual(gyro_context& context) {
  const TestLayer first(384, 200, 8);
  const TestLayer branch(384, 384, 9, first.order());
  const TestLayer last(256, 384, 10);
  const Half x = random_weight(200, 64, 11).cast<Eigen::bfloat16>();
  const Half skip = run(context, first, unmoved(200), x, GYRO_PERMUTED_ROWS);
  const Half added =
      run(context, branch, positions_of(first.output()).value(), relu(skip), GYRO_PERMUTED_ROWS);
  const std::vector<ProducerOutput> summands{first.output(), branch.output()};
  const Half found =
      run(context, last, positions_of_sum(summands).value(), sum(skip, added), GYRO_ORIGINAL_ROWS);
  const Half skipped = dense(first, x);
  return agree("residual with a shared order", found,
               dense(last, sum(skipped, dense(branch, relu(skipped)))));
}

/// Median microseconds of one product, back to back.
Result<double> time_of(const gyro_context& context, const PackedLayer& layer,
                       std::int32_t row_order, std::int64_t tokens) {
  const gyro_packed view = view_for_device(layer);
  GYRO_TRY(const auto ready, cuda::SpmmLayer::make(context, view, tokens));
  const auto elements = static_cast<std::size_t>(tokens);
  const auto rows = static_cast<std::size_t>(layer.shape.rows);
  const auto cols = static_cast<std::size_t>(layer.shape.cols);
  GYRO_TRY(const auto b, cuda::DeviceArray<std::uint16_t>::make(cols * elements));
  GYRO_TRY(const auto c, cuda::DeviceArray<std::uint16_t>::make(rows * elements));
  GYRO_CHECK(cuda::check(cudaMemsetAsync(b.data(), 0x3C, cols * elements * 2, context.stream),
                         "filling B"));
  const cuda::SpmmOperands operands{b.data(), tokens, c.data(), tokens, tokens, row_order};
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  GYRO_CHECK(cuda::check(cudaEventCreate(&begin), "making an event"));
  GYRO_CHECK(cuda::check(cudaEventCreate(&end), "making an event"));
  std::vector<float> samples;
  for (int i = 0; i < 40; ++i) {
    cudaEventRecord(begin, context.stream);
    GYRO_CHECK(ready.launch(operands, context.stream));
    cudaEventRecord(end, context.stream);
    GYRO_CHECK(cuda::check(cudaEventSynchronize(end), "waiting for the device"));
    float milliseconds = 0;
    cudaEventElapsedTime(&milliseconds, begin, end);
    if (i >= 5) samples.push_back(milliseconds * 1000);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  std::nth_element(samples.begin(), samples.begin() + 17, samples.end());
  return double{samples[17]};
}

/// A layer of no order at all, the same with a random output order behind a random producer, and
/// with rows scattered back.
int times(const gyro_context& context) {
  constexpr std::int64_t tokens = 2048;
  const auto shape = make_shape(2048, 2048, 128, {2, 4}, {3, 4}).value();
  const Matrix weight = random_weight(2048, 2048, 12);
  const Matrix saliency = weight.cwiseAbs();
  const auto packed = [&](const Permutation& permutation) {
    return pack(view_of(weight), build_mask(view_of(saliency), shape, permutation), shape,
                permutation, PackedType::BF16)
        .value();
  };
  const PackedLayer plain = packed(identity_permutation(view_of(saliency), shape));
  const PackedLayer permuted = packed(random_permutation(shape, 13));
  const auto producer = random_permutation(shape, 14).output_order;
  const PackedLayer folded = fold_inputs(permuted, positions_of({2048, producer}).value()).value();
  const auto identity_us = time_of(context, plain, GYRO_PERMUTED_ROWS, tokens);
  const auto folded_us = time_of(context, folded, GYRO_PERMUTED_ROWS, tokens);
  const auto scattered_us = time_of(context, folded, GYRO_ORIGINAL_ROWS, tokens);
  if (!identity_us || !folded_us || !scattered_us) return 1;
  fmt::print(
      "2048x2048x2048, V 128, 75 %: identity {:.1f} us, permuted and folded {:.1f} us, rows "
      "scattered back {:.1f} us\n",
      *identity_us, *folded_us, *scattered_us);
  return 0;
}

}  // namespace

int main() {
  gyro_context* context = nullptr;
  gyro_failure failure{};
  if (cuda::open(0, 0, &context, &failure) != GYRO_OK) {
    fmt::print("skipped: {}\n", failure.what);
    return 77;
  }
  const int failures =
      two_layers(*context) + three_layers(*context) + residual(*context) + times(*context);
  cuda::close(context);
  return failures == 0 ? 0 : 1;
}

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/model/folding.hpp"
#include "gpu/module/devices.hpp"
#include "gpu/spmm/spmm.hpp"
#include "tests/core/random_layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

// Chains of layers, each permuted on its own, on the device: output orders are folded into the next
// layer's vector index, nothing is translated at run time, and the result is that of the dense
// masked layers. Then the time of a permuted layer beside one in original order.

using namespace gyro;
using namespace gyro::gpu_test;
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

double relative_error(const Half& found, const Half& expected) {
  const Matrix difference = found.cast<float>() - expected.cast<float>();
  return difference.norm() / expected.cast<float>().norm();
}

double two_layers(gyro_context& context) {
  const TestLayer first(384, 200, 1);
  const TestLayer second(256, 384, 2);
  const Half x = random_weight(200, 100, 3).cast<Eigen::bfloat16>();
  const Half hidden = relu(run(context, first, unmoved(200), x, GYRO_PERMUTED_ROWS));
  const Half found =
      run(context, second, positions_of(first.output()).value(), hidden, GYRO_ORIGINAL_ROWS);
  return relative_error(found, dense(second, relu(dense(first, x))));
}

double three_layers(gyro_context& context) {
  const TestLayer first(256, 200, 4);
  const TestLayer second(384, 256, 5);
  const TestLayer third(128, 384, 6);
  const Half x = random_weight(200, 333, 7).cast<Eigen::bfloat16>();
  const Half a = relu(run(context, first, unmoved(200), x, GYRO_PERMUTED_ROWS));
  const Half b =
      relu(run(context, second, positions_of(first.output()).value(), a, GYRO_PERMUTED_ROWS));
  const Half c = run(context, third, positions_of(second.output()).value(), b, GYRO_ORIGINAL_ROWS);
  return relative_error(c, dense(third, relu(dense(second, relu(dense(first, x))))));
}

double residual(gyro_context& context) {
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
  return relative_error(found, dense(last, sum(skipped, dense(branch, relu(skipped)))));
}

/// A layer on the device with B and C, to be timed in turns with others.
struct TimedLayer {
  cuda::SpmmLayer layer;
  cuda::DeviceArray<std::uint16_t> b;
  cuda::DeviceArray<std::uint16_t> c;
  cuda::SpmmOperands operands;
  std::vector<float> microseconds;

  static Result<TimedLayer> make(const gyro_context& context, const PackedLayer& packed,
                                 std::int32_t row_order, std::int64_t tokens) {
    const gyro_packed view = view_for_device(packed);
    GYRO_TRY(auto layer, cuda::SpmmLayer::make(context, view, tokens));
    const auto b_size = static_cast<std::size_t>(packed.shape.cols * tokens);
    const auto c_size = static_cast<std::size_t>(packed.shape.rows * tokens);
    GYRO_TRY(auto b, cuda::DeviceArray<std::uint16_t>::make(b_size));
    GYRO_TRY(auto c, cuda::DeviceArray<std::uint16_t>::make(c_size));
    GYRO_CHECK(
        cuda::check(cudaMemsetAsync(b.data(), 0x3C, b_size * 2, context.stream), "filling B"));
    const cuda::SpmmOperands operands{b.data(), tokens, c.data(), tokens, tokens, row_order};
    return TimedLayer{std::move(layer), std::move(b), std::move(c), operands, {}};
  }

  Status sample(const gyro_context& context, cudaEvent_t begin, cudaEvent_t end) {
    GYRO_CHECK(cuda::check(cudaEventRecord(begin, context.stream), "recording an event"));
    GYRO_CHECK(layer.launch(operands, context.stream));
    GYRO_CHECK(cuda::check(cudaEventRecord(end, context.stream), "recording an event"));
    GYRO_CHECK(cuda::check(cudaEventSynchronize(end), "waiting for the device"));
    float milliseconds = 0;
    GYRO_CHECK(cuda::check(cudaEventElapsedTime(&milliseconds, begin, end), "reading the time"));
    microseconds.push_back(milliseconds * 1000);
    return {};
  }

  [[nodiscard]] double median() {
    const auto middle = microseconds.begin() + static_cast<std::ptrdiff_t>(microseconds.size() / 2);
    std::nth_element(microseconds.begin(), middle, microseconds.end());
    return *middle;
  }
};

/// A layer of no order at all, the same with a random output order behind a random producer, and
/// with rows scattered back, in turns.
Status times(const gyro_context& context, Report& report) {
  constexpr std::int64_t kTokens = 2048;
  constexpr int kWarmUp = 10;
  constexpr int kSamples = 101;
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
  GYRO_TRY(auto identity, TimedLayer::make(context, plain, GYRO_PERMUTED_ROWS, kTokens));
  GYRO_TRY(auto chained, TimedLayer::make(context, folded, GYRO_PERMUTED_ROWS, kTokens));
  GYRO_TRY(auto scattered, TimedLayer::make(context, folded, GYRO_ORIGINAL_ROWS, kTokens));
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  GYRO_CHECK(cuda::check(cudaEventCreate(&begin), "making an event"));
  GYRO_CHECK(cuda::check(cudaEventCreate(&end), "making an event"));
  for (int i = 0; i < kWarmUp + kSamples; ++i) {
    for (TimedLayer* const layer : {&identity, &chained, &scattered}) {
      if (i == kWarmUp) layer->microseconds.clear();
      GYRO_CHECK(layer->sample(context, begin, end));
    }
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  const std::string name = "2048×2048×2048 V128 75 %, ";
  report.figure(name + "identity", identity.median(), "us");
  report.figure(name + "permuted and folded", chained.median(), "us");
  report.figure(name + "rows scattered back", scattered.median(), "us");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_chain", argc, argv);
  gyro_context* context = nullptr;
  gyro_failure failure{};
  if (cuda::open(0, 0, &context, &failure) != GYRO_OK) skip(failure.what);
  // Sums in another order round an activation to the next bfloat16 now and then: 2⁻⁸ of it.
  report.group("chains beside dense masked layers", 4e-3);
  report.error(two_layers(*context), "two layers");
  report.error(three_layers(*context), "three layers");
  report.error(residual(*context), "residual with a shared order");
  if (!report.small()) {
    const auto timed = times(*context, report);
    report.expect(timed.has_value(), timed ? "" : timed.error().text());
  }
  cuda::close(context);
  return report.finish();
}

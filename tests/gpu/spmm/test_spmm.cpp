#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include "core/sparsity/packed.hpp"
#include "gpu/module/devices.hpp"
#include "gpu/spmm/select.hpp"
#include "gpu/spmm/spmm.hpp"
#include "tests/gpu/spmm/random_packed.hpp"
#include "tests/gpu/spmm/reference.hpp"

// Every kernel of the sparse product against sums in double, over random shapes; packed layers that
// must be refused. `test_spmm [CASES [SEED]]`; a small number of cases is for compute-sanitizer.

using namespace gyro;
using namespace gyro::testing;

namespace {

constexpr std::int64_t kGuard = 4096;  ///< entries before and after B and C

struct Case {
  HinmShape shape;
  std::int32_t type = GYRO_BF16;
  std::int64_t tokens = 1;
  std::int64_t extra_pitch = 0;
  bool bias = false;
  std::int32_t row_order = GYRO_ORIGINAL_ROWS;
  std::uint64_t seed = 0;

  [[nodiscard]] std::string text() const {
    return fmt::format("{}x{} V{} {} kept {} tokens {} +{} {}{}{}", shape.rows, shape.cols,
                       shape.vector_size, shape.nm.text(), shape.kept, tokens, extra_pitch,
                       type == GYRO_BF16 ? "bf16" : "fp16", bias ? " bias" : "",
                       row_order == GYRO_PERMUTED_ROWS ? " permuted" : "");
  }
};

Case random_case(std::uint64_t seed, bool small) {
  RandomStream random(seed, 0xca5e);
  const int sizes[]{16, 32, 64, 64, 128, 128, 128, 256, 192};
  Case out;
  out.seed = seed;
  const int vector_size = sizes[random.below(std::size(sizes))];
  const int most_rows = small ? 256 : 1024;
  const int tiles = 1 + static_cast<int>(random.below(
                            static_cast<std::uint32_t>(std::max(1, most_rows / vector_size))));
  // Now and then many tokens: more work than runs at one time.
  const bool wide = !small && seed % 20 == 0;
  const int cols = 4 + static_cast<int>(random.below(small || wide ? 300 : 1500));
  const int kept = 4 * (1 + static_cast<int>(random.below(static_cast<std::uint32_t>(cols / 4))));
  out.shape = {tiles * vector_size, cols, vector_size, {2, 4}, kept};
  if (random.below(12) == 0) out.shape.nm = {1, 4};
  const std::uint32_t most_tokens[]{8, 64, 300, small ? 300U : 1400U};
  out.tokens = 1 + random.below(most_tokens[random.below(4)]);
  if (wide) out.tokens = 8000 + random.below(12000);
  if (random.below(3) == 0) out.tokens = (out.tokens + 63) / 64 * 64;
  out.extra_pitch = 8 * static_cast<std::int64_t>(random.below(3));
  out.type = random.below(3) == 0 ? GYRO_FP16 : GYRO_BF16;
  out.bias = random.below(2) == 0;
  out.row_order = random.below(2) == 0 ? GYRO_ORIGINAL_ROWS : GYRO_PERMUTED_ROWS;
  return out;
}

/// The packed layer on the device as it is, for the reference.
struct OnDevice {
  cuda::DeviceArray<std::int32_t> order;
  cuda::DeviceArray<std::int32_t> index;
  cuda::DeviceArray<std::uint16_t> values;
  cuda::DeviceArray<std::uint16_t> metadata;
  cuda::DeviceArray<float> bias;
  cuda::PackedOnDevice packed;
};

template <class T>
Status copy(const std::vector<T>& from, cuda::DeviceArray<T>& to, cudaStream_t stream) {
  GYRO_TRY(to, cuda::DeviceArray<T>::make(from.size()));
  return from.empty() ? Status{} : to.upload(from.data(), stream);
}

Status put(const RandomPacked& packed, OnDevice& out, cudaStream_t stream) {
  GYRO_CHECK(copy(packed.permutation.output_order, out.order, stream));
  GYRO_CHECK(copy(packed.permutation.vector_index, out.index, stream));
  GYRO_CHECK(copy(packed.values, out.values, stream));
  GYRO_CHECK(copy(packed.metadata, out.metadata, stream));
  GYRO_CHECK(copy(packed.bias, out.bias, stream));
  out.packed = {packed.shape,      packed.type,         out.order.data(), out.index.data(),
                out.values.data(), out.metadata.data(), out.bias.data()};
  return cuda::check(cudaStreamSynchronize(stream), "copying the packed layer");
}

/// B with NaN around, C all NaN, both between guards.
struct Operands {
  cuda::DeviceArray<std::uint16_t> b;
  cuda::DeviceArray<std::uint16_t> c;
  cuda::SpmmOperands view;

  static Result<Operands> make(const Case& one, cudaStream_t stream) {
    const std::int64_t pitch = (one.tokens + 7) / 8 * 8 + one.extra_pitch;
    const auto b_size = static_cast<std::size_t>(one.shape.cols * pitch + 2 * kGuard);
    const auto c_size = static_cast<std::size_t>(one.shape.rows * pitch + 2 * kGuard);
    Operands out;
    GYRO_TRY(out.b, cuda::DeviceArray<std::uint16_t>::make(b_size));
    GYRO_TRY(out.c, cuda::DeviceArray<std::uint16_t>::make(c_size));
    GYRO_CHECK(cuda::check(cudaMemsetAsync(out.b.data(), 0xFF, b_size * 2, stream), "poisoning"));
    GYRO_CHECK(cuda::check(cudaMemsetAsync(out.c.data(), 0xFF, c_size * 2, stream), "poisoning"));
    out.view = {out.b.data() + kGuard, pitch, out.c.data() + kGuard, pitch, one.tokens,
                one.row_order};
    GYRO_CHECK(fill_random(out.b.data() + kGuard, one.shape.cols, one.tokens, pitch, one.type,
                           one.seed, stream));
    return out;
  }
};

struct Tally {
  int runs = 0;
  int failures = 0;
  double worst = 0;
};

Status run_case(const gyro_context& context, const Case& one, std::map<std::string, Tally>& tally) {
  const RandomPacked packed(one.shape, one.type, one.bias, one.seed);
  OnDevice device;
  GYRO_CHECK(put(packed, device, context.stream));
  const gyro_packed view = packed.view();
  for (const auto paths : {cuda::sm90_paths(), cuda::sm80_paths(), cuda::general_paths()}) {
    for (const auto& path : paths) {
      if (!path.fits(context, one.shape)) continue;
      GYRO_TRY(const auto layer, cuda::SpmmLayer::make(context, view, one.tokens, path.name));
      GYRO_TRY(const auto operands, Operands::make(one, context.stream));
      GYRO_CHECK(layer.launch(operands.view, context.stream));
      GYRO_TRY(const Verdict verdict, judge(device.packed, operands.view, kGuard, context.stream));
      Tally& count = tally[layer.path()];
      ++count.runs;
      count.worst = std::max(count.worst, verdict.worst);
      if (verdict.wrong + verdict.overwritten == 0) continue;
      ++count.failures;
      fmt::print("FAIL {}: {}: {} wrong, {} written outside, worst {:.3g}\n", layer.path(),
                 one.text(), verdict.wrong, verdict.overwritten, verdict.worst);
    }
  }
  return {};
}

int sweep(const gyro_context& context, int cases, std::uint64_t seed) {
  std::map<std::string, Tally> tally;
  for (int i = 0; i < cases; ++i) {
    const Case one = random_case(seed + static_cast<std::uint64_t>(i), cases < 50);
    if (auto done = run_case(context, one, tally); !done) {
      fmt::print("FAIL {}: {}\n", one.text(), done.error().text());
      return 1;
    }
  }
  int failures = 0;
  for (const auto& [path, count] : tally) {
    fmt::print("{:16} {:5} runs, {} failed, worst error {:.3f} of the tolerance\n", path,
               count.runs, count.failures, count.worst);
    failures += count.failures;
  }
  return failures;
}

/// Packed layers, operands and options that must come back as a clear failure.
int refusals(gyro_context& context) {
  const RandomPacked good({256, 96, 64, {2, 4}, 48}, GYRO_BF16, true, 5);
  std::vector<std::uint16_t> b(96 * 10, 0);
  std::vector<std::uint16_t> c(256 * 10, kPoison);
  int failures = 0;
  const auto refuse = [&](const char* name, std::int32_t status, const std::string& path,
                          const std::function<void(RandomPacked&, gyro_packed&)>& spoil) {
    RandomPacked bad = good;
    gyro_packed view = bad.view();
    spoil(bad, view);
    const gyro_spmm_options options{GYRO_ORIGINAL_ROWS, path.empty() ? nullptr : path.c_str()};
    gyro_failure failure{};
    const std::int32_t found =
        cuda::spmm(&context, &view, b.data(), 10, &options, c.data(), nullptr, nullptr, &failure);
    const bool untouched =
        std::all_of(c.begin(), c.end(), [](std::uint16_t entry) { return entry == kPoison; });
    if (found == status && failure.what[0] != '\0' && untouched) return;
    fmt::print("FAIL refusal of {}: status {} '{}'\n", name, found, failure.what);
    ++failures;
  };
  const auto argument = GYRO_FAIL_ARGUMENT;
  refuse("an index out of range", argument, "",
         [](RandomPacked& p, gyro_packed&) { p.permutation.vector_index[7] = 96; });
  refuse("a negative index", argument, "",
         [](RandomPacked& p, gyro_packed&) { p.permutation.vector_index[7] = -1; });
  refuse("an index twice", argument, "", [](RandomPacked& p, gyro_packed&) {
    p.permutation.vector_index[7] = p.permutation.vector_index[8];
  });
  refuse("a row twice", argument, "", [](RandomPacked& p, gyro_packed&) {
    p.permutation.output_order[0] = p.permutation.output_order[1];
  });
  for (const std::uint16_t nibble : {0x0, 0x5, 0xA, 0xF, 0x1, 0x6}) {
    refuse("an illegal metadata nibble", argument, "", [&](RandomPacked& p, gyro_packed&) {
      p.metadata[20] = static_cast<std::uint16_t>((p.metadata[20] & 0xFF0FU) | nibble << 4);
    });
  }
  refuse("a type that is none", argument, "", [](RandomPacked&, gyro_packed& v) { v.type = 7; });
  refuse("more kept than columns", argument, "",
         [](RandomPacked&, gyro_packed& v) { v.shape.kept = 100; });
  refuse("rows that V does not divide", argument, "",
         [](RandomPacked&, gyro_packed& v) { v.shape.vector_size = 60; });
  refuse("no values", argument, "", [](RandomPacked&, gyro_packed& v) { v.values = nullptr; });
  refuse("an unknown kernel", argument, "sm12/v1", [](RandomPacked&, gyro_packed&) {});
  refuse("a kernel for other tiles", GYRO_FAIL_UNSUPPORTED, "sm90/v128",
         [](RandomPacked&, gyro_packed&) {});
  return failures;
}

/// The entry point itself: host memory, an odd number of tokens, the report.
int entry_point(gyro_context& context) {
  const RandomPacked packed({256, 100, 128, {2, 4}, 52}, GYRO_BF16, true, 11);
  constexpr std::int64_t tokens = 37;
  Case one{packed.shape, packed.type, tokens, 0, true, GYRO_ORIGINAL_ROWS, 3};
  const auto operands = Operands::make(one, context.stream);
  if (!operands) return 1;
  std::vector<std::uint16_t> b(100 * tokens);
  std::vector<std::uint16_t> c(256 * tokens, kPoison);
  const std::int64_t pitch = operands->view.ldb;
  if (cudaStreamSynchronize(context.stream) != cudaSuccess) return 1;
  cudaMemcpy2D(b.data(), tokens * 2, operands->view.b, static_cast<std::size_t>(pitch) * 2,
               tokens * 2, 100, cudaMemcpyDeviceToHost);
  const gyro_packed view = packed.view();
  gyro_spmm_report report{};
  gyro_failure failure{};
  if (cuda::spmm(&context, &view, b.data(), tokens, nullptr, c.data(), &report, nullptr,
                 &failure) != GYRO_OK) {
    fmt::print("FAIL entry point: {}\n", failure.what);
    return 1;
  }
  cudaMemcpy2D(operands->view.c, static_cast<std::size_t>(pitch) * 2, c.data(), tokens * 2,
               tokens * 2, 256, cudaMemcpyHostToDevice);
  OnDevice device;
  if (!put(packed, device, context.stream)) return 1;
  const auto verdict = judge(device.packed, operands->view, kGuard, context.stream);
  const bool right = verdict && verdict->wrong + verdict->overwritten == 0;
  fmt::print("{} entry point: {} convert {:.1f} us, kernel {:.1f} us\n", right ? "ok" : "FAIL",
             report.path, report.convert_us, report.kernel_us);
  return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int cases = argc > 1 ? std::atoi(argv[1]) : 600;
  const auto seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  gyro_context* context = nullptr;
  gyro_failure failure{};
  if (cuda::open(0, 0, &context, &failure) != GYRO_OK) {
    fmt::print("skipped: {}\n", failure.what);
    return 77;
  }
  const int failures = refusals(*context) + entry_point(*context) + sweep(*context, cases, seed);
  fmt::print("{} failures in {} cases\n", failures, cases);
  cuda::close(context);
  return failures == 0 ? 0 : 1;
}

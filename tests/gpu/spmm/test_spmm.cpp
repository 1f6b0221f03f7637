#include <fmt/format.h>

#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/sparsity/packed.hpp"
#include "gpu/module/devices.hpp"
#include "gpu/spmm/select.hpp"
#include "gpu/spmm/spmm.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"
#include "tests/gpu/spmm/random_packed.hpp"
#include "tests/gpu/spmm/reference.hpp"

// Every kernel of the sparse product against sums in double, over random shapes; packed layers that
// must be refused.

using namespace gyro;
using namespace gyro::gpu_test;
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
  // Now and then many tokens: more work than runs at one time. Small cases fill every stage of a
  // pipeline once: racecheck does not follow the order from a lane's reads over __syncwarp() and
  // its leader's arrival to who fills the stage again.
  const bool wide = !small && seed % 20 == 0;
  const int cols = 4 + static_cast<int>(random.below(small ? 188 : wide ? 300 : 1500));
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

struct Outcome {
  std::string configuration;
  Verdict verdict;
};
/// What each kernel gave.
using Outcomes = std::map<std::string, std::vector<Outcome>>;

Status run_case(const gyro_context& context, const Case& one, Outcomes& outcomes) {
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
      outcomes[std::string(layer.path())].push_back({one.text(), verdict});
    }
  }
  return {};
}

void sweep(const gyro_context& context, Report& report) {
  constexpr int kCases = 600;
  constexpr int kSmallCases = 24;
  Outcomes outcomes;
  report.group("random shapes");
  for (int i = 1; i <= (report.small() ? kSmallCases : kCases); ++i) {
    const Case one = random_case(static_cast<std::uint64_t>(i), report.small());
    const auto done = run_case(context, one, outcomes);
    report.expect(done.has_value(), done ? one.text() : one.text() + ": " + done.error().text());
  }
  for (const auto& [path, of_path] : outcomes) {
    report.group(path + ", shares of the tolerance", 1);
    for (const Outcome& outcome : of_path) {
      const Verdict& verdict = outcome.verdict;
      const bool right = verdict.wrong + verdict.overwritten == 0;
      report.error(right ? verdict.worst : std::numeric_limits<double>::infinity(),
                   right ? outcome.configuration
                         : fmt::format("{}: {} wrong, {} written outside, worst {:.3g}",
                                       outcome.configuration, verdict.wrong, verdict.overwritten,
                                       verdict.worst));
    }
  }
}

/// Packed layers, operands and options that must come back as a clear failure.
void refusals(gyro_context& context, Report& report) {
  const RandomPacked good({256, 96, 64, {2, 4}, 48}, GYRO_BF16, true, 5);
  std::vector<std::uint16_t> b(96 * 10, 0);
  std::vector<std::uint16_t> c(256 * 10, kPoison);
  report.group("refusals");
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
    report.expect(found == status && failure.what[0] != '\0' && untouched,
                  fmt::format("{}: status {} '{}'", name, found, failure.what));
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
}

/// The entry point itself: host memory, an odd number of tokens, the report.
Status entry_point(gyro_context& context, Report& report) {
  report.group("entry point");
  const RandomPacked packed({256, 100, 128, {2, 4}, 52}, GYRO_BF16, true, 11);
  constexpr std::int64_t tokens = 37;
  Case one{packed.shape, packed.type, tokens, 0, true, GYRO_ORIGINAL_ROWS, 3};
  GYRO_TRY(const auto operands, Operands::make(one, context.stream));
  std::vector<std::uint16_t> b(100 * tokens);
  std::vector<std::uint16_t> c(256 * tokens, kPoison);
  const auto pitch = static_cast<std::size_t>(operands.view.ldb) * 2;
  GYRO_CHECK(cuda::check(cudaStreamSynchronize(context.stream), "waiting for B"));
  GYRO_CHECK(cuda::check(cudaMemcpy2D(b.data(), tokens * 2, operands.view.b, pitch, tokens * 2, 100,
                                      cudaMemcpyDeviceToHost),
                         "copying B"));
  const gyro_packed view = packed.view();
  gyro_spmm_report told{};
  gyro_failure failure{};
  const auto status =
      cuda::spmm(&context, &view, b.data(), tokens, nullptr, c.data(), &told, nullptr, &failure);
  GYRO_CHECK(cuda::check(cudaMemcpy2D(operands.view.c, pitch, c.data(), tokens * 2, tokens * 2, 256,
                                      cudaMemcpyHostToDevice),
                         "copying C"));
  OnDevice device;
  GYRO_CHECK(put(packed, device, context.stream));
  GYRO_TRY(const auto verdict, judge(device.packed, operands.view, kGuard, context.stream));
  report.expect(status == GYRO_OK && verdict.wrong + verdict.overwritten == 0,
                fmt::format("{}: {} wrong, {} written outside {}", told.path, verdict.wrong,
                            verdict.overwritten, failure.what));
  report.expect(told.path[0] != '\0' && told.convert_us > 0 && told.kernel_us > 0,
                fmt::format("what is told: {}, convert {} us, kernel {} us", told.path,
                            told.convert_us, told.kernel_us));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_spmm", argc, argv);
  gyro_context* context = nullptr;
  gyro_failure failure{};
  if (cuda::open(0, 0, &context, &failure) != GYRO_OK) skip(failure.what);
  refusals(*context, report);
  const auto entered = entry_point(*context, report);
  report.expect(entered.has_value(), entered ? "" : entered.error().text());
  sweep(*context, report);
  cuda::close(context);
  return report.finish();
}

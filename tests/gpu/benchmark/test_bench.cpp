#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

constexpr int kAllPeers = 7;
constexpr double kRounding = 4e-3;  // of bf16, with room
constexpr double kLongest = 20;     // seconds for one shape, all peers, both modes

struct Case {
  HinmShape shape;
  std::int64_t tokens;
  std::int32_t type;
  const char* path;
};

gyro_bench_cell cell_of(const Case& test, bool cold) {
  gyro_bench_cell out{};
  out.shape = shape_of(test.shape);
  out.tokens = test.tokens;
  out.type = test.type;
  out.cold = cold ? 1 : 0;
  out.samples = 5;
  out.path = test.path;
  out.seed = 7;
  return out;
}

std::string text_of(const Case& test) {
  return fmt::format("{} N {} {}", gpu_test::text_of(test.shape), test.tokens,
                     test.path == nullptr ? "by the model" : test.path);
}

void read_environment(Report& report, gyro_context* context) {
  report.group("environment");
  gyro_environment now{};
  const auto answer = ask(module_table().environment, context, &now);
  report.expect(answer.ok() && std::strlen(now.card) > 0 && std::strlen(now.cuda) > 0, answer.what);
  report.figure("SM clock", now.sm_clock_mhz, "MHz");
  report.figure("power", now.power_w, "W");
}

void measure_ceilings(Report& report, gyro_context* context) {
  report.group("ceilings");
  std::vector<gyro_ceiling> all(16);
  std::int32_t count = 0;
  const auto answer = ask(module_table().ceilings, context, all.data(), 16, &count, nullptr);
  report.expect(answer.ok() && count >= 5, answer.what);
  std::map<std::string, double> rates;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto& ceiling = all[static_cast<std::size_t>(i)];
    rates[static_cast<const char*>(ceiling.name)] = ceiling.value;
    report.figure(static_cast<const char*>(ceiling.name), ceiling.value,
                  static_cast<const char*>(ceiling.unit));
    report.expect(std::isfinite(ceiling.value) && ceiling.value > 0,
                  static_cast<const char*>(ceiling.name));
  }
  if (report.small()) return;  // a tool slows the card down
  report.expect(rates["tensor.sparse.bf16"] > rates["tensor.dense.bf16"], "sparse above dense");
  report.expect(rates["gather.512B"] > rates["copy"], "L2 above memory");
}

void time_products(Report& report, gyro_context* context) {
  report.group("products are right before they are timed", kRounding);
  const std::vector<Case> cases = {{{256, 256, 128, {2, 4}, 128}, 256, GYRO_BF16, nullptr},
                                   {{256, 256, 64, {2, 4}, 64}, 100, GYRO_FP16, nullptr},
                                   {{96, 200, 32, {2, 4}, 100}, 77, GYRO_BF16, "sm80"},
                                   {{96, 200, 48, {2, 4}, 36}, 1, GYRO_FP16, "sm80"},
                                   {{35, 30, 7, {1, 4}, 12}, 19, GYRO_BF16, "general"},
                                   {{12, 8, 1, {1, 2}, 6}, 33, GYRO_FP16, "general"}};
  for (const auto& test : cases) {
    for (const bool cold : {true, false}) {
      const auto cell = cell_of(test, cold);
      gyro_bench_result out{};
      const auto answer = ask(module_table().bench, context, &cell, &out, nullptr);
      report.expect(answer.ok() && out.hinm.samples + out.hinm.discarded == 5 &&
                        out.hinm.p5_us <= out.hinm.median_us &&
                        out.hinm.median_us <= out.hinm.p95_us && out.bytes > 0,
                    text_of(test) + " " + answer.what);
      report.error(answer.ok() ? out.relative_error : NAN, text_of(test));
      const bool named = test.path == nullptr || std::string_view(out.path) == test.path;
      report.expect(named && std::strlen(out.path) > 0, text_of(test));
      report.expect(out.dense.samples == 0 && out.two_four.samples == 0, "no peers were asked for");
    }
  }
}

void refuse(Report& report, gyro_context* context, const char* what, gyro_bench_cell cell,
            std::int32_t status) {
  gyro_bench_result out{};
  const auto answer = ask(module_table().bench, context, &cell, &out, nullptr);
  report.expect(answer.status == status && !answer.what.empty() && out.hinm.samples == 0,
                fmt::format("{}: status {} {}", what, answer.status, answer.what));
}

void refuse_bad_cells(Report& report, gyro_context* context) {
  report.group("bad cells are refused");
  const auto good = cell_of({{256, 256, 64, {2, 4}, 128}, 64, GYRO_BF16, nullptr}, true);
  const auto with = [&](auto change) {
    auto cell = good;
    change(cell);
    return cell;
  };
  refuse(report, context, "tokens", with([](auto& c) { c.tokens = 0; }), GYRO_FAIL_ARGUMENT);
  refuse(report, context, "type", with([](auto& c) { c.type = 9; }), GYRO_FAIL_ARGUMENT);
  refuse(report, context, "rows", with([](auto& c) { c.shape.rows = 250; }), GYRO_FAIL_ARGUMENT);
  refuse(report, context, "kept", with([](auto& c) { c.shape.kept = 258; }), GYRO_FAIL_ARGUMENT);
  refuse(report, context, "samples", with([](auto& c) { c.samples = -1; }), GYRO_FAIL_ARGUMENT);
  refuse(report, context, "groups", with([](auto& c) {
           c.shape.n = 4;
           c.shape.m = 8;
         }),
         GYRO_FAIL_UNSUPPORTED);
  refuse(report, context, "sm80 with V = 4", with([](auto& c) {
           c.shape.vector_size = 4;
           c.path = "sm80";
         }),
         GYRO_FAIL_UNSUPPORTED);
  refuse(report, context, "size", with([](auto& c) {
           c.shape = {1 << 20, 1 << 17, 64, 2, 4, 128};
           c.tokens = 1 << 17;
         }),
         GYRO_FAIL_MEMORY);
  std::vector<std::int32_t> order(256, 0);
  std::vector<std::int32_t> index(4 * 128, 300);
  const gyro_orders broken{order.data(), index.data()};
  refuse(report, context, "orders", with([&](auto& c) { c.orders = &broken; }), GYRO_FAIL_ARGUMENT);
  const gyro_progress stop{nullptr, [](void*, const char*, std::int64_t) { return 0; },
                           [](void*, std::int64_t) { return 0; }};
  gyro_bench_result out{};
  const auto answer = ask(module_table().bench, context, &good, &out, &stop);
  report.expect(answer.status == GYRO_FAIL_CANCELLED, "cancel: " + answer.what);
}

void time_a_whole_shape(Report& report, gyro_context* context) {
  report.group("one shape, all peers, both modes");
  const auto begin = std::chrono::steady_clock::now();
  for (const bool cold : {true, false}) {
    auto cell = cell_of({{4096, 4096, 128, {2, 4}, 2048}, 2048, GYRO_BF16, nullptr}, cold);
    cell.samples = 0;
    cell.peers = kAllPeers;
    gyro_bench_result out{};
    const auto answer = ask(module_table().bench, context, &cell, &out, nullptr);
    report.expect(answer.ok() && out.hinm.samples > 0 &&
                      (out.dense.samples > 0 || std::strlen(out.dense.note) > 0) &&
                      (out.two_four.samples > 0 || std::strlen(out.two_four.note) > 0) &&
                      out.share_of_ceiling > 0 && out.share_of_ceiling < 1.1,
                  answer.what);
    const std::string mode = cold ? ", cold" : ", warm";
    report.figure(std::string(out.path) + mode, out.hinm.median_us, "us");
    report.figure("cuBLASLt" + mode, out.dense.median_us, "us");
    report.figure("cuBLASLt, masked" + mode, out.masked.median_us, "us");
    report.figure("cuSPARSELt 2:4" + mode, out.two_four.median_us, "us");
    report.figure(std::string("of ") + out.ceiling + mode, 100 * out.share_of_ceiling, "%");
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  report.figure("whole call", spent.count(), "s");
  report.expect(spent.count() < kLongest, fmt::format("{:.1f} s", spent.count()));
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_bench", argc, argv);
  const Context context = open_context();
  read_environment(report, context.get());
  measure_ceilings(report, context.get());
  time_products(report, context.get());
  refuse_bad_cells(report, context.get());
  if (!report.small()) time_a_whole_shape(report, context.get());
  return report.finish();
}

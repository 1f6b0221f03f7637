#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/core/random_layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

void list_devices(Report& report) {
  report.group("list of devices");
  const gyro_module_table& table = module_table();
  std::int32_t count = 0;
  report.expect(ask(table.devices, nullptr, 0, &count).ok() && count > 0, "count alone");
  report.expect(!ask(table.devices, nullptr, 1, &count).ok(), "no place for the list");
  const gyro_device& card = device();
  report.expect(card.memory_total > 0 && card.memory_free > 0, "memory");
  report.expect(std::string(card.state) == "ready" && card.driver[0] != 0, "state and driver");
  fmt::print("{}, {}, driver {}, built with {}, {:.1f} of {:.1f} GB free\n", card.name,
             card.capability, card.driver, card.runtime,
             static_cast<double>(card.memory_free) * 1e-9,
             static_cast<double>(card.memory_total) * 1e-9);
}

void open_and_close(Report& report) {
  report.group("open and close");
  const gyro_module_table& table = module_table();
  gyro_context* context = nullptr;
  report.expect(ask(table.open, -1, 0, &context).status == GYRO_FAIL_ARGUMENT, "device -1");
  report.expect(ask(table.open, 99, 0, &context).status == GYRO_FAIL_ARGUMENT, "device 99");
  report.expect(ask(table.open, 0, 0, nullptr).status == GYRO_FAIL_ARGUMENT, "no place");
  for (int i = 0; i < 3; ++i) report.expect(open_context() != nullptr, fmt::format("open {}", i));
  table.close(nullptr);
}

/// A layer for which every argument but the one spoilt is right.
struct Sound {
  Matrix saliency = testing::random_saliency(8, 16, 1);
  HinmShape shape{8, 16, 4, {2, 4}, 8};
  Permutation permutation = testing::random_permutation(shape, 2);
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(16);
  std::vector<double> rows = std::vector<double>(8);
  std::vector<float> values = std::vector<float>(128);
  std::vector<double> costs = std::vector<double>(64);
  std::vector<std::int32_t> places = std::vector<std::int32_t>(16, 0);
};

void refuse_shapes(Report& report, gyro_context* context) {
  report.group("contradictory shapes are argument errors");
  const Sound sound;
  auto bytes = sound.bytes;
  const auto refused = [&](gyro_matrix matrix, gyro_shape shape, std::int32_t expected,
                           const char* what) {
    const Answer answer = ask(module_table().mask, context, matrix, &shape,
                              orders_of(sound.permutation), bytes.data(), nullptr, nullptr);
    report.expect(answer.status == expected && !answer.what.empty(),
                  fmt::format("{}: {} {}", what, answer.status, answer.what));
  };
  const gyro_matrix matrix = matrix_of(sound.saliency);
  const gyro_shape shape = shape_of(sound.shape);
  const auto with = [&](auto change) {
    gyro_shape out = shape;
    change(out);
    return out;
  };
  constexpr std::int32_t bad = GYRO_FAIL_ARGUMENT;
  refused({nullptr, 8, 16}, shape, bad, "no data");
  refused({matrix.data, 0, 16}, shape, bad, "no rows");
  refused({matrix.data, 8, 0}, shape, bad, "no columns");
  refused({matrix.data, -8, 16}, shape, bad, "negative rows");
  refused({matrix.data, 8, 17}, shape, bad, "other columns");
  refused({matrix.data, std::int64_t{1} << 40, 16}, shape, GYRO_FAIL_MEMORY, "2^40 rows");
  refused({matrix.data, 2147483647, 2147483647}, shape, GYRO_FAIL_MEMORY, "2^31 squared");
  refused(matrix, with([](auto& s) { s.vector_size = 3; }), bad, "V does not divide");
  refused(matrix, with([](auto& s) { s.vector_size = 0; }), bad, "V = 0");
  refused(matrix, with([](auto& s) { s.n = 4; }), bad, "N = M");
  refused(matrix, with([](auto& s) { s.n = 0; }), bad, "N = 0");
  refused(matrix, with([](auto& s) { s.m = 33; }), bad, "M = 33");
  refused(matrix, with([](auto& s) { s.kept = 6; }), bad, "kept not whole groups");
  refused(matrix, with([](auto& s) { s.kept = 20; }), bad, "more kept than columns");
  refused(matrix, with([](auto& s) { s.kept = 0; }), bad, "nothing kept");
}

void refuse_orders(Report& report, gyro_context* context) {
  report.group("invalid permutations are argument errors");
  Sound sound;
  const gyro_shape shape = shape_of(sound.shape);
  const auto refused = [&](const Permutation& permutation, const char* what) {
    const Answer answer = ask(module_table().tile_products, context, matrix_of(sound.saliency),
                              &shape, orders_of(permutation), sound.values.data(), nullptr);
    report.expect(answer.status == GYRO_FAIL_ARGUMENT, fmt::format("{}: {}", what, answer.status));
  };
  auto twice = sound.permutation;
  twice.output_order[0] = twice.output_order[1];
  refused(twice, "a row twice");
  auto outside = sound.permutation;
  outside.vector_index[3] = 16;
  refused(outside, "a column outside");
  auto column_twice = sound.permutation;
  column_twice.vector_index[0] = column_twice.vector_index[1];
  refused(column_twice, "a column twice");
  sound.places[1] = 4;
  report.expect(ask(module_table().input_costs, context, matrix_of(sound.saliency), &shape,
                    orders_of(sound.permutation), sound.places.data(), sound.costs.data(), nullptr)
                        .status == GYRO_FAIL_ARGUMENT,
                "a slot outside its group");
  sound.places[1] = 8;
  report.expect(ask(module_table().output_costs, context, matrix_of(sound.saliency), &shape,
                    sound.places.data(), sound.places.data(), 1, sound.costs.data(), nullptr)
                        .status == GYRO_FAIL_ARGUMENT,
                "a row outside the layer");
}

void refuse_values(Report& report, gyro_context* context) {
  report.group("NaN, infinity and negative saliency are argument errors");
  for (const float value : {NAN, INFINITY, -INFINITY, -1.F}) {
    Sound sound;
    sound.saliency(5, 7) = value;
    const gyro_matrix matrix = matrix_of(sound.saliency);
    const gyro_shape shape = shape_of(sound.shape);
    const gyro_orders orders = orders_of(sound.permutation);
    const auto refused = [&](const Answer& answer, const char* what) {
      report.expect(answer.status == GYRO_FAIL_ARGUMENT,
                    fmt::format("{} {}: {} {}", what, value, answer.status, answer.what));
    };
    const gyro_module_table& table = module_table();
    refused(ask(table.mask, context, matrix, &shape, orders, sound.bytes.data(), sound.rows.data(),
                nullptr),
            "mask");
    refused(ask(table.tile_products, context, matrix, &shape, orders, sound.values.data(), nullptr),
            "tile_products");
    refused(ask(table.output_costs, context, matrix, &shape, sound.places.data(),
                sound.places.data(), 1, sound.costs.data(), nullptr),
            "output_costs");
    refused(ask(table.input_costs, context, matrix, &shape, orders, sound.places.data(),
                sound.costs.data(), nullptr),
            "input_costs");
    if (value == -1.F) continue;
    gyro_row_errors errors{sound.rows.data(), sound.rows.data(), nullptr, nullptr};
    refused(ask(table.pruning_error, context, matrix, sound.bytes.data(), gyro_matrix{}, &errors,
                nullptr),
            "pruning_error");
    gyro_saliency_inputs kind{};
    refused(ask(table.saliency, context, matrix, &kind, sound.values.data(), nullptr), "saliency");
    const std::vector<double> costs{1, 2, 3, static_cast<double>(value)};
    refused(ask(table.assign, context, 1, 2, costs.data(), sound.places.data(), nullptr), "assign");
  }
}

void hear_cancel(Report& report, gyro_context* context) {
  report.group("a cancel is heard");
  Sound sound;
  const gyro_shape shape = shape_of(sound.shape);
  gyro_progress stop{nullptr, [](void*, const char*, std::int64_t) { return 0; },
                     [](void*, std::int64_t) { return 0; }};
  report.expect(ask(module_table().mask, context, matrix_of(sound.saliency), &shape,
                    orders_of(sound.permutation), sound.bytes.data(), nullptr, &stop)
                        .status == GYRO_FAIL_CANCELLED,
                "mask");
  const std::vector<double> costs(64, 1.0);
  report.expect(
      ask(module_table().assign, context, 1, 8, costs.data(), sound.places.data(), &stop).status ==
          GYRO_FAIL_CANCELLED,
      "assign");
}

void refuse_budget(Report& report) {
  report.group("a budget below one piece is a memory error");
  const Context context = open_context(256);
  Sound sound;
  sound.saliency = testing::random_saliency(8, 4096, 3);
  sound.shape = {8, 4096, 4, {2, 4}, 2048};
  sound.permutation = testing::random_permutation(sound.shape, 4);
  sound.bytes.resize(8 * 512);
  sound.values.resize(8 * 4096);
  const gyro_shape shape = shape_of(sound.shape);
  report.expect(ask(module_table().mask, context.get(), matrix_of(sound.saliency), &shape,
                    orders_of(sound.permutation), sound.bytes.data(), nullptr, nullptr)
                        .status == GYRO_FAIL_MEMORY,
                "mask");
  gyro_saliency_inputs kind{};
  report.expect(ask(module_table().saliency, context.get(), matrix_of(sound.saliency), &kind,
                    sound.values.data(), nullptr)
                        .status == GYRO_FAIL_MEMORY,
                "saliency");
  const std::vector<double> costs(64, 1.0);
  report.expect(
      ask(module_table().assign, context.get(), 1, 8, costs.data(), sound.places.data(), nullptr)
              .status == GYRO_FAIL_MEMORY,
      "assign");
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_module", argc, argv);
  list_devices(report);
  open_and_close(report);
  const Context context = open_context();
  refuse_shapes(report, context.get());
  refuse_orders(report, context.get());
  refuse_values(report, context.get());
  hear_cancel(report, context.get());
  refuse_budget(report);
  return report.finish();
}

#include <fmt/format.h>

#include <vector>

#include "core/device/cost_matrices.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

/// Random rows cut into what stays in the tiles and clusters of c that join them.
struct Clusters {
  std::vector<std::int32_t> remaining;
  std::vector<std::int32_t> joining;
};

Clusters clusters_of(const HinmShape& shape, int c, std::uint64_t seed) {
  const Permutation permutation = testing::random_permutation(shape, seed);
  Clusters out;
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto rows = permutation.tile_rows(shape, tile);
    out.joining.insert(out.joining.end(), rows.begin(), rows.begin() + c);
    out.remaining.insert(out.remaining.end(), rows.begin() + c, rows.end());
  }
  return out;
}

template <class T>
std::span<const double> span_of(const T& matrix) {
  return {matrix.data(), static_cast<std::size_t>(matrix.size())};
}

/// Against the costs from the definition; the error is a share of the largest column sums' total.
void compare_output(Report& report, gyro_context* context, const HinmShape& shape, int c,
                    Values values) {
  const Matrix saliency = saliency_of(shape, values, 41);
  const Clusters rows = clusters_of(shape, c, 42);
  Progress progress;
  const auto expected =
      gyro::output_costs({view_of(saliency), shape}, rows.remaining, rows.joining, progress);
  MatrixD found = MatrixD::Constant(shape.tiles(), shape.tiles(), NAN);
  const gyro_shape plain = shape_of(shape);
  const Answer answer = ask(module_table().output_costs, context, matrix_of(saliency), &plain,
                            rows.remaining.data(), rows.joining.data(), c, found.data(), nullptr);
  const auto text = fmt::format("{} c {} {}", text_of(shape), c, answer.what);
  report.expect(answer.ok() && expected, text);
  if (!answer.ok() || !expected) return;
  const double total = std::max(saliency.cast<double>().sum() / shape.tiles(), 1e-300);
  report.error(largest_error<double>(span_of(found), span_of(*expected), total), text);
}

void compare_outputs(Report& report, gyro_context* context, const char* budget) {
  for (const Values values : {Values::Random, Values::Ties, Values::Zeros, Values::Huge}) {
    report.group(fmt::format("output costs, {}{}", name_of(values), budget), 1e-9);
    for (const auto& shape : shapes(report.small())) {
      const int v = shape.vector_size;
      compare_output(report, context, shape, 1, values);
      if (v >= 4) compare_output(report, context, shape, v / 2, values);
      if (v == 16) compare_output(report, context, shape, v, values);
    }
  }
}

void compare_input(Report& report, gyro_context* context, const HinmShape& shape, Values values) {
  const Matrix saliency = saliency_of(shape, values, 51);
  const Permutation permutation = testing::random_permutation(shape, 52);
  RandomStream random(53, 0);
  std::vector<std::int32_t> slots(static_cast<std::size_t>(shape.tiles()) *
                                  static_cast<std::size_t>(shape.groups()));
  for (auto& slot : slots) {
    slot = static_cast<std::int32_t>(random.below(static_cast<unsigned>(shape.nm.m)));
  }
  Progress progress;
  const auto expected = gyro::input_costs({view_of(saliency), shape}, permutation, slots, progress);
  std::vector<double> found(slots.size() * static_cast<std::size_t>(shape.groups()), NAN);
  const gyro_shape plain = shape_of(shape);
  const Answer answer = ask(module_table().input_costs, context, matrix_of(saliency), &plain,
                            orders_of(permutation), slots.data(), found.data(), nullptr);
  const auto text = text_of(shape) + " " + answer.what;
  report.expect(answer.ok() && expected, text);
  if (!answer.ok() || !expected) return;
  // The definition subtracts large sums: its own rounding is a share of a group's saliency.
  const double floor = 1e-9 * saliency.cast<double>().maxCoeff();
  report.error(largest_error<double>(found, span_of(*expected), std::max(floor, 1e-300)), text);
}

void compare_inputs(Report& report, gyro_context* context, const char* budget) {
  for (const Values values :
       {Values::Random, Values::Ties, Values::Zeros, Values::Huge, Values::Tiny}) {
    report.group(fmt::format("input costs, {}{}", name_of(values), budget), 2e-6);
    for (const auto& shape : shapes(report.small())) {
      compare_input(report, context, shape, values);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_costs", argc, argv);
  const Context context = open_context();
  compare_outputs(report, context.get(), "");
  compare_inputs(report, context.get(), "");
  if (!report.small()) {
    const Context tight = open_context(4'500'000);
    compare_outputs(report, tight.get(), ", in pieces");
    compare_inputs(report, tight.get(), ", in pieces");
  }
  return report.finish();
}

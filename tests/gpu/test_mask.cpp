#include <fmt/format.h>

#include <vector>

#include "core/sparsity/mask.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

void compare_one(Report& report, gyro_context* context, const HinmShape& shape, Values values) {
  const Matrix saliency = saliency_of(shape, values, 11);
  const Permutation permutation = testing::random_permutation(shape, 12);
  const Mask expected = build_mask(view_of(saliency), shape, permutation);
  const Metrics metrics = measure(view_of(saliency), shape, permutation, expected);
  std::vector<std::uint8_t> bytes(expected.to_bytes().size(), 0xa5);
  std::vector<double> retained(static_cast<std::size_t>(shape.rows), NAN);
  const gyro_shape plain = shape_of(shape);
  const Answer answer = ask(module_table().mask, context, matrix_of(saliency), &plain,
                            orders_of(permutation), bytes.data(), retained.data(), nullptr);
  const auto text = fmt::format("{} {} {}", text_of(shape), name_of(values), answer.what);
  report.expect(answer.ok() && bytes == expected.to_bytes(), text);
  std::vector<double> rows;
  for (const auto& row : metrics.rows) rows.push_back(row.retained);
  report.error(largest_error<double>(retained, rows), text);
}

void compare(Report& report, gyro_context* context, const char* budget) {
  for (const Values values : {Values::Random, Values::Ties, Values::Zeros, Values::Huge}) {
    report.group(fmt::format("mask and retained saliency, {}{}", name_of(values), budget));
    for (const auto& shape : shapes(report.small())) compare_one(report, context, shape, values);
  }
}

Matrix products_on_cpu(const Matrix& saliency, const HinmShape& shape,
                       const Permutation& permutation) {
  Matrix out(shape.rows, shape.tiles());
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    for (int row = 0; row < shape.rows; ++row) {
      double sum = 0;
      for (const auto column : permutation.tile_vectors(shape, tile)) sum += saliency(row, column);
      out(row, tile) = static_cast<float>(sum);
    }
  }
  return out;
}

void compare_products(Report& report, gyro_context* context, const char* budget) {
  for (const Values values : {Values::Random, Values::Ties, Values::Zeros, Values::Tiny}) {
    report.group(fmt::format("tile products, {}{}", name_of(values), budget), 5e-6);
    for (const auto& shape : shapes(report.small())) {
      const Matrix saliency = saliency_of(shape, values, 13);
      const Permutation permutation = testing::random_permutation(shape, 14);
      const Matrix expected = products_on_cpu(saliency, shape, permutation);
      Matrix found = Matrix::Constant(shape.rows, shape.tiles(), NAN);
      const gyro_shape plain = shape_of(shape);
      const Answer answer = ask(module_table().tile_products, context, matrix_of(saliency), &plain,
                                orders_of(permutation), found.data(), nullptr);
      const auto size = static_cast<std::size_t>(found.size());
      report.error(largest_error<float>({found.data(), size}, {expected.data(), size}, 1e-37),
                   text_of(shape) + answer.what);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_mask", argc, argv);
  const Context context = open_context();
  compare(report, context.get(), "");
  compare_products(report, context.get(), "");
  if (!report.small()) {
    const Context tight = open_context(2'000'000);
    compare(report, tight.get(), ", in pieces");
    compare_products(report, tight.get(), ", in pieces");
  }
  return report.finish();
}

#include <fmt/format.h>

#include "core/sparsity/saliency.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

struct Layer {
  Matrix weight;
  SaliencyInputs inputs;
};

Layer layer_of(int rows, int cols, bool diagonal_by_row, std::uint64_t seed) {
  Layer out{testing::random_saliency(rows, cols, seed), {}};
  const Matrix signs = testing::random_saliency(rows, cols, seed + 1);
  out.weight = (signs.array() < 0.1F).select(-out.weight, out.weight);
  out.weight.row(0).setZero();
  out.weight.col(cols - 1).setZero();
  out.inputs.input_norms = testing::random_saliency(1, cols, seed + 2).row(0).transpose();
  out.inputs.diagonal = testing::random_saliency(diagonal_by_row ? rows : 1, cols, seed + 3);
  out.inputs.diagonal.array() += 0.01F;
  return out;
}

Answer ask_saliency(gyro_context* context, const Layer& layer, SaliencyKind kind, Matrix& out) {
  out = Matrix::Constant(layer.weight.rows(), layer.weight.cols(), NAN);
  const gyro_saliency_inputs inputs{
      static_cast<std::int32_t>(kind),
      layer.inputs.ria_exponent,
      {layer.inputs.input_norms.data(), 1, layer.inputs.input_norms.size()},
      matrix_of(layer.inputs.diagonal)};
  return ask(module_table().saliency, context, matrix_of(layer.weight), &inputs, out.data(),
             nullptr);
}

void compare(Report& report, gyro_context* context, const char* budget) {
  const std::vector<std::pair<int, int>> sizes =
      report.small() ? std::vector<std::pair<int, int>>{{5, 7}, {33, 130}}
                     : std::vector<std::pair<int, int>>{{1, 1},      {5, 7},      {33, 130},
                                                        {384, 1536}, {1000, 333}, {3, 50000}};
  for (const auto& info : saliency_kinds()) {
    if (info.kind == SaliencyKind::Scores) continue;
    const bool ria = info.kind == SaliencyKind::Ria;
    report.group(fmt::format("saliency {}{}", info.name, budget), ria ? 2e-6 : 1.2e-7);
    for (const auto& [rows, cols] : sizes) {
      for (const bool by_row : {false, true}) {
        const Layer layer = layer_of(rows, cols, by_row, 7);
        const auto expected = compute_saliency(view_of(layer.weight), info.kind, layer.inputs);
        Matrix found;
        const Answer answer = ask_saliency(context, layer, info.kind, found);
        const auto text =
            fmt::format("{}×{} {}{}", rows, cols, by_row ? "diagonal by row" : "", answer.what);
        report.expect(answer.ok() && expected, text);
        if (!answer.ok() || !expected) continue;
        const std::span<const float> values(expected->data(),
                                            static_cast<std::size_t>(expected->size()));
        const std::span<const float> made(found.data(), values.size());
        report.error(largest_error<float>(made, values, 1e-37), text);
      }
    }
  }
}

void refuse(Report& report, gyro_context* context) {
  report.group("saliency refuses what it cannot use");
  Layer layer = layer_of(6, 8, false, 9);
  Matrix out;
  report.expect(
      ask_saliency(context, layer, SaliencyKind::Scores, out).status == GYRO_FAIL_UNSUPPORTED,
      "scores");
  layer.inputs.diagonal(0, 3) = -1;
  report.expect(
      ask_saliency(context, layer, SaliencyKind::Hessian, out).status == GYRO_FAIL_ARGUMENT,
      "a negative diagonal");
  layer.inputs.diagonal.resize(2, 8);
  layer.inputs.diagonal.setOnes();
  report.expect(
      ask_saliency(context, layer, SaliencyKind::Fisher, out).status == GYRO_FAIL_ARGUMENT,
      "a diagonal of another shape");
  layer.inputs.input_norms.resize(7);
  report.expect(ask_saliency(context, layer, SaliencyKind::Wanda, out).status == GYRO_FAIL_ARGUMENT,
                "norms of another length");
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_saliency", argc, argv);
  const Context context = open_context();
  compare(report, context.get(), "");
  if (!report.small()) {
    const Context tight = open_context(1'500'000);
    compare(report, tight.get(), " in pieces");
  }
  refuse(report, context.get());
  return report.finish();
}

#include <fmt/format.h>

#include <vector>

#include "core/sparsity/mask.hpp"
#include "core/sparsity/output_error.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

/// Sums of squares by row, from the definition and in double.
struct Sums {
  std::vector<double> lost;
  std::vector<double> all;
};

Sums weight_sums(const Matrix& weight, const Mask& mask) {
  Sums out;
  for (int r = 0; r < mask.rows(); ++r) {
    double lost = 0;
    double all = 0;
    for (int c = 0; c < mask.cols(); ++c) {
      const double square = static_cast<double>(weight(r, c)) * weight(r, c);
      all += square;
      if (!mask.at(r, c)) lost += square;
    }
    out.lost.push_back(lost);
    out.all.push_back(all);
  }
  return out;
}

Sums output_sums(const Matrix& weight, const Mask& mask, const Matrix& inputs) {
  MatrixD lost = weight.cast<double>();
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      if (mask.at(r, c)) lost(r, c) = 0;
    }
  }
  const MatrixD tokens = inputs.cast<double>();
  const Eigen::VectorXd lost_sums = (lost * tokens.transpose()).rowwise().squaredNorm();
  const Eigen::VectorXd all_sums =
      (weight.cast<double>() * tokens.transpose()).rowwise().squaredNorm();
  return {{lost_sums.begin(), lost_sums.end()}, {all_sums.begin(), all_sums.end()}};
}

Matrix signed_values(int rows, int cols, std::uint64_t seed, float scale) {
  Matrix out = testing::random_saliency(rows, cols, seed);
  const Matrix signs = testing::random_saliency(rows, cols, seed + 100);
  out = (signs.array() < 0.1F).select(-out, out);
  return out * scale;
}

/// Of each sum against itself or what a random input of that size would give, whichever is larger.
double output_error(const std::vector<double>& found, const std::vector<double>& expected,
                    const std::vector<double>& weight, double mean_token) {
  double worst = 0;
  for (std::size_t r = 0; r < found.size(); ++r) {
    const double scale = std::max({expected[r], weight[r] * mean_token, 1e-300});
    const double error = std::abs(found[r] - expected[r]) / scale;
    if (!(error <= worst)) worst = std::isnan(error) ? INFINITY : error;
  }
  return worst;
}

struct Case {
  HinmShape shape;
  int tokens;
  float weight_scale;
  float input_scale;
};

struct Found {
  explicit Found(int rows)
      : weight_lost(static_cast<std::size_t>(rows), NAN),
        weight_all(weight_lost),
        output_lost(weight_lost),
        output_all(weight_lost) {}
  gyro_row_errors view() {
    return {weight_lost.data(), weight_all.data(), output_lost.data(), output_all.data()};
  }
  std::vector<double> weight_lost;
  std::vector<double> weight_all;
  std::vector<double> output_lost;
  std::vector<double> output_all;
};

/// The largest errors of the weight sums and of the output sums; infinite where the call failed.
std::pair<double, double> errors_of(gyro_context* context, const Case& c, std::string& what) {
  const Matrix weight = signed_values(c.shape.rows, c.shape.cols, 21, c.weight_scale);
  const Matrix inputs = signed_values(c.tokens, c.shape.cols, 22, c.input_scale);
  const Mask mask = build_mask(view_of(Matrix(weight.array().abs())), c.shape,
                               testing::random_permutation(c.shape, 23));
  const auto bytes = mask.to_bytes();
  Found found(c.shape.rows);
  gyro_row_errors out = found.view();
  const Answer answer = ask(module_table().pruning_error, context, matrix_of(weight), bytes.data(),
                            c.tokens > 0 ? matrix_of(inputs) : gyro_matrix{}, &out, nullptr);
  what = answer.what;
  if (!answer.ok()) return {INFINITY, INFINITY};
  const Sums weights = weight_sums(weight, mask);
  const double weight_error = std::max(largest_error<double>(found.weight_lost, weights.lost),
                                       largest_error<double>(found.weight_all, weights.all));
  if (c.tokens == 0) return {weight_error, 0};
  const Sums outputs = output_sums(weight, mask, inputs);
  const double mean_token = inputs.cast<double>().squaredNorm();
  return {
      weight_error,
      std::max(output_error(found.output_lost, outputs.lost, weights.lost, mean_token / c.tokens),
               output_error(found.output_all, outputs.all, weights.all, mean_token / c.tokens))};
}

std::vector<Case> cases(bool small) {
  std::vector<Case> out;
  for (const auto& shape : shapes(small)) {
    out.push_back({shape, 0, 1, 1});
    out.push_back({shape, 1, 1, 1});
    out.push_back({shape, 37, 1, 1});
    out.push_back({shape, 5, 1e18F, 1e-20F});
  }
  out.push_back({{8, 16, 4, {2, 4}, 8}, 3, 1e37F, 1e37F});
  out.push_back({{8, 16, 4, {2, 4}, 8}, 3, 1e-37F, 1e30F});
  out.push_back({{8, 16, 4, {2, 4}, 8}, 3, 0, 1});
  if (!small) out.push_back({{512, 2048, 64, {2, 4}, 1024}, 1000, 1, 1});
  return out;
}

void compare(Report& report, gyro_context* context, const char* budget) {
  std::vector<std::pair<double, std::string>> outputs;
  report.group(fmt::format("weight error{}", budget), 1e-12);
  for (const auto& c : cases(report.small())) {
    std::string what;
    const auto [weight, output] = errors_of(context, c, what);
    const auto text = fmt::format("{} tokens {} scales {:.0e} {:.0e} {}", text_of(c.shape),
                                  c.tokens, c.weight_scale, c.input_scale, what);
    report.error(weight, text);
    if (c.tokens > 0) outputs.emplace_back(output, text);
  }
  report.group(fmt::format("output error{}", budget), 2e-5);
  for (const auto& [error, text] : outputs) report.error(error, text);
}

void refuse(Report& report, gyro_context* context) {
  report.group("pruning error refuses what does not fit");
  const Matrix weight = signed_values(4, 10, 31, 1);
  Matrix inputs = signed_values(3, 9, 32, 1);
  std::vector<std::uint8_t> bytes(8, 0);
  Found found(4);
  gyro_row_errors out = found.view();
  const auto status = [&](const Matrix& tokens) {
    return ask(module_table().pruning_error, context, matrix_of(weight), bytes.data(),
               matrix_of(tokens), &out, nullptr)
        .status;
  };
  report.expect(status(inputs) == GYRO_FAIL_ARGUMENT, "inputs of other channels");
  inputs = signed_values(3, 10, 33, 1);
  report.expect(status(inputs) == GYRO_OK, "inputs that fit");
  inputs(2, 2) = NAN;
  report.expect(status(inputs) == GYRO_FAIL_ARGUMENT, "NaN in the inputs");
  inputs(2, 2) = 0;
  bytes[3] = 0xfc;
  report.expect(status(inputs) == GYRO_FAIL_ARGUMENT, "bits beyond the last column");
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_pruning_error", argc, argv);
  const Context context = open_context();
  compare(report, context.get(), "");
  if (!report.small()) {
    const Context tight = open_context(2'000'000);
    compare(report, tight.get(), ", in pieces");
  }
  refuse(report, context.get());
  return report.finish();
}

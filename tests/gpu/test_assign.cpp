#include <fmt/format.h>

#include <vector>

#include "core/assignment/assignment.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

enum class Costs { Uniform, Ties, Equal, Signed, Products, Distances };

const char* name_of(Costs costs) {
  constexpr const char* names[] = {"uniform", "ties", "equal", "signed", "products", "distances"};
  return names[static_cast<int>(costs)];
}

MatrixD costs_of(int size, Costs kind, std::uint64_t seed) {
  RandomStream random(seed, 0xa551);
  MatrixD out(size, size);
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    const double u = static_cast<double>(random.next() >> 11) * 0x1p-53;
    out.data()[i] = kind == Costs::Ties    ? static_cast<double>(random.below(5))
                    : kind == Costs::Equal ? 3.25
                                           : u;
  }
  if (kind == Costs::Signed) out = (out.array() - 0.5) * 1e6;
  if (kind == Costs::Products) {  // many near ties: u_i · v_j
    out = MatrixD(out.col(0) * out.row(0));
  }
  if (kind == Costs::Distances) {
    const MatrixD points = out.leftCols(std::min(size, 4));
    for (int i = 0; i < size; ++i) {
      for (int j = 0; j < size; ++j) {
        out(i, j) = (points.row(i) - points.row(size - 1 - j)).cwiseAbs().sum();
      }
    }
  }
  return out;
}

bool is_permutation(std::span<const std::int32_t> columns) {
  std::vector<char> seen(columns.size(), 0);
  for (const auto column : columns) {
    if (column < 0 || static_cast<std::size_t>(column) >= columns.size()) return false;
    if (seen[static_cast<std::size_t>(column)]++ != 0) return false;
  }
  return true;
}

/// How much more than the least cost the assignment takes, as a share of size · largest cost.
double excess(const MatrixD& cost, std::span<const std::int32_t> columns) {
  const auto least = solve_assignment(cost);
  if (!least || !is_permutation(columns)) return INFINITY;
  double total = 0;
  for (std::size_t r = 0; r < columns.size(); ++r) {
    total += cost(static_cast<Eigen::Index>(r), columns[r]);
  }
  const double scale = cost.cwiseAbs().maxCoeff() * static_cast<double>(columns.size());
  return std::abs(total - least->cost) / std::max(scale, 1e-300);
}

void compare_batch(Report& report, gyro_context* context, int batch, int size, Costs kind) {
  const auto each = static_cast<std::size_t>(size);
  std::vector<double> costs;
  std::vector<MatrixD> problems;
  for (int b = 0; b < batch; ++b) {
    problems.push_back(costs_of(size, kind, 61 + static_cast<std::uint64_t>(b)));
    costs.insert(costs.end(), problems.back().data(),
                 problems.back().data() + problems.back().size());
  }
  std::vector<std::int32_t> columns(static_cast<std::size_t>(batch) * each, -7);
  const Answer answer =
      ask(module_table().assign, context, batch, size, costs.data(), columns.data(), nullptr);
  const auto text = fmt::format("{} of {} {}", batch, size, answer.what);
  report.expect(answer.ok(), text);
  if (!answer.ok()) return;
  for (int b = 0; b < batch; ++b) {
    const auto start = static_cast<std::size_t>(b) * each;
    report.error(excess(problems[static_cast<std::size_t>(b)],
                        std::span<const std::int32_t>(columns).subspan(start, each)),
                 text);
  }
}

void compare(Report& report, gyro_context* context, const char* budget) {
  for (const Costs kind : {Costs::Uniform, Costs::Ties, Costs::Equal, Costs::Signed,
                           Costs::Products, Costs::Distances}) {
    report.group(fmt::format("assignment, {}{}", name_of(kind), budget), 1e-12);
    for (const int size : {1, 2, 3, 5, 17, 31, 32, 33, 100}) {
      if (report.small() && size > 33) continue;
      compare_batch(report, context, 5, size, kind);
    }
    if (report.small()) continue;
    compare_batch(report, context, 200, 64, kind);
    compare_batch(report, context, 4, 257, kind);
    compare_batch(report, context, 2, 512, kind);
  }
}

void compare_large(Report& report, gyro_context* context) {
  report.group("assignment, large", 1e-12);
  compare_batch(report, context, 1, 1500, Costs::Uniform);
  compare_batch(report, context, 1, 5000, Costs::Ties);  // beyond shared memory
}

void cancel_while_running(Report& report, gyro_context* context) {
  report.group("a cancel ends a running assignment, ms", 200);
  const MatrixD cost = costs_of(3000, Costs::Products, 71);
  std::vector<std::int32_t> columns(3000);
  struct State {
    std::chrono::steady_clock::time_point told;
    int asked = 0;
  } state;
  const gyro_progress stop{&state, [](void*, const char*, std::int64_t) { return 1; },
                           [](void* user, std::int64_t) {
                             auto& s = *static_cast<State*>(user);
                             if (++s.asked < 3) return 1;
                             if (s.asked == 3) s.told = std::chrono::steady_clock::now();
                             return 0;
                           }};
  const Answer answer =
      ask(module_table().assign, context, 1, 3000, cost.data(), columns.data(), &stop);
  report.expect(answer.status == GYRO_FAIL_CANCELLED, fmt::format("status {}", answer.status));
  report.error(
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - state.told)
          .count(),
      "3000");
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_assign", argc, argv);
  const Context context = open_context();
  compare(report, context.get(), "");
  if (!report.small()) {
    const Context tight = open_context(3'000'000);
    compare(report, tight.get(), ", in pieces");
    compare_large(report, context.get());
    cancel_while_running(report, context.get());
  }
  return report.finish();
}

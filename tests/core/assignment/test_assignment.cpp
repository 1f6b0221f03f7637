#include <QTest>
#include <algorithm>
#include <numeric>

#include "core/assignment/assignment.hpp"
#include "core/assignment/transport.hpp"
#include "core/base/random.hpp"
#include "tests/core/assignment/lemon_oracle.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// Whole numbers, so that every sum is exact; a small `range` makes ties.
MatrixD random_costs(int rows, int cols, std::uint32_t range, std::uint64_t seed) {
  RandomStream random(seed, 0xc057);
  MatrixD out(rows, cols);
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    out.data()[i] = static_cast<double>(random.below(range)) - range / 2.0;
  }
  return out;
}

double best_of_all(const MatrixD& cost) {
  std::vector<int> order(static_cast<std::size_t>(cost.rows()));
  std::iota(order.begin(), order.end(), 0);
  double best = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t i = 0; i < order.size(); ++i) sum += cost(static_cast<int>(i), order[i]);
    best = std::min(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

std::int64_t lemon_cost(const MatrixD& cost, const std::vector<std::int32_t>& capacity) {
  std::vector<std::int64_t> whole;
  for (Eigen::Index i = 0; i < cost.size(); ++i) {
    whole.push_back(static_cast<std::int64_t>(2 * cost.data()[i]));
  }
  return least_transport_cost(whole, capacity);
}

bool is_permutation(std::vector<std::int32_t> columns) {
  std::sort(columns.begin(), columns.end());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] != static_cast<std::int32_t>(i)) return false;
  }
  return true;
}

std::vector<std::int32_t> random_capacity(int points, int bins, RandomStream& random) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(bins), 0);
  for (int p = 0; p < points; ++p) ++out[random.below(static_cast<std::uint32_t>(bins))];
  return out;
}

}  // namespace

class TestAssignment : public QObject {
  Q_OBJECT
 private slots:
  void smallAssignmentsAreTheBestOfAll() {
    std::uint64_t seed = 0;
    for (int n = 1; n <= 7; ++n) {
      for (const std::uint32_t range : {1U, 2U, 4U, 1000U}) {
        for (int repeat = 0; repeat < 8; ++repeat) {
          const MatrixD cost = random_costs(n, n, range, ++seed);
          const auto found = solve_assignment(cost).value();
          QVERIFY(is_permutation(found.column_of));
          QCOMPARE(found.cost, best_of_all(cost));
          const Matrix single = cost.cast<float>();
          QCOMPARE(solve_assignment(single).value().column_of, found.column_of);
        }
      }
    }
  }

  void largeAssignmentsAreLemons() {
    std::uint64_t seed = 1000;
    for (const int n : {20, 64, 150, 192}) {
      for (const std::uint32_t range : {3U, 100U, 1000000U}) {
        const MatrixD cost = random_costs(n, n, range, ++seed);
        const auto found = solve_assignment(cost).value();
        QVERIFY(is_permutation(found.column_of));
        const std::vector<std::int32_t> ones(static_cast<std::size_t>(n), 1);
        QCOMPARE(static_cast<std::int64_t>(2 * found.cost), lemon_cost(cost, ones));
      }
    }
  }

  void pricesProveTheAssignment() {
    const MatrixD cost = random_costs(90, 90, 10000, 5);
    const auto found = solve_assignment(cost).value();
    for (int r = 0; r < 90; ++r) {
      const auto mine = found.column_of[static_cast<std::size_t>(r)];
      for (int c = 0; c < 90; ++c) {
        QVERIFY(cost(r, c) - found.prices[static_cast<std::size_t>(c)] >=
                cost(r, mine) - found.prices[static_cast<std::size_t>(mine)] - 1e-9);
      }
    }
  }

  void warmStartsCostTheSame() {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const MatrixD before = random_costs(60, 60, 500, 2 * seed);
      MatrixD after = before;
      after.topRows(6) = random_costs(6, 60, 500, 2 * seed + 1);
      AssignmentOptions warm;
      const auto prices = solve_assignment(before).value().prices;
      warm.prices = prices;
      QCOMPARE(solve_assignment(after, warm).value().cost, solve_assignment(after).value().cost);
    }
  }

  void transportsAreLemons() {
    std::uint64_t seed = 2000;
    for (const auto& [points, bins] :
         {std::pair{1, 1}, {7, 3}, {12, 12}, {40, 4}, {96, 12}, {200, 7}}) {
      for (const std::uint32_t range : {1U, 3U, 100000U}) {
        RandomStream random(++seed, 0xb125);
        const MatrixD cost = random_costs(points, bins, range, seed);
        const auto capacity = random_capacity(points, bins, random);
        const auto found = solve_transport(cost, capacity).value();
        std::vector<std::int32_t> filled(capacity.size(), 0);
        for (const auto bin : found.bin_of) ++filled[static_cast<std::size_t>(bin)];
        QCOMPARE(filled, capacity);
        QCOMPARE(static_cast<std::int64_t>(2 * found.cost), lemon_cost(cost, capacity));
        TransportOptions warm;
        warm.prices = found.prices;
        QCOMPARE(solve_transport(cost, capacity, warm).value().cost, found.cost);
      }
    }
  }

  void theSameInputGivesTheSameResult() {
    const MatrixD cost = random_costs(80, 80, 3, 7);
    QCOMPARE(solve_assignment(cost).value().column_of, solve_assignment(cost).value().column_of);
    const std::vector<std::int32_t> capacity(8, 10);
    const MatrixD few = cost.leftCols(8);
    QCOMPARE(solve_transport(few, capacity).value().bin_of,
             solve_transport(few, capacity).value().bin_of);
  }

  void wrongInputIsRefused() {
    QCOMPARE(solve_assignment(MatrixD(2, 3)).error().code, ErrorCode::InvalidArgument);
    MatrixD bad = random_costs(4, 4, 10, 1);
    bad(1, 2) = std::numeric_limits<double>::quiet_NaN();
    QCOMPARE(solve_assignment(bad).error().code, ErrorCode::InvalidArgument);
    const std::vector<std::int32_t> two{2, 2, 0, 0};
    QCOMPARE(solve_transport(bad, two).error().code, ErrorCode::InvalidArgument);
    bad(1, 2) = 0;
    const std::vector<std::int32_t> wrong{2, 1, 0, 0};
    const std::vector<std::int32_t> negative{5, -1, 0, 0};
    QCOMPARE(solve_transport(bad, wrong).error().code, ErrorCode::InvalidArgument);
    QCOMPARE(solve_transport(bad, negative).error().code, ErrorCode::InvalidArgument);
    QVERIFY(solve_assignment(MatrixD(0, 0)).value().column_of.empty());
  }

  void theyStopWhenAsked() {
    const MatrixD cost = random_costs(100, 100, 100000, 3);
    AssignmentOptions options;
    options.stop = [] { return true; };
    QCOMPARE(solve_assignment(cost, options).error().code, ErrorCode::Cancelled);
    const std::vector<std::int32_t> ones(100, 1);
    QCOMPARE(solve_transport(cost, ones, {{}, options.stop}).error().code, ErrorCode::Cancelled);
  }
};

QTEST_GUILESS_MAIN(TestAssignment)
#include "test_assignment.moc"

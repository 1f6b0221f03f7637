#include <QTest>

#include "core/assignment/kmeans.hpp"
#include "core/assignment/pairwise.hpp"
#include "tests/core/assignment/plain_kmeans.hpp"

using namespace gyro;
using namespace gyro::testing;

class TestKmeans : public QObject {
  Q_OBJECT
 private slots:
  void pairsAreSumsOverAllComponents() {
    for (const auto& [p, q, d] : {std::tuple{1, 1, 1}, {5, 33, 7}, {12, 64, 32}, {3, 2, 0}}) {
      const Matrix a = random_points(p, d, 1);
      const Matrix b = random_points(q, d, 2);
      Matrix products;
      Matrix maxima;
      inner_products(a, b, products);
      sums_of_maxima(a, b, maxima);
      QCOMPARE(products.rows(), Eigen::Index{p});
      QCOMPARE(maxima.cols(), Eigen::Index{q});
      for (int i = 0; i < p; ++i) {
        for (int j = 0; j < q; ++j) {
          float product = 0;
          float maximum = 0;
          for (int r = 0; r < d; ++r) {
            const float term = a(i, r) * b(j, r);
            product += term;
            maximum += std::max(a(i, r), b(j, r));
          }
          QVERIFY(std::abs(products(i, j) - product) <= 1e-5F * (1 + std::abs(product)));
          QCOMPARE(maxima(i, j), maximum);
        }
      }
    }
  }

  void productsAskBeforeEveryFewMillion() {
    const Matrix a = random_points(2100, 256, 1);
    const Matrix b = random_points(96, 256, 2);
    int asked = 0;
    Matrix whole;
    QVERIFY(inner_products(view_of(a), view_of(b), whole, [&] {
      ++asked;
      return false;
    }));
    // 2100 · 96 · 256 products by no more than 2^24, and the columns of b by no more than 64.
    QVERIFY(asked >= 2100 * 96 / (1 << 16) + 2);
    for (int after = 0; after < asked; ++after) {
      int left = after;
      Matrix part;
      QVERIFY(!inner_products(view_of(a), view_of(b), part, [&] { return left-- == 0; }));
    }
  }

  void clustersAskBeforeEveryPoint() {
    const Matrix points = random_points(600, 30, 1);
    KmeansOptions options;
    int asked = 0;
    options.stop = [&] { return ++asked > 600; };
    RandomStream random(3, 1);
    QCOMPARE(balanced_kmeans(points, 10, random, options).error().code, ErrorCode::Cancelled);
    QCOMPARE(asked, 601);
  }

  void separatedClustersAreFound() {
    const int clusters = 6;
    const int size = 9;
    const Matrix points = separated_points(clusters, size, 20);
    RandomStream random(3, 1);
    // Random starts may merge two clusters and split a third: the best of some starts is the truth.
    double best = std::numeric_limits<double>::infinity();
    Clusters found;
    for (int start = 0; start < 30; ++start) {
      auto next = balanced_kmeans(points, clusters, random).value();
      const double spread = std::accumulate(next.spread.begin(), next.spread.end(), 0.0);
      if (spread < best) {
        best = spread;
        found = std::move(next);
      }
    }
    for (int p = 0; p < clusters * size; ++p) {
      QCOMPARE(found.cluster_of[static_cast<std::size_t>(p)],
               found.cluster_of[static_cast<std::size_t>(p / size * size)]);
    }
  }

  void clustersAreBalancedAndDescended() {
    const Matrix points = random_points(96, 40, 4);
    RandomStream random(1, 2);
    KmeansOptions options;
    options.tolerance = 0;
    const auto found = balanced_kmeans(points, 12, random, options).value();
    std::vector<int> sizes(12, 0);
    for (const auto c : found.cluster_of) ++sizes[static_cast<std::size_t>(c)];
    QCOMPARE(sizes, std::vector<int>(12, 8));
    QVERIFY(found.iterations.size() <= 20);
    for (std::size_t i = 1; i < found.iterations.size(); ++i) {
      QVERIFY(found.iterations[i].inertia <= found.iterations[i - 1].inertia * (1 + 1e-5));
    }
    const double spread = std::accumulate(found.spread.begin(), found.spread.end(), 0.0);
    QVERIFY(spread <= found.iterations.back().inertia * (1 + 1e-5));
    QVERIFY(std::abs(spread - plain_spread(points, found.cluster_of, 12)) < 1e-4 * spread);
  }

  void theStreamDecides() {
    const Matrix points = random_points(64, 10, 5);
    RandomStream one(9, 9);
    RandomStream same(9, 9);
    QCOMPARE(balanced_kmeans(points, 8, one).value().cluster_of,
             balanced_kmeans(points, 8, same).value().cluster_of);
  }

  void equalPointsAndOneClusterWork() {
    RandomStream random(1, 1);
    const Matrix zero = Matrix::Zero(12, 5);
    const auto found = balanced_kmeans(zero, 4, random).value();
    for (const double spread : found.spread) QCOMPARE(spread, 0.0);
    QCOMPARE(balanced_kmeans(zero, 1, random).value().cluster_of, std::vector<std::int32_t>(12, 0));
    QCOMPARE(balanced_kmeans(random_points(7, 3, 1), 7, random).value().cluster_of.size(),
             std::size_t{7});
  }

  void wrongInputIsRefused() {
    RandomStream random(1, 1);
    QVERIFY(!balanced_kmeans(random_points(10, 3, 1), 3, random));
    QVERIFY(!balanced_kmeans(random_points(10, 3, 1), 0, random));
    KmeansOptions options;
    options.stop = [] { return true; };
    QCOMPARE(balanced_kmeans(random_points(600, 30, 1), 10, random, options).error().code,
             ErrorCode::Cancelled);
  }
};

QTEST_GUILESS_MAIN(TestKmeans)
#include "test_kmeans.moc"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/device/cpu_compute.hpp"
#include "core/device/devices.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// What is not among the `count` largest.
double sum_without_largest(std::vector<double> values, int count) {
  std::sort(values.begin(), values.end(), std::greater<>());
  double sum = 0;
  for (auto i = static_cast<std::size_t>(count); i < values.size(); ++i) sum += values[i];
  return sum;
}

bool close(double a, double b) {
  return std::abs(a - b) <= 1e-9 * (1 + std::abs(b));
}

/// The rows of a permutation's tiles cut into those that stay and `sample` that go.
struct Draw {
  std::vector<std::int32_t> remaining;
  std::vector<std::int32_t> clusters;
};

Draw draw_of(const HinmShape& shape, const Permutation& permutation, int sample) {
  Draw out;
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto rows = permutation.tile_rows(shape, tile);
    const auto stay = rows.size() - static_cast<std::size_t>(sample);
    out.remaining.insert(out.remaining.end(), rows.begin(), rows.begin() + std::ptrdiff_t(stay));
    out.clusters.insert(out.clusters.end(), rows.begin() + std::ptrdiff_t(stay), rows.end());
  }
  return out;
}

/// The definition of one output cost.
double plain_output_cost(const SearchProblem& problem, const Draw& draw, int tile, int cluster) {
  const auto tiles = static_cast<std::size_t>(problem.shape.tiles());
  const std::size_t stay = draw.remaining.size() / tiles;
  const std::size_t go = draw.clusters.size() / tiles;
  std::vector<std::int32_t> rows;
  for (std::size_t i = 0; i < stay; ++i) {
    rows.push_back(draw.remaining[static_cast<std::size_t>(tile) * stay + i]);
  }
  for (std::size_t i = 0; i < go; ++i) {
    rows.push_back(draw.clusters[static_cast<std::size_t>(cluster) * go + i]);
  }
  return sum_without_largest(vector_scores(problem.saliency, rows), problem.shape.kept);
}

/// The definition of one input cost.
double plain_input_cost(const SearchProblem& problem, const Permutation& permutation, int tile,
                        int group, int slot, std::int32_t given) {
  const HinmShape& shape = problem.shape;
  std::vector<std::int32_t> vectors;
  vectors.reserve(static_cast<std::size_t>(shape.nm.m));
  const auto own = permutation.tile_vectors(shape, tile);
  for (int place = 0; place < shape.nm.m; ++place) {
    vectors.push_back(place == slot ? given
                                    : own[static_cast<std::size_t>(group * shape.nm.m + place)]);
  }
  double lost = 0;
  for (const auto row : permutation.tile_rows(shape, tile)) {
    std::vector<double> values;
    values.reserve(vectors.size());
    for (const auto column : vectors) values.push_back(problem.saliency(row, column));
    lost += sum_without_largest(values, shape.nm.n);
  }
  return lost;
}

}  // namespace

class TestCompute : public QObject {
  Q_OBJECT
 private slots:
  void maskAndRows() {
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, 3, true);
      const SearchProblem problem{view_of(saliency), shape};
      const Permutation permutation = random_permutation(shape, 5);
      const auto kept = cpu_.mask(problem, permutation, progress_).value();
      QVERIFY(kept.mask == build_mask(problem.saliency, shape, permutation));
      double sum = 0;
      for (const double row : kept.rows) sum += row;
      QVERIFY(close(sum / saliency.cast<double>().sum(),
                    retained_saliency(problem.saliency, shape, permutation)));
    }
  }

  void tileProductsAreTheDefinition() {
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, 4);
      const Permutation permutation = random_permutation(shape, 6);
      const auto products =
          cpu_.tile_products({view_of(saliency), shape}, permutation, progress_).value();
      for (int row = 0; row < shape.rows; ++row) {
        for (int tile = 0; tile < shape.tiles(); ++tile) {
          double sum = 0;
          for (const auto c : permutation.tile_vectors(shape, tile)) sum += saliency(row, c);
          QCOMPARE(products(row, tile), static_cast<float>(sum));
        }
      }
    }
  }

  void outputCostsAreTheDefinition() {
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, 7);
      const SearchProblem problem{view_of(saliency), shape};
      for (const int sample : {1, shape.vector_size / 2, shape.vector_size}) {
        const Draw draw = draw_of(shape, random_permutation(shape, 8), sample);
        const auto costs =
            cpu_.output_costs(problem, draw.remaining, draw.clusters, progress_).value();
        for (int tile = 0; tile < shape.tiles(); ++tile) {
          for (int cluster = 0; cluster < shape.tiles(); ++cluster) {
            QVERIFY(close(costs(tile, cluster), plain_output_cost(problem, draw, tile, cluster)));
          }
        }
      }
    }
  }

  void inputCostsAreTheDefinition() {
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, 9);
      const SearchProblem problem{view_of(saliency), shape};
      const Permutation permutation = random_permutation(shape, 10);
      RandomStream random(1, 2);
      std::vector<std::int32_t> places(static_cast<std::size_t>(shape.tiles() * shape.groups()));
      for (auto& place : places) {
        place = static_cast<int>(random.below(static_cast<std::uint32_t>(shape.nm.m)));
      }
      const auto costs = cpu_.input_costs(problem, permutation, places, progress_).value();
      for (int tile = 0; tile < shape.tiles(); ++tile) {
        const auto* slot = places.data() + tile * shape.groups();
        const auto vectors = permutation.tile_vectors(shape, tile);
        for (int group = 0; group < shape.groups(); ++group) {
          for (int other = 0; other < shape.groups(); ++other) {
            const auto given = vectors[static_cast<std::size_t>(other * shape.nm.m + slot[other])];
            QVERIFY(close(costs(tile * shape.groups() + group, other),
                          plain_input_cost(problem, permutation, tile, group, slot[group], given)));
          }
        }
      }
    }
  }

  void assignsEachOfABatch() {
    const int size = 4;
    std::vector<double> costs;
    for (const int shift : {0, 1, 3}) {
      for (int i = 0; i < size * size; ++i) {
        costs.push_back((i / size + shift) % size == i % size ? -1.0 : i);
      }
    }
    const auto columns = cpu_.assign(3, size, costs, progress_).value();
    QCOMPARE(columns, (std::vector<std::int32_t>{0, 1, 2, 3, 1, 2, 3, 0, 3, 0, 1, 2}));
  }

  void pruningErrorOfRows() {
    const auto shape = make_shape(64, 96, 16, {2, 4}, {3, 4}).value();
    const Matrix weight = random_saliency(64, 96, 11).array() - 0.2F;
    const Mask mask = build_mask(view_of(weight), shape, random_permutation(shape, 12));
    Calibration data;
    data.inputs = std::make_shared<const Matrix>(random_saliency(300, 96, 13).array() - 0.1F);
    const auto errors = cpu_.pruning_error(view_of(weight), mask, &data, progress_).value();
    QVERIFY(close(errors.weight.layer(), weight_error(view_of(weight), mask)));
    const auto plain = output_error(view_of(weight), mask, data).value();
    QCOMPARE(errors.output.layer(), plain.layer);
    QCOMPARE(errors.output.row(5), plain.rows[5]);
    // The Gram matrix of the same inputs says the same.
    Calibration gram;
    gram.gram = std::make_shared<const Matrix>(data.inputs->transpose() * *data.inputs);
    const auto by_gram = cpu_.pruning_error(view_of(weight), mask, &gram, progress_).value();
    QVERIFY(std::abs(by_gram.output.layer() - plain.layer) < 1e-4);
    QVERIFY(cpu_.pruning_error(view_of(weight), mask, nullptr, progress_)->output.all.empty());
  }

  void argumentsMustFit() {
    const auto shape = make_shape(32, 48, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(32, 48, 1);
    const SearchProblem problem{view_of(saliency), shape};
    Permutation twice = random_permutation(shape, 2);
    twice.output_order[0] = twice.output_order[1];
    QVERIFY(!cpu_.mask(problem, twice, progress_));
    QVERIFY(!cpu_.tile_products(problem, twice, progress_));
    const std::vector<std::int32_t> few(3, 0);
    QVERIFY(!cpu_.output_costs(problem, few, few, progress_));
    QVERIFY(!cpu_.input_costs(problem, random_permutation(shape, 2), few, progress_));
    const std::vector<double> costs(7, 0);
    QVERIFY(!cpu_.assign(1, 3, costs, progress_));
    QVERIFY(!cpu_.assign(0, 0, {}, progress_));
    QCOMPARE(cpu_.pruning_error(view_of(saliency), Mask(3, 3), nullptr, progress_).error().code,
             ErrorCode::Mismatch);
  }

  void cancelledCallsSaySo() {
    const auto shape = make_shape(32, 48, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(32, 48, 1);
    const SearchProblem problem{view_of(saliency), shape};
    const Permutation permutation = random_permutation(shape, 2);
    Calibration data;
    data.inputs = std::make_shared<const Matrix>(random_saliency(300, 48, 13));
    Progress cancelled;
    cancelled.cancel();
    const Mask mask(32, 48);
    QCOMPARE(cpu_.mask(problem, permutation, cancelled).error().code, ErrorCode::Cancelled);
    QCOMPARE(cpu_.tile_products(problem, permutation, cancelled).error().code,
             ErrorCode::Cancelled);
    QCOMPARE(cpu_.pruning_error(problem.saliency, mask, &data, cancelled).error().code,
             ErrorCode::Cancelled);
  }

  void whatACpuDoesNotDoIsUnsupported() {
    QCOMPARE(cpu_.environment().error().code, ErrorCode::Unsupported);
    QCOMPARE(cpu_.bench({}, progress_).error().code, ErrorCode::Unsupported);
  }

  void theCpuIsADevice() {
    const DeviceInfo info = cpu_.device();
    QCOMPARE(info.id, std::string("cpu"));
    QVERIFY(info.usable);
    QVERIFY(!info.name.empty());
    QVERIFY(info.memory_total >= info.memory_free);
    QVERIFY(info.memory_free > 0);
  }

 private:
  CpuCompute cpu_{2};
  Progress progress_;
};

QTEST_GUILESS_MAIN(TestCompute)
#include "test_compute.moc"

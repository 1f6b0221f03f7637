#include <QTest>
#include <cmath>

#include "app/desktop/heatmap/raster.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::desktop;
using namespace gyro::testing;

namespace {

HeatmapLayer someLayer(int rows, int cols, std::uint64_t seed) {
  HeatmapLayer layer;
  layer.shape = make_shape(rows, cols, 8, {2, 4}, {3, 4}).value();
  auto weight = std::make_shared<Matrix>(random_saliency(rows, cols, seed));
  for (Eigen::Index i = 0; i < weight->size(); i += 3) weight->data()[i] *= -1;
  layer.saliency = std::make_shared<const Matrix>(weight->cwiseAbs());
  layer.weight = weight;
  layer.permutation = std::make_shared<const Permutation>(random_permutation(layer.shape, seed));
  layer.mask = std::make_shared<const Mask>(
      build_mask(view_of(*layer.saliency), layer.shape, *layer.permutation));
  return layer;
}

/// The number of one cell, out of the layer itself.
double plainCell(const HeatmapLayer& layer, HeatmapKind kind, HeatmapOrder order, int r, int c) {
  const auto& permutation = *layer.permutation;
  const bool original = order == HeatmapOrder::Original;
  const int row = original ? r : permutation.output_order[static_cast<std::size_t>(r)];
  int col = c;
  if (order == HeatmapOrder::Packed) {
    col = permutation.vector_index[static_cast<std::size_t>(r / 8 * layer.shape.kept + c)];
  }
  const bool kept = layer.mask->at(row, col);
  switch (kind) {
    case HeatmapKind::Weight:
      return (*layer.weight)(row, col);
    case HeatmapKind::Saliency:
      return (*layer.saliency)(row, col);
    case HeatmapKind::KeptWeight:
      return kept ? double{(*layer.weight)(row, col)} : 0;
    case HeatmapKind::LostSaliency:
      return kept ? 0 : double{(*layer.saliency)(row, col)};
    default:
      return kept ? 1 : 0;
  }
}

/// The aggregate of a pixel's interval, each cell weighted by the part that lies in it.
template <class Cell>
double plainPixel(Aggregate kind, const QRectF& area, const Cell& cell) {
  double sum = 0;
  double weights = 0;
  for (int r = static_cast<int>(area.top()); r < area.bottom() - 1e-9; ++r) {
    const double h = std::min(area.bottom(), r + 1.0) - std::max(area.top(), double(r));
    for (int c = static_cast<int>(area.left()); c < area.right() - 1e-9; ++c) {
      const double w = h * (std::min(area.right(), c + 1.0) - std::max(area.left(), double(c)));
      const double v = cell(r, c);
      if (std::isnan(v)) continue;
      sum += w * (kind == Aggregate::Rms            ? v * v
                  : kind == Aggregate::MeanAbsolute ? std::abs(v)
                                                    : v);
      weights += w;
    }
  }
  const double mean = weights > 0 ? sum / weights : std::nan("");
  return kind == Aggregate::Rms ? std::sqrt(mean) : mean;
}

Raster rendered(const HeatmapSource::Pointer& source, Aggregate aggregate, QRectF cells,
                QSize size) {
  Progress progress;
  Raster raster;
  raster.render(
      {source, Pyramid::build(source, aggregate, progress).value(), aggregate, cells, size});
  return raster;
}

}  // namespace

class TestRaster : public QObject {
  Q_OBJECT
 private slots:
  void everyCellIsExactInEveryOrder() {
    const auto layer = someLayer(64, 120, 1);
    for (const auto kind : {HeatmapKind::Weight, HeatmapKind::Saliency, HeatmapKind::LostSaliency,
                            HeatmapKind::KeptWeight, HeatmapKind::Mask}) {
      for (const auto order :
           {HeatmapOrder::Original, HeatmapOrder::Permuted, HeatmapOrder::Packed}) {
        const auto source = HeatmapSource::make(layer, kind, order).value();
        const QSize size(source->columns() * 3, source->rows() * 2);
        const auto raster = rendered(source, source->defaultAggregate(),
                                     {0, 0, double(source->columns()), 64}, size);
        QVERIFY(raster.exact());
        for (int y = 0; y < size.height(); ++y) {
          for (int x = 0; x < size.width(); ++x) {
            const float got = raster.row(y)[x];
            const double value = std::isnan(got) ? 0 : got;
            QCOMPARE(value, plainCell(layer, kind, order, y / 2, x / 3));
          }
        }
      }
    }
  }

  void zoomedOutIsTheAggregateOfTheCellsCovered_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::newRow("4×4") << 100 << 152;
    QTest::newRow("2×8") << 200 << 76;
    QTest::newRow("16×2") << 25 << 304;
  }
  void zoomedOutIsTheAggregateOfTheCellsCovered() {
    QFETCH(int, width);
    QFETCH(int, height);
    const auto layer = someLayer(608, 400, 2);
    for (const auto order : {HeatmapOrder::Original, HeatmapOrder::Permuted}) {
      for (const auto kind : {HeatmapKind::Weight, HeatmapKind::Mask, HeatmapKind::KeptWeight,
                              HeatmapKind::LostSaliency}) {
        const auto source = HeatmapSource::make(layer, kind, order).value();
        for (const auto aggregate : {Aggregate::Mean, Aggregate::MeanAbsolute, Aggregate::Rms}) {
          const auto raster = rendered(source, aggregate, {0, 0, 400, 608}, {width, height});
          compare(raster, layer, kind, order, aggregate, {0, 0, 400, 608}, 2e-3);
        }
      }
    }
  }

  /// There is no level of wider blocks here: every cell, of 16 bits, counts with its own part.
  void packedIsTheAggregateOfTheVeryCells() {
    const auto layer = someLayer(608, 400, 4);
    for (const auto kind : {HeatmapKind::Weight, HeatmapKind::Mask, HeatmapKind::KeptWeight,
                            HeatmapKind::LostSaliency}) {
      const auto source = HeatmapSource::make(layer, kind, HeatmapOrder::Packed).value();
      for (const auto aggregate : {Aggregate::Mean, Aggregate::MeanAbsolute, Aggregate::Rms}) {
        for (const QRectF cells :
             {QRectF(3.4, 7.7, 130, 160), QRectF(3.4, 7.7, 190, 400), QRectF(10, 20.3, 50, 330)}) {
          const auto raster = rendered(source, aggregate, cells, {100, 100});
          compare(raster, layer, kind, HeatmapOrder::Packed, aggregate, cells, 5e-3);
        }
      }
    }
  }

  void anyZoomStaysNearTheAggregate() {
    const auto layer = someLayer(608, 400, 3);
    const auto source =
        HeatmapSource::make(layer, HeatmapKind::Mask, HeatmapOrder::Permuted).value();
    for (const double zoom : {1.3, 1.9, 2.7, 3.4, 5.3, 7.9}) {
      const QRectF cells(1.7, 3.2, 48 * zoom, 70 * zoom);
      const auto raster = rendered(source, Aggregate::Mean, cells, {48, 70});
      double error = 0;
      for (int y = 0; y < 70; ++y) {
        for (int x = 0; x < 48; ++x) {
          const QRectF area(1.7 + x * zoom, 3.2 + y * zoom, zoom, zoom);
          const double plain = plainPixel(Aggregate::Mean, area, [&](int r, int c) {
            return plainCell(layer, HeatmapKind::Mask, HeatmapOrder::Permuted, r, c);
          });
          error += std::pow(plain - raster.row(y)[x], 2);
        }
      }
      const double rmse = std::sqrt(error / (48 * 70));
      qInfo("%.1f cells a pixel: RMSE of the density %.4f", zoom, rmse);
      QVERIFY(zoom >= 2 ? rmse < 0.12 : rmse < 1e-5);
    }
  }

  void packedCellsAreKeptWhereThereIsRoom() {
    Progress progress;
    const auto built = [&](const HeatmapLayer& layer, HeatmapKind kind, HeatmapOrder order) {
      const auto source = HeatmapSource::make(layer, kind, order).value();
      return Pyramid::build(source, source->defaultAggregate(), progress).value();
    };
    const HeatmapLayer half = someLayer(256, 512, 5);  // of the vectors are kept
    for (const auto kind : {HeatmapKind::Weight, HeatmapKind::KeptWeight, HeatmapKind::Mask}) {
      const auto pyramid = built(half, kind, HeatmapOrder::Packed);
      QVERIFY(pyramid->cells() != nullptr);
      QVERIFY(pyramid->bytes() <= 2 * 256 * 512);
      QVERIFY(built(half, kind, HeatmapOrder::Permuted)->cells() == nullptr);
    }
    HeatmapLayer all = half;
    all.shape = make_shape(256, 512, 8, {2, 4}, {1, 2}).value();
    all.permutation = std::make_shared<const Permutation>(random_permutation(all.shape, 3));
    QVERIFY(built(all, HeatmapKind::Weight, HeatmapOrder::Packed)->cells() == nullptr);
  }

  void maximaKeepTheirSign() {
    auto matrix = std::make_shared<Matrix>(Matrix::Constant(256, 256, 0.5F));
    (*matrix)(130, 9) = -7;
    const auto source = HeatmapSource::make(matrix, MatrixText{}).value();
    const auto raster = rendered(source, Aggregate::SignedMaximum, {0, 0, 256, 256}, {64, 64});
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) QCOMPARE(raster.row(y)[x], y == 32 && x == 2 ? -7.F : 0.5F);
    }
  }

  void nanIsLeftOutAndShownWhereAllIsNan() {
    auto matrix = std::make_shared<Matrix>(Matrix::Constant(256, 256, 2));
    (*matrix)(0, 0) = std::nanf("");
    matrix->block(4, 4, 4, 4).setConstant(std::nanf(""));
    const auto source = HeatmapSource::make(matrix, MatrixText{}).value();
    const auto raster = rendered(source, Aggregate::Mean, {0, 0, 256, 256}, {64, 64});
    QCOMPARE(raster.row(0)[0], 2.F);
    QVERIFY(std::isnan(raster.row(1)[1]));
    const ColorTable table(colorsOf(ColorMap::Viridis, 256), ColorScale::Linear, 0, 4, 1, false,
                           specialColors(false));
    QCOMPARE(raster.paint(table).pixel(1, 1), specialColors(false).nan);
    Progress progress;
    QCOMPARE(Pyramid::build(source, Aggregate::Mean, progress).value()->statistics()->nanCount, 17);
  }

  void prunedIsShownWhereAllIsPruned() {
    auto matrix = std::make_shared<Matrix>(Matrix::Constant(256, 256, 2));
    matrix->block(4, 4, 4, 4).setConstant(prunedCell());
    const auto source = HeatmapSource::make(matrix, MatrixText{}).value();
    const ColorTable table(colorsOf(ColorMap::Viridis, 256), ColorScale::Linear, 0, 4, 1, false,
                           specialColors(false));
    for (const auto aggregate : {Aggregate::Mean, Aggregate::SignedMaximum}) {
      const auto raster = rendered(source, aggregate, {0, 0, 256, 256}, {64, 64});
      QCOMPARE(raster.row(0)[0], 2.F);
      QCOMPARE(raster.paint(table).pixel(1, 1), specialColors(false).pruned);
    }
  }

  void statisticsAreThoseOfAllCells() {
    auto matrix = std::make_shared<Matrix>(100, 1000);
    for (int i = 0; i < 100000; ++i) matrix->data()[i] = 1000 + static_cast<float>(i) / 100000;
    Progress progress;
    const auto source = HeatmapSource::make(matrix, MatrixText{}).value();
    const auto figures = Pyramid::build(source, Aggregate::Mean, progress).value()->statistics();
    QCOMPARE(figures->count, 100000);
    QVERIFY(std::abs(figures->percentile(25) - 1000.25) < 1e-3);
    QVERIFY(std::abs(figures->mean - 1000.5) < 1e-3);
    QVERIFY(std::abs(figures->deviation - 1 / std::sqrt(12.0)) < 1e-3);
  }

  void aStoppedBuildIsAnError() {
    Progress progress;
    progress.cancel();
    const auto source =
        HeatmapSource::make(std::make_shared<Matrix>(Matrix::Ones(99, 99)), {}).value();
    QCOMPARE(Pyramid::build(source, Aggregate::Mean, progress).error().code, ErrorCode::Cancelled);
  }

 private:
  /// Within `relative` of the value, or of 0.05 where positive and negative means cancel: the
  /// blocks are kept to 2⁻¹² of theirs.
  static void compare(const Raster& raster, const HeatmapLayer& layer, HeatmapKind kind,
                      HeatmapOrder order, Aggregate aggregate, const QRectF& cells,
                      double relative) {
    const double sx = cells.width() / raster.size().width();
    const double sy = cells.height() / raster.size().height();
    for (int y = 0; y < raster.size().height(); ++y) {
      for (int x = 0; x < raster.size().width(); ++x) {
        const double plain =
            plainPixel(aggregate, QRectF(cells.x() + x * sx, cells.y() + y * sy, sx, sy),
                       [&](int r, int c) { return plainCell(layer, kind, order, r, c); });
        const double got = raster.row(y)[x];
        if (std::abs(got - plain) > relative * std::max(std::abs(plain), 0.05)) {
          QFAIL(qPrintable(
              QStringLiteral("pixel %1, %2: %3 instead of %4").arg(x).arg(y).arg(got).arg(plain)));
        }
      }
    }
  }
};

QTEST_GUILESS_MAIN(TestRaster)
#include "test_raster.moc"

// Repaints of an 11008×4096 layer at 1200×900, with QCPColorMap as the peer, in one run.
// Wall clock and processor time (all threads, user + system), for machines that others use too.
//   QT_QPA_PLATFORM=offscreen bench_heatmap [--no-peer | --pictures FOLDER]
#include <sys/resource.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>

#include "app/desktop/heatmap/strips.hpp"
#include "app/desktop/heatmap/view.hpp"
#include "core/base/random.hpp"
#include "core/sparsity/metrics.hpp"
#include "core/sparsity/saliency.hpp"
#include "core/sparsity/views.hpp"

using namespace gyro;
using namespace gyro::desktop;

namespace {

constexpr int kRows = 11008;
constexpr int kCols = 4096;

/// Heavy-tailed weights whose size differs by row cluster and column, so that there is something to
/// see.
SharedMatrix someLayer(int rows, int cols) {
  auto out = std::make_shared<Matrix>(rows, cols);
  RandomStream random(7, 1);
  std::vector<float> column(static_cast<std::size_t>(cols));
  for (auto& size : column) size = 0.3F + random.unit() * random.unit() * 3;
  for (int r = 0; r < rows; ++r) {
    const float row = 0.5F + static_cast<float>(random.below(4)) * 0.5F;
    const float phase = static_cast<float>(random.below(8)) * 0.7F;
    for (int c = 0; c < cols; ++c) {
      const float wave = 1 + 0.6F * std::sin(static_cast<float>(c) * 0.01F + phase);
      const float sign = random.below(2) == 0 ? -1.F : 1.F;
      const float tail = random.unit() * random.unit();
      (*out)(r, c) = sign * 0.05F * row * wave * column[static_cast<std::size_t>(c)] * tail;
    }
  }
  return out;
}

struct Times {
  double least;
  double median;
  double p95;
  double processor;  ///< mean
};

double processorMilliseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

Times timed(int times, const std::function<void(int)>& body) {
  std::vector<double> all;
  const double before = processorMilliseconds();
  for (int i = 0; i < times; ++i) {
    QElapsedTimer timer;
    timer.start();
    body(i);
    all.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  const double processor = (processorMilliseconds() - before) / times;
  std::sort(all.begin(), all.end());
  return {all.front(), all[all.size() / 2],
          all[static_cast<std::size_t>(0.95 * static_cast<double>(all.size()))], processor};
}

void print(const char* what, const Times& times) {
  std::printf("%-44s least %7.2f  median %7.2f  p95 %7.2f  processor %7.2f ms\n", what, times.least,
              times.median, times.p95, times.processor);
  std::fflush(stdout);
}

void waitFor(HeatmapView& view) {
  if (!QTest::qWaitFor([&] { return !view.building(); }, 60000)) std::puts("no picture");
}

QRectF regionAt(double cellsX, double cellsY) {
  const double width = std::min(cellsX, double(kCols));
  const double height = std::min(cellsY, double(kRows));
  return {(kCols - width) / 2, (kRows - height) / 2, width, height};
}

/// Where a repaint's time goes: numbers, numbers with colours, and everything else of the
/// view.
void parts(HeatmapView& view) {
  view.replot(QCustomPlot::rpImmediateRefresh);
  const QSize size = view.plottable()->image().size();
  Raster raster;
  const RasterRequest request{view.source(), view.plottable()->pyramid(), view.aggregate(),
                              view.visibleCells(), size};
  print("  numbers alone", timed(41, [&](int) { raster.render(request); }));
  QImage image;
  const auto& table = *view.plottable()->table();
  print("  with colours", timed(41, [&](int) { paintRaster(request, table, image); }));
  print("  colours alone", timed(41, [&](int) { raster.paintInto(image, table); }));
  print("  the rest", timed(41, [&](int) { view.replot(QCustomPlot::rpImmediateRefresh); }));
}

void repaints(HeatmapView& view, const char* what) {
  const struct {
    const char* name;
    QRectF cells;
  } zooms[] = {{"fit (12.2×3.4 cells a pixel)", regionAt(kCols, kRows)},
               {"square, 3.4 cells a pixel", regionAt(4096, 3000)},
               {"1.9 cells a pixel", regionAt(2200, 1600)},
               {"1.3 cells a pixel", regionAt(1500, 1100)},
               {"4 px a cell", regionAt(290, 210)},
               {"14 px a cell", regionAt(82, 58)},
               {"40×14 px a cell, with values", regionAt(28, 58)}};
  for (const auto& zoom : zooms) {
    view.showCells(zoom.cells);
    const Times times = timed(41, [&](int i) {
      view.showCells(zoom.cells.translated(i % 2 == 0 ? 0.4 : -0.4, i % 2 == 0 ? -1.3 : 1.3));
      view.columnAxis()->setRange(view.columnAxis()->range().lower + i * 1e-3,
                                  view.columnAxis()->range().upper - i * 1e-3);
      view.replot(QCustomPlot::rpImmediateRefresh);
    });
    print((std::string(what) + ", " + zoom.name).c_str(), times);
    parts(view);
  }
}

void peer(const Matrix& weight) {
  QCustomPlot plot;
  plot.resize(1200, 900);
  plot.show();
  plot.yAxis->setRangeReversed(true);
  auto* map = new QCPColorMap(plot.xAxis, plot.yAxis);
  map->data()->setSize(kCols, kRows);
  map->data()->setRange({0, kCols - 1.0}, {0, kRows - 1.0});
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kCols; ++c) map->data()->setCell(c, r, std::abs(weight(r, c)));
  }
  map->setGradient(QCPColorGradient::gpThermal);
  map->setInterpolate(false);
  map->setDataRange({0, 0.2});
  plot.rescaleAxes();
  print("QCPColorMap, fit", timed(5, [&](int) { plot.replot(QCustomPlot::rpImmediateRefresh); }));
  print("QCPColorMap, colour range change", timed(3, [&](int i) {
          map->setDataRange({0, 0.2 + i * 0.01});
          plot.replot(QCustomPlot::rpImmediateRefresh);
        }));
  plot.xAxis->setRange(2000, 2290);
  plot.yAxis->setRange(5000, 5210);
  print("QCPColorMap, 4 px a cell",
        timed(5, [&](int) { plot.replot(QCustomPlot::rpImmediateRefresh); }));
}

std::vector<StripData> stripsOf(const HeatmapSource& source, const Metrics& metrics) {
  StripData vectors{"vectors",
                    "lost with dropped vectors, of the row",
                    StripData::Style::Bars,
                    {},
                    QColor(0x0072b2)};
  StripData nm{"N:M", "lost by N:M, of the row", StripData::Style::Bars, {}, QColor(0xd55e00)};
  StripData moved{"Δ", "displacement", StripData::Style::Signed, {}, {}};
  for (int r = 0; r < source.rows(); ++r) {
    const auto& row = metrics.rows[static_cast<std::size_t>(source.originalRow(r))];
    vectors.values.push_back(row.vectors_fraction());
    nm.values.push_back(row.nm_fraction());
    moved.values.push_back(r - source.originalRow(r));
  }
  return {moved, vectors, nm};
}

void save(HeatmapView& view, const QString& path, double scale = 1) {
  view.replot();
  view.picture(scale).save(path);
}

void pictures(const QString& folder) {
  HeatmapLayer layer;
  layer.weight = someLayer(768, 640);
  layer.saliency = std::make_shared<const Matrix>(layer.weight->cwiseAbs());
  layer.shape = make_shape(768, 640, 32, {2, 4}, {3, 4}).value();
  std::vector<std::int32_t> order = identity_order(768);
  std::shuffle(order.begin(), order.end(), std::mt19937(3));
  const MatrixView saliency = view_of(*layer.saliency);
  layer.permutation =
      std::make_shared<const Permutation>(with_default_vectors(saliency, layer.shape, order));
  layer.mask = std::make_shared<const Mask>(build_mask(saliency, layer.shape, *layer.permutation));
  const Metrics metrics = measure(saliency, layer.shape, *layer.permutation, *layer.mask);
  HeatmapView view;
  view.resize(1000, 700);
  view.setCaption("layer.0.query");
  view.setEmptyText("Open a checkpoint to see a layer");
  view.show();
  save(view, folder + "/empty.png");
  const auto show = [&](HeatmapKind kind, HeatmapOrder kindOrder) {
    view.setSource(HeatmapSource::make(layer, kind, kindOrder).value());
    waitFor(view);
    view.setRowStrips(stripsOf(*view.source(), metrics));
    QTest::qWait(20);
  };
  show(HeatmapKind::Weight, HeatmapOrder::Original);
  view.setColumnStrips(
      {{"‖column‖", "norm", StripData::Style::Bars, column_norms(view_of(*layer.weight)), {}}});
  save(view, folder + "/weight.png");
  view.colorModel()->setMap(ColorMap::Diverging);
  view.showCells({100, 100, 20, 25});
  view.setCursor(110, 105);
  save(view, folder + "/weight_zoom.png");
  save(view, folder + "/weight_zoom_2x.png", 2);
  view.setColumnStrips({});
  show(HeatmapKind::Mask, HeatmapOrder::Packed);
  view.fit();
  save(view, folder + "/mask_packed.png");
  view.showCells({0, 0, 60, 80});
  save(view, folder + "/mask_zoom.png");
  QPalette dark;
  dark.setColor(QPalette::Base, QColor(0x1b1e20));
  dark.setColor(QPalette::Window, QColor(0x232629));
  dark.setColor(QPalette::Text, QColor(0xfcfcfc));
  view.setPalette(dark);
  view.colorModel()->setMap(ColorMap::Viridis);
  show(HeatmapKind::KeptWeight, HeatmapOrder::Permuted);
  view.setMarks({{30, 62, 70}, {}, {QPoint(20, 40)}, {QPoint(25, 44)}, {}});
  save(view, folder + "/kept_dark.png");
  view.fit();
  save(view, folder + "/kept_dark_fit.png");
}

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  const bool withPeer = argc < 2;
  if (argc > 2) {
    pictures(QString::fromLocal8Bit(argv[2]));
    return 0;
  }
  HeatmapLayer layer;
  layer.weight = someLayer(kRows, kCols);
  layer.saliency = std::make_shared<const Matrix>(layer.weight->cwiseAbs());
  layer.shape = make_shape(kRows, kCols, 64, {2, 4}, {3, 4}).value();
  const MatrixView saliency = view_of(*layer.saliency);
  layer.permutation =
      std::make_shared<const Permutation>(identity_permutation(saliency, layer.shape));
  layer.mask = std::make_shared<const Mask>(build_mask(saliency, layer.shape, *layer.permutation));
  HeatmapView view;
  view.resize(1200, 900);
  view.show();
  QTest::qWait(50);
  const struct {
    const char* name;
    HeatmapKind kind;
    HeatmapOrder order;
  } shown[] = {{"weight", HeatmapKind::Weight, HeatmapOrder::Original},
               {"mask", HeatmapKind::Mask, HeatmapOrder::Original},
               {"mask, packed", HeatmapKind::Mask, HeatmapOrder::Packed},
               {"lost saliency", HeatmapKind::LostSaliency, HeatmapOrder::Original},
               {"kept weight, packed", HeatmapKind::KeptWeight, HeatmapOrder::Packed}};
  for (const auto& one : shown) {
    QTest::qWait(20);  // repaints that were asked for above
    QElapsedTimer timer;
    timer.start();
    const double before = processorMilliseconds();
    view.setSource(HeatmapSource::make(layer, one.kind, one.order).value());
    view.replot(QCustomPlot::rpImmediateRefresh);
    const double first = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    waitFor(view);
    view.replot(QCustomPlot::rpImmediateRefresh);
    const double full = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    const auto& pyramid = view.plottable()->pyramid();
    if (!pyramid) return 1;
    std::printf("%-44s %.0f ms; full %.0f ms (processor %.0f); pyramid %.2f B a cell\n",
                (std::string(one.name) + ": click to picture").c_str(), first, full,
                processorMilliseconds() - before, double(pyramid->bytes()) / kRows / kCols);
    Progress progress;
    print("  pyramid and statistics, all cores", timed(5, [&](int) {
            if (!Pyramid::build(view.source(), view.aggregate(), progress)) std::puts("failed");
          }));
    repaints(view, one.name);
  }
  view.setSource(HeatmapSource::make(layer, HeatmapKind::Weight, HeatmapOrder::Original).value());
  waitFor(view);
  view.fit();
  for (const auto scale : {ColorScale::Linear, ColorScale::Log}) {
    view.colorModel()->setScale(scale);
    print(scale == ColorScale::Linear ? "colour range change" : "colour range change, log",
          timed(41, [&](int i) {
            view.colorModel()->setRange(1e-4, 0.1 + i * 1e-3);
            view.replot(QCustomPlot::rpImmediateRefresh);
          }));
  }
  if (withPeer) peer(*layer.weight);
  return 0;
}

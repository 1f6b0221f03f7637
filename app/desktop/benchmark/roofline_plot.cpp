#include "app/desktop/benchmark/roofline_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/plot_theme.hpp"
#include "core/benchmark/roofline.hpp"

namespace gyro::desktop {
namespace {

constexpr double kRoom = 1.6;  // a factor on each side
constexpr double kRoofDecades = 2.5;
constexpr Qt::PenStyle kRoofStyles[] = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};

}  // namespace

std::vector<Roof> roofsOf(const std::vector<Ceiling>& ceilings,
                          const std::vector<BenchResult>& results) {
  std::vector<Roof> out;
  std::set<int> sizes;
  for (const auto& result : results) sizes.insert(result.vector_size);
  for (const auto& ceiling : ceilings) {
    if (ceiling.name == kCopy) {
      out.push_back({Roof::Kind::Memory, RooflinePlot::tr("memory"), ceiling.value, 0});
    } else if (ceiling.name == kTensorDense) {
      out.push_back(
          {Roof::Kind::Tensor, RooflinePlot::tr("tensor cores, dense"), 0, ceiling.value});
    } else if (ceiling.name == kTensorSparse) {
      out.push_back(
          {Roof::Kind::Tensor, RooflinePlot::tr("tensor cores, sparse"), 0, ceiling.value});
    } else if (ceiling.name == kGatherWide) {
      for (const int size : sizes) {
        out.push_back({Roof::Kind::Gather, RooflinePlot::tr("gather, V = %1").arg(size), 0,
                       ceiling.value * size});
      }
    }
  }
  return out;
}

std::optional<RooflinePoint> rooflinePoint(const BenchResult& result, Contender contender) {
  const Timing& timing = timingOf(result, contender);
  if (!timing.timed() || timing.p5_us <= 0) return std::nullopt;
  const ProductWork work = work_of(result.shape(), result.n);
  const auto m = static_cast<double>(result.m);
  const auto k = static_cast<double>(result.k);
  const auto n = static_cast<double>(result.n);
  double flop = work.dense_flop;
  double bytes = 2 * (m * k + k * n + m * n);
  if (contender == Contender::Hinm) {
    flop = work.tensor_flop;
    bytes = work.bytes;
  } else if (contender == Contender::Cusparselt) {
    bytes -= m * k * 0.875;  // half of the values, two bits each of those that stay
  }
  const auto rate = [flop](double us) { return flop / us * 1e-6; };
  return RooflinePoint{flop / bytes, rate(timing.median_us), rate(timing.p95_us),
                       rate(timing.p5_us)};
}

RooflinePlot::RooflinePlot(QWidget* parent) : BenchPlot(parent) {
  setAccessibleName(tr("Roofline"));
  makeLogarithmic(xAxis);
  makeLogarithmic(yAxis);
  xAxis->setLabel(tr("arithmetic intensity, FLOP a byte of memory traffic"));
  yAxis->setLabel(tr("TFLOP/s, skipped zeros counted"));
  setResults({}, {});
}

void RooflinePlot::addPoints(const std::vector<BenchResult>& results, Contender contender) {
  QVector<double> x;
  QVector<double> y;
  QVector<double> below;
  QVector<double> above;
  std::vector<RooflinePoint> points;
  for (const auto& result : results) {
    if (const auto point = rooflinePoint(result, contender)) points.push_back(*point);
  }
  if (points.empty()) return;
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return a.intensity < b.intensity; });
  for (const auto& point : points) {
    x.append(point.intensity);
    y.append(point.rate);
    below.append(point.rate - point.low);
    above.append(point.high - point.rate);
  }
  auto* const graph = addGraph();
  graph->setName(nameOf(contender));
  graph->setLineStyle(QCPGraph::lsNone);
  graph->setData(x, y, true);
  auto* const whiskers = new QCPErrorBars(xAxis, yAxis);
  whiskers->setDataPlottable(graph);
  whiskers->setSymbolGap(0);
  whiskers->removeFromLegend();
  whiskers->setData(below, above);
  series_.append({graph, whiskers, contender});
}

void RooflinePlot::addRoofs(const std::vector<Roof>& roofs, double left, double right) {
  for (const auto& roof : roofs) {
    auto* const line = addGraph();
    line->setName(roof.name);
    for (const double x : {left, right})
      line->addData(x, roof.slope > 0 ? roof.slope * x : roof.level);
    roofs_.append({line, roof.kind});
  }
}

void RooflinePlot::setResults(const std::vector<BenchResult>& results,
                              const std::vector<Ceiling>& ceilings) {
  clearPlottables();
  series_.clear();
  roofs_.clear();
  for (const auto contender : kContenders) addPoints(results, contender);
  double left = std::numeric_limits<double>::max();
  double right = 0;
  double low = left;
  double high = 0;
  for (const auto& series : series_) {
    for (const auto& point : *series.points->data()) {
      left = std::min(left, point.key);
      right = std::max(right, point.key);
      low = std::min(low, point.value);
      high = std::max(high, point.value);
    }
  }
  if (!series_.isEmpty()) {
    const auto roofs = roofsOf(ceilings, results);
    for (const auto& roof : roofs) high = std::max(high, roof.level);
    const double far = std::pow(10.0, kRoofDecades);
    addRoofs(roofs, left / far, right * far);
    xAxis->setRange(left / kRoom, right * kRoom);
    yAxis->setRange(low / kRoom, high * kRoom);
  }
  showContent(!series_.isEmpty());
}

void RooflinePlot::applyTheme() {
  BenchPlot::applyTheme();
  const PlotColors colors = plotColors(palette());
  for (const auto& series : series_) {
    const int which = static_cast<int>(series.contender);
    series.points->setScatterStyle(marker(which, seriesColor(which)));
    series.points->setPen(QPen(seriesColor(which)));
    series.whiskers->setPen(QPen(seriesColor(which)));
  }
  std::map<Roof::Kind, std::size_t> seen;
  for (const auto& roof : roofs_) {
    const QColor color = roof.kind == Roof::Kind::Memory   ? colors.text
                         : roof.kind == Roof::Kind::Tensor ? colors.rejected
                                                           : colors.accepted;
    const auto style = kRoofStyles[seen[roof.kind]++ % std::size(kRoofStyles)];
    roof.line->setPen(QPen(color, 1, style));
  }
}

}  // namespace gyro::desktop

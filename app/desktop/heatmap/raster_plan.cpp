#include "app/desktop/heatmap/raster_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gyro::desktop {
namespace {

RasterAxis singleCells(double from, double step, int pixels, int cells) {
  RasterAxis axis;
  axis.start.push_back(0);
  for (int i = 0; i < pixels; ++i) {
    const int cell = static_cast<int>(std::floor(from + (i + 0.5) * step));
    axis.first.push_back(std::clamp(cell, 0, cells - 1));
    axis.start.push_back(i + 1);
  }
  axis.weights.assign(axis.first.size(), 1.F);
  return axis;
}

/// Blocks of 2^shift cells, each weighted by what of it lies in the pixel; for maxima (`halves`) 1
/// for blocks of which half does.
RasterAxis covered(double from, double step, int pixels, int cells, int shift, bool halves) {
  RasterAxis axis;
  axis.start.push_back(0);
  const double size = std::ldexp(1.0, shift);
  for (int i = 0; i < pixels; ++i) {
    const double begin = std::clamp(from + i * step, 0.0, cells - 1e-6);
    const double end = std::clamp(from + (i + 1) * step, begin + 1e-6, static_cast<double>(cells));
    const int low = static_cast<int>(begin / size);
    const int high = std::max(low + 1, static_cast<int>(std::ceil(end / size - 1e-9)));
    axis.first.push_back(low);
    double sum = 0;
    const auto at = axis.weights.size();
    for (int b = low; b < high; ++b) {
      const double full = std::min((b + 1) * size, double(cells)) - b * size;
      const double part = std::min(end, (b + 1) * size) - std::max(begin, b * size);
      const bool most = part * 2 >= std::min(full, end - begin) * (1 - 1e-9);
      axis.weights.push_back(halves ? (most ? 1.F : 0.F) : static_cast<float>(part));
      sum += axis.weights.back();
    }
    for (auto k = at; !halves && k < axis.weights.size(); ++k) {
      axis.weights[k] = static_cast<float>(axis.weights[k] / sum);
    }
    axis.start.push_back(static_cast<int>(axis.weights.size()));
  }
  return axis;
}

void countBlocks(RasterAxis& axis) {
  const std::size_t pixels = axis.first.size();
  for (std::size_t i = 0; i < pixels; ++i) axis.most = std::max(axis.most, axis.count(i));
  if (axis.most > 4) return;
  axis.taps.resize(4 * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    std::copy_n(axis.weights.data() + axis.start[i], axis.count(i), axis.taps.data() + 4 * i);
  }
}

}  // namespace

RasterPlan::RasterPlan(const RasterRequest& request)
    : source(request.source.get()), aggregate(request.aggregate) {
  const auto& cells = request.cells;
  const int width = request.size.width();
  const int height = request.size.height();
  const double stepX = cells.width() / width;
  const double stepY = cells.height() / height;
  const bool sampled = request.pyramid == nullptr || request.aggregate == Aggregate::Sample;
  const bool singleX = stepX <= 1 || sampled;
  const bool singleY = stepY <= 1 || sampled;
  exact = singleX && singleY;
  zeroIsPruned = !exact && source->kind() == HeatmapKind::KeptWeight;
  level = exact                ? nullptr
          : singleX || singleY ? request.pyramid->cells()
                               : request.pyramid->levelFor(stepY, stepX);
  nans = !exact && request.pyramid->statistics()->nanCount > 0;
  empty = nans ? request.pyramid->emptyPixel() : std::numeric_limits<float>::quiet_NaN();
  const bool maxima = request.aggregate == Aggregate::SignedMaximum;
  const auto axis = [&](bool single, double from, double step, int pixels, int count, int shift) {
    return single ? singleCells(from, step, pixels, count)
                  : covered(from, step, pixels, count, shift, maxima);
  };
  across =
      axis(singleX, cells.x(), stepX, width, source->columns(), level != nullptr ? level->x : 0);
  down = axis(singleY, cells.y(), stepY, height, source->rows(), level != nullptr ? level->y : 0);
  sameAs.resize(static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    const auto i = static_cast<std::size_t>(y);
    const bool same = singleY && y > 0 && down.first[i] == down.first[i - 1];
    sameAs[i] = same ? sameAs[i - 1] : y;
  }
  countBlocks(across);
}

}  // namespace gyro::desktop

#include "app/desktop/heatmap/color_model.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace gyro::desktop {
namespace {

constexpr int kColors = 1024;

/// The scale that a map can have: a diverging one has no logarithm on its negative side.
ColorScale inForce(const ColorSettings& settings) {
  const bool diverging = settings.map == ColorMap::Diverging;
  return diverging && settings.scale == ColorScale::Log ? ColorScale::Symlog : settings.scale;
}

std::pair<double, double> widened(double lower, double upper) {
  if (!std::isfinite(lower) || !std::isfinite(upper)) return {0, 1};
  if (lower > upper) std::swap(lower, upper);
  const double least = std::max(std::abs(lower), std::abs(upper)) * 1e-6;
  if (upper - lower > least) return {lower, upper};
  const double half =
      lower == 0 && upper == 0 ? 0.5 : std::max(std::abs(lower), std::abs(upper)) / 2;
  const double middle = (lower + upper) / 2;
  return {middle - half, middle + half};
}

std::pair<double, double> positive(std::pair<double, double> range, double smallest) {
  auto [lower, upper] = range;
  if (upper <= 0) return {1e-6, 1};
  if (lower <= 0) lower = smallest > 0 && smallest < upper ? smallest : upper * 1e-6;
  return {lower, upper};
}

double roundStep(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double part = rough / power;
  return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

std::vector<double> linearTicks(double lower, double upper, int about) {
  std::vector<double> out;
  const double step = roundStep((upper - lower) / std::max(about, 1));
  for (double i = std::ceil(lower / step - 1e-9); i * step <= upper + step * 1e-9; ++i) {
    out.push_back(i * step);
  }
  return out;
}

void addPowers(std::vector<double>& out, double lower, double upper, double sign, int about) {
  const int first = static_cast<int>(std::ceil(std::log10(lower) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(upper) + 1e-9));
  const int step = std::max(1, (last - first + about) / std::max(about, 1));
  for (int power = first; power <= last; power += step) out.push_back(sign * std::pow(10, power));
}

}  // namespace

ColorModel::ColorModel(QObject* parent) : QObject(parent) {}

void ColorModel::update() {
  range_ = findRange();
  tables_ = {};
  emit changed();
}

void ColorModel::setSettings(const ColorSettings& settings) {
  if (settings_ == settings) return;
  settings_ = settings;
  update();
}

void ColorModel::setMap(ColorMap map) {
  auto settings = settings_;
  settings.map = map;
  setSettings(settings);
}

void ColorModel::setScale(ColorScale scale) {
  auto settings = settings_;
  settings.scale = scale;
  setSettings(settings);
}

void ColorModel::setRangeMode(RangeMode mode) {
  auto settings = settings_;
  if (mode == RangeMode::Typed) std::tie(settings.lower, settings.upper) = range();
  settings.range = mode;
  setSettings(settings);
}

void ColorModel::setPercentiles(double low, double high) {
  auto settings = settings_;
  settings.range = RangeMode::Percentiles;
  settings.lowPercent = std::clamp(std::min(low, high), 0.0, 100.0);
  settings.highPercent = std::clamp(std::max(low, high), 0.0, 100.0);
  setSettings(settings);
}

void ColorModel::setRange(double lower, double upper) {
  auto settings = settings_;
  settings.range = RangeMode::Typed;
  std::tie(settings.lower, settings.upper) = widened(lower, upper);
  setSettings(settings);
}

void ColorModel::setStatistics(SharedStatistics statistics, bool magnitude) {
  if (signed_ == statistics && magnitude_ == magnitude) return;
  if (signed_ != statistics) {
    signed_ = std::move(statistics);
    absolute_ = signed_ ? std::make_shared<const ValueStatistics>(signed_->absolute()) : nullptr;
  }
  magnitude_ = magnitude;
  update();
}

bool ColorModel::showsMagnitude() const {
  return magnitude_ && settings_.map != ColorMap::Diverging;
}

const SharedStatistics& ColorModel::statistics() const {
  return showsMagnitude() ? absolute_ : signed_;
}

std::pair<double, double> ColorModel::rangeOf(const ValueStatistics& statistics) const {
  switch (settings_.range) {
    case RangeMode::MinMax:
      return {statistics.minimum, statistics.maximum};
    case RangeMode::Sigma3:
      return {std::max(statistics.minimum, statistics.mean - 3 * statistics.deviation),
              std::min(statistics.maximum, statistics.mean + 3 * statistics.deviation)};
    case RangeMode::Percentiles:
      return {statistics.percentile(settings_.lowPercent),
              statistics.percentile(settings_.highPercent)};
    case RangeMode::Typed:
      break;
  }
  return {settings_.lower, settings_.upper};
}

std::pair<double, double> ColorModel::findRange() const {
  const auto& figures = statistics();
  const bool typed = settings_.range == RangeMode::Typed;
  auto range = std::pair(settings_.lower, settings_.upper);
  if (!typed && figures && figures->count > 0) range = rangeOf(*figures);
  range = widened(range.first, range.second);
  if (settings_.map == ColorMap::Diverging) {
    const double end = std::max(std::abs(range.first), std::abs(range.second));
    return {-end, end};
  }
  if (inForce(settings_) == ColorScale::Log) {
    return positive(range, figures ? figures->smallestPositive : 0);
  }
  return range;
}

double ColorModel::linearBelow() const {
  const auto [lower, upper] = range();
  return std::max(std::abs(lower), std::abs(upper)) / 1000;
}

double ColorModel::positionOf(double value) const {
  const auto [lower, upper] = range();
  return scalePosition(inForce(settings_), value, lower, upper, linearBelow());
}

double ColorModel::valueAt(double position) const {
  const auto [lower, upper] = range();
  return scaleValue(inForce(settings_), position, lower, upper, linearBelow());
}

std::vector<double> ColorModel::ticks(int about) const {
  const auto [lower, upper] = range();
  const auto scale = inForce(settings_);
  if (scale == ColorScale::Linear) return linearTicks(lower, upper, about);
  std::vector<double> out;
  if (scale == ColorScale::Log) {
    addPowers(out, lower, upper, 1, about);
    return out.size() >= 2 ? out : linearTicks(lower, upper, about);
  }
  const double start = linearBelow();
  if (lower < -start) addPowers(out, start, -lower, -1, std::max(about / 2, 1));
  if (lower <= 0 && upper >= 0) out.push_back(0);
  if (upper > start) addPowers(out, std::max(start, lower), upper, 1, std::max(about / 2, 1));
  std::sort(out.begin(), out.end());
  return out;
}

std::shared_ptr<const ColorTable> ColorModel::table(bool dark) const {
  const auto [lower, upper] = range();
  auto& kept = tables_[dark ? 1 : 0];
  if (!kept) {
    kept =
        std::make_shared<ColorTable>(colorsOf(settings_.map, kColors), inForce(settings_), lower,
                                     upper, linearBelow(), showsMagnitude(), specialColors(dark));
  }
  return kept;
}

}  // namespace gyro::desktop

#include <algorithm>
#include <cmath>

#include "app/desktop/heatmap/color_model.hpp"
#include "app/desktop/heatmap/kernels.hpp"
#include "app/desktop/heatmap/source.hpp"

namespace gyro::desktop {
namespace {

constexpr std::uint32_t kSign = 0x80000000U;
constexpr int kMaskColors = 1024;

double symlog(double value, double linearBelow) {
  return std::copysign(std::log1p(std::abs(value) / linearBelow), value);
}

std::vector<QRgb> ramp(QRgb from, QRgb to, int count) {
  std::vector<QRgb> out;
  for (int i = 0; i < count; ++i) {
    const auto mix = [&](int a, int b) { return a + (b - a) * i / (count - 1); };
    out.push_back(qRgb(mix(qRed(from), qRed(to)), mix(qGreen(from), qGreen(to)),
                       mix(qBlue(from), qBlue(to))));
  }
  return out;
}

}  // namespace

double scalePosition(ColorScale scale, double value, double lower, double upper,
                     double linearBelow) {
  switch (scale) {
    case ColorScale::Linear:
      return (value - lower) / (upper - lower);
    case ColorScale::Log:
      return value > 0 ? std::log(value / lower) / std::log(upper / lower) : -1;
    case ColorScale::Symlog:
      break;
  }
  const double low = symlog(lower, linearBelow);
  return (symlog(value, linearBelow) - low) / (symlog(upper, linearBelow) - low);
}

double scaleValue(ColorScale scale, double position, double lower, double upper,
                  double linearBelow) {
  switch (scale) {
    case ColorScale::Linear:
      return lower + position * (upper - lower);
    case ColorScale::Log:
      return lower * std::pow(upper / lower, position);
    case ColorScale::Symlog:
      break;
  }
  const double low = symlog(lower, linearBelow);
  const double folded = low + position * (symlog(upper, linearBelow) - low);
  return std::copysign(linearBelow * std::expm1(std::abs(folded)), folded);
}

ColorTable::ColorTable(const std::vector<QRgb>& colors, ColorScale scale, double lower,
                       double upper, double linearBelow, bool absolute, SpecialColors special)
    : absolute_(absolute), special_(special), lostByNm_(special.pruned) {
  if (scale == ColorScale::Linear) {
    colors_ = colors;
    offset_ = static_cast<float>(lower);
    factor_ = static_cast<float>(static_cast<double>(colors.size()) / (upper - lower));
    last_ = static_cast<float>(colors.size() - 1);
  } else {
    fillKeys(scale, lower, upper, linearBelow, colors);
  }
}

/// Without a logarithm a pixel: a float's upper 16 bits grow with its magnitude, 2⁻⁸ of it apart.
void ColorTable::fillKeys(ColorScale scale, double lower, double upper, double linearBelow,
                          const std::vector<QRgb>& colors) {
  keyed_ = true;
  colors_.resize(1U << 16);
  const auto count = static_cast<double>(colors.size());
  for (std::uint32_t key = 0; key < colors_.size(); ++key) {
    const double value = std::bit_cast<float>(key << 16);
    double position = value <= lower ? 0 : 1;
    if (value > lower && value < upper) {
      position = scalePosition(scale, value, lower, upper, linearBelow);
    }
    const auto place = static_cast<std::size_t>(std::clamp(position * count, 0.0, count - 1));
    colors_[key] = colors[place];
  }
}

std::shared_ptr<const ColorTable> ColorTable::forMask(bool dark) {
  const auto colors = maskColors(dark);
  const auto table =
      std::make_shared<ColorTable>(ramp(colors.dropped, colors.kept, kMaskColors),
                                   ColorScale::Linear, 0, 1, 1, false, specialColors(dark));
  table->lostByNm_ = colors.lostByNm;
  return table;
}

std::shared_ptr<const ColorTable> ColorTable::forCategories(int count, bool dark) {
  std::vector<QRgb> colors;
  for (int i = 0; i < std::max(count, 1); ++i) colors.push_back(categoryColor(i, dark));
  const auto size = static_cast<double>(colors.size());
  return std::make_shared<ColorTable>(colors, ColorScale::Linear, -0.5, size - 0.5, 1, false,
                                      specialColors(dark));
}

QRgb ColorTable::special(float value) const {
  if (isPrunedCell(value)) return special_.pruned;
  return isLostByNmCell(value) ? lostByNm_ : special_.nan;
}

QRgb ColorTable::at(float value) const {
  QRgb out = 0;
  apply(&value, 1, &out);
  return out;
}

void ColorTable::apply(const float* values, int count, QRgb* out, bool zeroIsPruned) const {
  constexpr int kBlock = 256;
  const QRgb* colors = colors_.data();
  const std::uint32_t sign = absolute_ ? ~kSign : ~0U;
  std::array<std::int32_t, kBlock> places{};
  for (int from = 0; from < count; from += kBlock) {
    const int n = std::min(kBlock, count - from);
    const float* v = values + from;
    const bool special = kernels::places(v, static_cast<std::size_t>(n), offset_, factor_, last_,
                                         absolute_, zeroIsPruned, places.data());
    if (keyed_) {
      for (int i = 0; i < n; ++i) {
        const std::uint32_t bits = std::bit_cast<std::uint32_t>(v[i]) & sign;
        out[from + i] = colors[std::min((bits + 0x7FFFU) >> 16, 0xFFFFU)];
      }
    } else {
      for (int i = 0; i < n; ++i) out[from + i] = colors[places[static_cast<std::size_t>(i)]];
    }
    if (special) applySpecial(v, n, out + from, zeroIsPruned);
  }
}

void ColorTable::applySpecial(const float* values, int count, QRgb* out, bool zeroIsPruned) const {
  for (int i = 0; i < count; ++i) {
    if (values[i] != values[i]) out[i] = special(values[i]);
    if (zeroIsPruned && values[i] == 0) out[i] = special_.pruned;
  }
}

}  // namespace gyro::desktop

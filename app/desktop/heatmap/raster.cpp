#include "app/desktop/heatmap/raster.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "app/desktop/heatmap/kernels.hpp"
#include "core/base/parallel.hpp"

namespace gyro::desktop {
namespace {

constexpr int kBand = 32;  // pixel rows that one piece of work paints
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Which blocks each pixel along an axis is made of, with weights that sum to 1.
struct Axis {
  bool single = false;  ///< one cell a pixel
  std::vector<int> first;
  std::vector<int> start;  ///< into weights; one more than pixels
  std::vector<float> weights;

  [[nodiscard]] int count(std::size_t i) const { return start[i + 1] - start[i]; }
  [[nodiscard]] int last(std::size_t i) const { return first[i] + count(i); }
  void add(int block, std::initializer_list<float> parts) {
    first.push_back(block);
    weights.insert(weights.end(), parts);
    start.push_back(static_cast<int>(weights.size()));
  }
};

Axis singleCells(double from, double step, int pixels, int cells) {
  Axis axis;
  axis.single = true;
  axis.start.push_back(0);
  for (int i = 0; i < pixels; ++i) {
    const int cell = static_cast<int>(std::floor(from + (i + 0.5) * step));
    axis.add(std::clamp(cell, 0, cells - 1), {1.F});
  }
  return axis;
}

/// Blocks of 2^shift cells, each weighted by what of it lies in the pixel; for maxima (`halves`) 1
/// for blocks of which half does.
Axis covered(double from, double step, int pixels, int cells, int shift, bool halves) {
  Axis axis;
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

/// Rows of blocks from the source or a level. Those that have to be unfolded first are kept until
/// kRowsAtOnce others were.
class BlockRows {
 public:
  BlockRows(const HeatmapSource& source, const PyramidLevel* level, int first, int last)
      : source_(source), level_(level), first_(first), last_(last) {
    kept_.fill(-1);
  }

  const float* row(int r) {
    if (const auto* values = level_ != nullptr ? level_->direct(r) : source_.directRow(r)) {
      return values + first_;
    }
    const auto place = static_cast<std::size_t>(r) % kept_.size();
    auto& buffer = buffers_[place];
    if (r == kept_[place]) return buffer.data();
    kept_[place] = r;
    buffer.resize(static_cast<std::size_t>(last_ - first_));
    if (level_ != nullptr) {
      level_->read(r, first_, last_, buffer.data());
    } else {
      source_.readRow(r, first_, last_, buffer.data());
    }
    return buffer.data();
  }

  /// The row as it is stored, to be multiplied by scale(); null where there are only floats.
  [[nodiscard]] const std::uint16_t* halves(int r) const {
    const auto* values = level_ != nullptr ? level_->directHalves(r) : nullptr;
    return values != nullptr ? values + first_ : nullptr;
  }
  [[nodiscard]] float scale() const { return level_ != nullptr ? level_->scale() : 1; }

 private:
  const HeatmapSource& source_;
  const PyramidLevel* level_;
  int first_;
  int last_;
  std::array<int, kernels::kRowsAtOnce> kept_;
  std::array<std::vector<float>, kernels::kRowsAtOnce> buffers_;
};

/// Combines the blocks of one row of pixels: first downwards over whole rows, then across.
class Mixer {
 public:
  Mixer(const Axis& down, const Axis& across, BlockRows rows, Aggregate kind, bool nans, bool raw,
        float empty)
      : down_(down),
        across_(across),
        rows_(std::move(rows)),
        kind_(kind),
        nans_(nans),
        raw_(raw),
        empty_(empty),
        first_(across.first.front()),
        width_(static_cast<std::size_t>(across.last(across.first.size() - 1) - first_)) {
    for (std::size_t i = 0; i < across.first.size(); ++i) most_ = std::max(most_, across.count(i));
    sums_.resize(width_ + 4);
    counts_.resize(nans_ ? width_ + 4 : 0);
  }

  void mix(std::size_t y, float* out) {
    const float* weights = down_.weights.data() + down_.start[y];
    if (nans_ || kind_ == Aggregate::SignedMaximum) {
      std::fill(sums_.begin(), sums_.end(), 0.F);
      std::fill(counts_.begin(), counts_.end(), 0.F);
      for (int k = 0; k < down_.count(y); ++k) {
        if (weights[k] > 0) addRow(rows_.row(down_.first[y] + k), weights[k]);
      }
    } else {
      for (int k = 0; k < down_.count(y); k += kernels::kRowsAtOnce) {
        weighRows(down_.first[y] + k, weights + k,
                  std::min(down_.count(y) - k, kernels::kRowsAtOnce), k > 0);
      }
    }
    if (kind_ == Aggregate::SignedMaximum) {
      maximaAcross(out);
    } else if (nans_) {
      meansAcross(out);
    } else if (most_ == 1) {
      for (std::size_t i = 0; i < across_.first.size(); ++i)
        out[i] = sums_[static_cast<std::size_t>(across_.first[i] - first_)];
    } else if (most_ <= 4) {
      fourAcross(out);
    } else {
      sumsAcross(out);
    }
    if (kind_ == Aggregate::Rms) {
      for (std::size_t i = 0; i < across_.first.size(); ++i) out[i] = std::sqrt(out[i]);
    }
  }

 private:
  void weighRows(int row, const float* weights, int count, bool more) {
    if (kind_ != Aggregate::Rms && rows_.halves(row) != nullptr) {
      std::array<const std::uint16_t*, kernels::kRowsAtOnce> halves{};
      std::array<float, kernels::kRowsAtOnce> scaled{};
      for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
        halves[k] = rows_.halves(row + static_cast<int>(k));
        scaled[k] = weights[k] * rows_.scale();
      }
      return kernels::weigh(halves.data(), scaled.data(), count, width_, more, sums_.data());
    }
    std::array<const float*, kernels::kRowsAtOnce> values{};
    for (int k = 0; k < count; ++k) values[static_cast<std::size_t>(k)] = rows_.row(row + k);
    const auto term = kind_ == Aggregate::Rms                    ? kernels::Term::Square
                      : kind_ == Aggregate::MeanAbsolute && raw_ ? kernels::Term::Absolute
                                                                 : kernels::Term::Plain;
    kernels::weigh(term, values.data(), weights, count, width_, more, sums_.data());
  }

  void addRow(const float* v, float weight) {
    float* sums = sums_.data();
    if (kind_ != Aggregate::SignedMaximum) {
      countRow(v, weight);
      for (std::size_t i = 0; i < width_; ++i) sums[i] += v[i] == v[i] ? weight * term(v[i]) : 0.F;
      return;
    }
    for (std::size_t i = 0; i < width_; ++i)
      sums[i] = std::abs(v[i]) > std::abs(sums[i]) ? v[i] : sums[i];
    if (nans_) countRow(v, 1);
  }

  void countRow(const float* v, float weight) {
    for (std::size_t i = 0; i < width_; ++i) counts_[i] += v[i] == v[i] ? weight : 0.F;
  }

  [[nodiscard]] float term(float v) const {
    if (kind_ == Aggregate::Rms) return v * v;
    return kind_ == Aggregate::MeanAbsolute ? std::abs(v) : v;
  }

  void fourAcross(float* out) {
    const std::size_t n = across_.first.size();
    if (taps_.empty()) {
      taps_.resize(4 * n, 0.F);
      for (std::size_t i = 0; i < n; ++i) {
        std::copy_n(across_.weights.data() + across_.start[i], across_.count(i),
                    taps_.data() + 4 * i);
      }
    }
    kernels::fourTaps(sums_.data(), across_.first.data(), first_, taps_.data(), n, out);
  }

  void sumsAcross(float* out) const {
    for (std::size_t i = 0; i < across_.first.size(); ++i) {
      const float* s = sums_.data() + (across_.first[i] - first_);
      const float* w = across_.weights.data() + across_.start[i];
      float sum = 0;
      for (int k = 0; k < across_.count(i); ++k) sum += s[k] * w[k];
      out[i] = sum;
    }
  }

  void meansAcross(float* out) const {
    for (std::size_t i = 0; i < across_.first.size(); ++i) {
      const auto at = static_cast<std::size_t>(across_.first[i] - first_);
      const float* w = across_.weights.data() + across_.start[i];
      float sum = 0;
      float count = 0;
      for (int k = 0; k < across_.count(i); ++k) {
        sum += sums_[at + static_cast<std::size_t>(k)] * w[k];
        count += counts_[at + static_cast<std::size_t>(k)] * w[k];
      }
      out[i] = count > 0 ? sum / count : empty_;
    }
  }

  void maximaAcross(float* out) const {
    for (std::size_t i = 0; i < across_.first.size(); ++i) {
      const auto at = static_cast<std::size_t>(across_.first[i] - first_);
      const float* w = across_.weights.data() + across_.start[i];
      float best = 0;
      bool any = !nans_;
      for (int k = 0; k < across_.count(i); ++k) {
        const auto place = at + static_cast<std::size_t>(k);
        if (w[k] <= 0) continue;
        any = any || counts_[place] > 0;
        if (std::abs(sums_[place]) > std::abs(best)) best = sums_[place];
      }
      out[i] = any ? best : empty_;
    }
  }

  const Axis& down_;
  const Axis& across_;
  BlockRows rows_;
  Aggregate kind_;
  bool nans_;
  bool raw_;  ///< rows are the source's own values, not a level's
  float empty_;
  int first_;
  std::size_t width_;
  int most_ = 0;
  std::vector<float> sums_;
  std::vector<float> counts_;
  std::vector<float> taps_;
};

void copySingles(const HeatmapSource& source, int row, const Axis& across,
                 std::vector<float>& buffer, float* out) {
  const int first = across.first.front();
  const int last = across.first.back() + 1;
  const bool asStored =
      source.kind() != HeatmapKind::KeptWeight && source.kind() != HeatmapKind::Mask;
  const float* values = asStored ? source.directRow(row) : nullptr;
  if (values == nullptr) {
    buffer.resize(static_cast<std::size_t>(last - first));
    source.readExactRow(row, first, last, buffer.data());
    values = buffer.data() - first;
  }
  for (std::size_t i = 0; i < across.first.size(); ++i) out[i] = values[across.first[i]];
}

template <class Body>
void inBands(int height, int threads, const Body& body) {
  parallel_for((height + kBand - 1) / kBand, threads,
               [&](int band) { body(band * kBand, std::min(height, (band + 1) * kBand)); });
}

/// Where rows of numbers become lines of a picture.
class Canvas {
 public:
  Canvas(QImage& image, QSize size, const ColorTable& table, bool zeroIsPruned)
      : table_(table), zeroIsPruned_(zeroIsPruned), width_(size.width()) {
    const bool fits = image.size() == size && image.format() == QImage::Format_RGB32;
    if (!fits || !image.isDetached()) image = QImage(size, QImage::Format_RGB32);
    bits_ = image.bits();
    stride_ = image.bytesPerLine();
  }

  void color(int y, const float* values) const {
    table_.apply(values, width_, line(y), zeroIsPruned_);
  }
  void repeat(int y, int earlier) const {
    std::memcpy(line(y), line(earlier), sizeof(QRgb) * static_cast<std::size_t>(width_));
  }

 private:
  [[nodiscard]] QRgb* line(int y) const { return reinterpret_cast<QRgb*>(bits_ + y * stride_); }

  const ColorTable& table_;
  bool zeroIsPruned_;
  int width_;
  uchar* bits_ = nullptr;
  qsizetype stride_ = 0;
};

}  // namespace

void Raster::render(const RasterRequest& request, int threads) {
  render(request, nullptr, nullptr, threads);
}

void Raster::render(const RasterRequest& request, const ColorTable& table, QImage& image,
                    int threads) {
  render(request, &table, &image, threads);
}

void Raster::render(const RasterRequest& request, const ColorTable* table, QImage* image,
                    int threads) {
  size_ = request.size;
  const int width = size_.width();
  const int height = size_.height();
  values_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  sameAs_.resize(static_cast<std::size_t>(height));
  if (width <= 0 || height <= 0) return;
  const auto& source = *request.source;
  const auto& cells = request.cells;
  const double stepX = cells.width() / width;
  const double stepY = cells.height() / height;
  const bool sampled = request.pyramid == nullptr || request.aggregate == Aggregate::Sample;
  const bool singleX = stepX <= 1 || sampled;
  const bool singleY = stepY <= 1 || sampled;
  exact_ = singleX && singleY;
  zeroIsPruned_ = !exact_ && source.kind() == HeatmapKind::KeptWeight;
  const auto* level = exact_               ? nullptr
                      : singleX || singleY ? request.pyramid->cells()
                                           : request.pyramid->levelFor(stepY, stepX);
  const bool maxima = request.aggregate == Aggregate::SignedMaximum;
  const auto axis = [&](bool single, double from, double step, int pixels, int count, int shift) {
    return single ? singleCells(from, step, pixels, count)
                  : covered(from, step, pixels, count, shift, maxima);
  };
  const Axis across =
      axis(singleX, cells.x(), stepX, width, source.columns(), level ? level->x : 0);
  const Axis down = axis(singleY, cells.y(), stepY, height, source.rows(), level ? level->y : 0);
  for (int y = 0; y < height; ++y) {
    const auto i = static_cast<std::size_t>(y);
    const bool same = singleY && y > 0 && down.first[i] == down.first[i - 1];
    sameAs_[i] = same ? sameAs_[i - 1] : y;
  }
  std::optional<Canvas> canvas;
  if (image != nullptr) canvas.emplace(*image, size_, *table, zeroIsPruned_);
  if (canvas && image->isNull()) canvas.reset();
  const auto eachRow = [&](int from, int to, const auto& numbers) {
    for (int y = from; y < to; ++y) {
      const auto i = static_cast<std::size_t>(y);
      const int lead = std::max(sameAs_[i], from);
      if (y != lead) {
        if (canvas) canvas->repeat(y, lead);
        continue;
      }
      float* out = values_.data() + i * static_cast<std::size_t>(width);
      numbers(i, out);
      if (canvas) canvas->color(y, out);
    }
  };
  const bool nans = !exact_ && request.pyramid->statistics()->nanCount > 0;
  const float empty = nans ? request.pyramid->emptyPixel() : kNan;
  inBands(height, threads, [&](int from, int to) {
    if (exact_) {
      std::vector<float> buffer;
      return eachRow(from, to, [&](std::size_t y, float* out) {
        copySingles(source, down.first[y], across, buffer, out);
      });
    }
    BlockRows rows(source, level, across.first.front(), across.last(across.first.size() - 1));
    Mixer mixer(down, across, std::move(rows), request.aggregate, nans, level == nullptr, empty);
    eachRow(from, to, [&](std::size_t y, float* out) { mixer.mix(y, out); });
  });
}

const float* Raster::row(int y) const {
  const auto first = static_cast<std::size_t>(sameAs_[static_cast<std::size_t>(y)]);
  return values_.data() + first * static_cast<std::size_t>(size_.width());
}

QImage Raster::paint(const ColorTable& table, int threads) const {
  QImage image;
  paintInto(image, table, threads);
  return image;
}

void Raster::paintInto(QImage& image, const ColorTable& table, int threads) const {
  if (size_.isEmpty()) return;
  const Canvas canvas(image, size_, table, zeroIsPruned_);
  if (image.isNull()) return;
  inBands(size_.height(), threads, [&](int from, int to) {
    for (int y = from; y < to; ++y) {
      const int lead = std::max(sameAs_[static_cast<std::size_t>(y)], from);
      if (y == lead) {
        canvas.color(y, row(y));
      } else {
        canvas.repeat(y, lead);
      }
    }
  });
}

QString coverText(Aggregate aggregate, double cellsY, double cellsX) {
  if (cellsY <= 1 && cellsX <= 1) return {};
  const auto number = [](double cells) {
    return QString::number(std::max(1.0, cells), 'f', cells < 9.95 && cells > 1 ? 1 : 0)
        .replace(QStringLiteral(".0"), QString());
  };
  return QCoreApplication::translate("Heatmap", "%1 of %2×%3")
      .arg(nameOf(aggregate), number(cellsY), number(cellsX));
}

}  // namespace gyro::desktop

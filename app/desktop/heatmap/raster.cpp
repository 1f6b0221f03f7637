#include "app/desktop/heatmap/raster.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "app/desktop/heatmap/kernels.hpp"
#include "app/desktop/heatmap/raster_plan.hpp"
#include "core/base/parallel.hpp"

namespace gyro::desktop {
namespace {

constexpr int kBand = 32;  // pixel rows that one piece of work paints

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
  explicit Mixer(const RasterPlan& plan)
      : down_(plan.down),
        across_(plan.across),
        rows_(*plan.source, plan.level, plan.across.first.front(), plan.across.last()),
        kind_(plan.aggregate),
        term_(termOf(plan)),
        nans_(plan.nans),
        empty_(plan.empty),
        first_(plan.across.first.front()),
        width_(static_cast<std::size_t>(plan.across.last() - first_)) {
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
    } else if (across_.most == 1) {
      for (std::size_t i = 0; i < across_.first.size(); ++i)
        out[i] = sums_[static_cast<std::size_t>(across_.first[i] - first_)];
    } else if (across_.most <= 4) {
      kernels::fourTaps(sums_.data(), across_.first.data(), first_, across_.taps.data(),
                        across_.first.size(), out);
    } else {
      sumsAcross(out);
    }
    if (kind_ == Aggregate::Rms) {
      for (std::size_t i = 0; i < across_.first.size(); ++i) out[i] = std::sqrt(out[i]);
    }
  }

 private:
  /// A level's blocks are means of magnitudes already.
  static kernels::Term termOf(const RasterPlan& plan) {
    if (plan.aggregate == Aggregate::Rms) return kernels::Term::Square;
    const bool signs = plan.aggregate == Aggregate::MeanAbsolute && plan.level == nullptr;
    return signs ? kernels::Term::Absolute : kernels::Term::Plain;
  }

  void weighRows(int row, const float* weights, int count, bool more) {
    if (term_ == kernels::Term::Plain && rows_.halves(row) != nullptr) {
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
    kernels::weigh(term_, values.data(), weights, count, width_, more, sums_.data());
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
    if (term_ == kernels::Term::Square) return v * v;
    return term_ == kernels::Term::Absolute ? std::abs(v) : v;
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

  const RasterAxis& down_;
  const RasterAxis& across_;
  BlockRows rows_;
  Aggregate kind_;
  kernels::Term term_;  ///< of a block's value, in a sum
  bool nans_;
  float empty_;
  int first_;
  std::size_t width_;
  std::vector<float> sums_;
  std::vector<float> counts_;
};

void copySingles(const HeatmapSource& source, int row, const RasterAxis& across,
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

/// The numbers of pixel rows, one after another.
class RowNumbers {
 public:
  explicit RowNumbers(const RasterPlan& plan) : plan_(plan) {
    if (!plan.exact) mixer_.emplace(plan);
  }

  void read(int y, float* out) {
    const auto i = static_cast<std::size_t>(y);
    if (mixer_) return mixer_->mix(i, out);
    copySingles(*plan_.source, plan_.down.first[i], plan_.across, buffer_, out);
  }

 private:
  const RasterPlan& plan_;
  std::optional<Mixer> mixer_;
  std::vector<float> buffer_;
};

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

  /// Lines from … to − 1, of the numbers that `numbers` has for a row; those that are the same as
  /// an earlier one are copied.
  template <class Numbers>
  void paint(int from, int to, const std::vector<int>& sameAs, const Numbers& numbers) const {
    if (bits_ == nullptr) return;  // no memory
    for (int y = from; y < to; ++y) {
      const int lead = std::max(sameAs[static_cast<std::size_t>(y)], from);
      if (y == lead) {
        table_.apply(numbers(y), width_, line(y), zeroIsPruned_);
      } else {
        std::memcpy(line(y), line(lead), sizeof(QRgb) * static_cast<std::size_t>(width_));
      }
    }
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
  size_ = request.size;
  const auto width = static_cast<std::size_t>(size_.width());
  values_.resize(width * static_cast<std::size_t>(size_.height()));
  if (size_.isEmpty()) return;
  RasterPlan plan(request);
  exact_ = plan.exact;
  zeroIsPruned_ = plan.zeroIsPruned;
  inBands(size_.height(), threads, [&](int from, int to) {
    RowNumbers numbers(plan);
    for (int y = from; y < to; ++y) {
      const auto i = static_cast<std::size_t>(y);
      if (plan.sameAs[i] == y) numbers.read(y, values_.data() + i * width);
    }
  });
  sameAs_ = std::move(plan.sameAs);
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
  inBands(size_.height(), threads, [&](int from, int to) {
    canvas.paint(from, to, sameAs_, [&](int y) { return row(y); });
  });
}

void paintRaster(const RasterRequest& request, const ColorTable& table, QImage& image,
                 int threads) {
  if (request.size.isEmpty()) return;
  const RasterPlan plan(request);
  const Canvas canvas(image, request.size, table, plan.zeroIsPruned);
  inBands(request.size.height(), threads, [&](int from, int to) {
    RowNumbers numbers(plan);
    std::vector<float> values(static_cast<std::size_t>(request.size.width()));
    canvas.paint(from, to, plan.sameAs, [&](int y) {
      numbers.read(y, values.data());
      return values.data();
    });
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

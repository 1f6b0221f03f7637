#pragma once

#include <QObject>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/heatmap/statistics.hpp"

namespace gyro::desktop {

enum class ColorScale { Linear, Log, Symlog };
enum class RangeMode {
  MinMax,
  Sigma3,       ///< mean ± 3σ, not beyond minimum and maximum
  Percentiles,  ///< of all cells
  Typed,
};

struct ColorSettings {
  ColorMap map = ColorMap::Viridis;
  ColorScale scale = ColorScale::Linear;
  RangeMode range = RangeMode::Percentiles;
  double lowPercent = 1;
  double highPercent = 99;
  double lower = 0;  ///< for RangeMode::Typed
  double upper = 1;

  bool operator==(const ColorSettings&) const = default;
};

/// Value → colour as a table: one multiplication or shift and one load a pixel. Immutable.
class ColorTable {
 public:
  /// `lower` < `upper`; with a log scale both > 0. With `absolute`, |v| is coloured.
  ColorTable(const std::vector<QRgb>& colors, ColorScale scale, double lower, double upper,
             double linearBelow, bool absolute, SpecialColors special);
  /// A mask: 0 = dropped … 1 = kept, lostByNmCell() its own colour.
  [[nodiscard]] static std::shared_ptr<const ColorTable> forMask(bool dark);
  /// Tile numbers.
  [[nodiscard]] static std::shared_ptr<const ColorTable> forCategories(int count, bool dark);

  [[nodiscard]] QRgb at(float value) const;
  /// Colours of `count` values. `zeroIsPruned`: an aggregate of exactly 0 means that all its cells
  /// are pruned.
  void apply(const float* values, int count, QRgb* out, bool zeroIsPruned = false) const;

 private:
  [[nodiscard]] QRgb special(float value) const;
  void applySpecial(const float* values, int count, QRgb* out, bool zeroIsPruned) const;
  void fillKeys(ColorScale scale, double lower, double upper, double linearBelow,
                const std::vector<QRgb>& colors);

  bool keyed_ = false;
  bool absolute_ = false;
  float offset_ = 0;
  float factor_ = 1;
  float last_ = 0;
  std::vector<QRgb> colors_;
  SpecialColors special_{};
  QRgb lostByNm_ = 0;
};

/// How values become colours in one or several views. Views share it by pointer; a change is told
/// once by changed(), and never touches what part of the data is visible.
class ColorModel : public QObject {
  Q_OBJECT
 public:
  explicit ColorModel(QObject* parent = nullptr);

  [[nodiscard]] const ColorSettings& settings() const { return settings_; }
  void setSettings(const ColorSettings& settings);
  void setMap(ColorMap map);
  void setScale(ColorScale scale);
  void setRangeMode(RangeMode mode);
  void setPercentiles(double low, double high);
  /// Types a range; turns a reversed one round and widens an empty one.
  void setRange(double lower, double upper);

  /// Figures of the data, from the job that built the picture. With `magnitude`, the picture shows
  /// |v|, and every map but the diverging one colours |v|.
  void setStatistics(SharedStatistics statistics, bool magnitude);
  /// The statistics of what is coloured (of |v| where magnitudes are); null before the first.
  [[nodiscard]] const SharedStatistics& statistics() const;
  [[nodiscard]] bool showsMagnitude() const;

  /// The range in force: lower < upper; both > 0 with a log scale; symmetric with the diverging
  /// map.
  [[nodiscard]] std::pair<double, double> range() const { return range_; }
  /// Where a value stands between the ends, 0 … 1 (outside: beyond), by the scale in force.
  [[nodiscard]] double positionOf(double value) const;
  [[nodiscard]] double valueAt(double position) const;
  /// Ticks for a colour bar: round numbers inside the range.
  [[nodiscard]] std::vector<double> ticks(int about) const;
  [[nodiscard]] std::shared_ptr<const ColorTable> table(bool dark) const;

 signals:
  void changed();

 private:
  void update();
  [[nodiscard]] std::pair<double, double> findRange() const;
  [[nodiscard]] std::pair<double, double> rangeOf(const ValueStatistics& statistics) const;
  [[nodiscard]] double linearBelow() const;

  ColorSettings settings_;
  SharedStatistics signed_;
  SharedStatistics absolute_;
  bool magnitude_ = false;
  std::pair<double, double> range_{0, 1};
  mutable std::array<std::shared_ptr<const ColorTable>, 2> tables_;  ///< light and dark
};

/// The scale as a function: position in 0 … 1 of a value, and back.
[[nodiscard]] double scalePosition(ColorScale scale, double value, double lower, double upper,
                                   double linearBelow);
[[nodiscard]] double scaleValue(ColorScale scale, double position, double lower, double upper,
                                double linearBelow);

}  // namespace gyro::desktop

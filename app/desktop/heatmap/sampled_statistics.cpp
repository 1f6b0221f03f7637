#include "app/desktop/heatmap/sampled_statistics.hpp"

#include <algorithm>
#include <vector>

namespace gyro::desktop {
namespace {

constexpr int kRows = 64;

}  // namespace

SharedStatistics sampledStatistics(const HeatmapSource& source) {
  if (source.kind() == HeatmapKind::Mask || source.kind() == HeatmapKind::TileId) return nullptr;
  const int count = std::min(source.rows(), kRows);
  std::vector<float> values(static_cast<std::size_t>(source.columns()));
  StatisticsCounter counter;
  for (int i = 0; i < count; ++i) {
    const auto row = static_cast<int>(std::int64_t{source.rows()} * i / count);
    source.readExactRow(row, 0, source.columns(), values.data());
    counter.add(values.data(), source.columns());
  }
  auto out = std::make_shared<ValueStatistics>(counter.finish());
  out->sampled = count < source.rows();
  return out;
}

}  // namespace gyro::desktop

#include <fmt/format.h>

#include "core/trace/trace.hpp"

namespace gyro {
namespace {

/// ".4183", with as many decimals as asked for.
std::string fraction(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.starts_with("0.") ? text.substr(1) : text;
}

std::string between(double before, double after) {
  constexpr int kUsual = 4;
  constexpr int kMost = 9;
  int decimals = kUsual;
  while (before != after && decimals < kMost &&
         fraction(before, decimals) == fraction(after, decimals)) {
    ++decimals;
  }
  return fmt::format("{} → {}", fraction(before, decimals), fraction(after, decimals));
}

std::string partitions(const PhaseInfo& phase, const HinmShape& shape) {
  if (phase.partition == "tiles") return fmt::format("{} tiles", shape.tiles());
  if (phase.partition == "groups") return fmt::format("{} groups", shape.groups());
  return phase.partition;
}

std::string deed(const PhaseInfo& phase, const HinmShape& shape, const SearchStep& step) {
  if (step.moved == 0) return fmt::format("left all {} where they are", phase.moved);
  const bool batch = step.accepted && step.changes.empty();
  const std::string what =
      batch && step.sample >= step.moved
          ? fmt::format("{} {} in {} proposed moves", step.moved, phase.moved, step.sample)
          : fmt::format("{} {}", step.moved, phase.moved);
  return fmt::format("{} {} between {}", step.accepted ? "moved" : "would have moved", what,
                     partitions(phase, shape));
}

}  // namespace

std::string sentence(const StrategyInfo& info, const HinmShape& shape, const SearchStep& step) {
  const auto index = static_cast<std::size_t>(step.phase);
  const PhaseInfo phase = index < info.phases.size() ? info.phases[index] : PhaseInfo{};
  const std::string where = step.tile < 0 ? "" : fmt::format("tile {}: ", step.tile);
  return fmt::format("{}{}: {}, {}", where, deed(phase, shape, step),
                     between(step.before, step.after), step.accepted ? "accepted" : "rejected");
}

}  // namespace gyro

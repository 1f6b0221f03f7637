#include "app/desktop/stepper/curve_data.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace gyro::desktop {
namespace {

double placeOf(std::size_t step) {
  return static_cast<double>(step + 1);
}

bool continues(const SearchStep& before, const SearchStep& step) {
  return before.phase == step.phase;
}

void addMark(CurveData& out, const SearchStep& step, std::size_t k) {
  (step.accepted ? out.accepted_x : out.rejected_x).append(placeOf(k));
  (step.accepted ? out.accepted_y : out.rejected_y).append(step.after);
}

void addLinePoint(CurveData& out, std::span<const SearchStep> steps, std::size_t k,
                  std::size_t first) {
  if (k == first || !continues(steps[k - 1], steps[k])) {
    if (!out.x.isEmpty()) {
      out.x.append(placeOf(k) - 0.5);
      out.y.append(std::numeric_limits<double>::quiet_NaN());
    }
    out.x.append(placeOf(k) - 1);
    out.y.append(steps[k].before);
  }
  out.x.append(placeOf(k));
  out.y.append(objectiveAfter(steps[k]));
}

CurveData everyStep(std::span<const SearchStep> steps, std::size_t first, std::size_t last) {
  CurveData out;
  for (std::size_t k = first; k < last; ++k) {
    addLinePoint(out, steps, k, first);
    addMark(out, steps[k], k);
  }
  return out;
}

/// One pixel column: what stands for its steps.
struct Column {
  std::optional<std::size_t> lowest;
  std::optional<std::size_t> highest;
  std::optional<std::size_t> accepted;
  std::optional<std::size_t> rejected;

  void add(std::span<const SearchStep> steps, std::size_t k) {
    const double y = objectiveAfter(steps[k]);
    if (!lowest || y < objectiveAfter(steps[*lowest])) lowest = k;
    if (!highest || y > objectiveAfter(steps[*highest])) highest = k;
    auto& mark = steps[k].accepted ? accepted : rejected;
    if (!mark || steps[k].after > steps[*mark].after) mark = k;
  }
};

void addColumn(CurveData& out, std::span<const SearchStep> steps, const Column& column,
               bool breaks) {
  if (breaks && !out.x.isEmpty()) {
    out.x.append(placeOf(std::min(*column.lowest, *column.highest)) - 0.5);
    out.y.append(std::numeric_limits<double>::quiet_NaN());
  }
  const auto [a, b] = std::minmax(*column.lowest, *column.highest);
  for (const std::size_t k : {a, b}) {
    out.x.append(placeOf(k));
    out.y.append(objectiveAfter(steps[k]));
    if (a == b) break;
  }
  if (column.accepted) addMark(out, steps[*column.accepted], *column.accepted);
  if (column.rejected) addMark(out, steps[*column.rejected], *column.rejected);
}

}  // namespace

CurveData curveOf(std::span<const SearchStep> steps, std::size_t first, std::size_t last,
                  int columns) {
  last = std::min(last, steps.size());
  if (first >= last) return {};
  const auto wanted = static_cast<std::size_t>(std::max(columns, 1));
  if (last - first <= wanted) return everyStep(steps, first, last);

  CurveData out;
  out.thinned = true;
  std::size_t k = first;
  for (std::size_t column = 0; column < wanted; ++column) {
    const std::size_t end = first + (last - first) * (column + 1) / wanted;
    Column summary;
    bool breaks = false;
    for (; k < end; ++k) {
      if (k > first && !continues(steps[k - 1], steps[k])) {
        if (summary.lowest) addColumn(out, steps, summary, breaks);
        summary = {};
        breaks = true;
      }
      summary.add(steps, k);
    }
    if (summary.lowest) addColumn(out, steps, summary, breaks);
  }
  return out;
}

std::vector<Stretch> boundedStretches(std::span<const SearchStep> steps, std::size_t first,
                                      std::size_t last, std::span<const PhaseInfo> phases) {
  std::vector<Stretch> out;
  bool open = false;
  for (std::size_t k = first; k < std::min(last, steps.size()); ++k) {
    const auto phase = static_cast<std::size_t>(steps[k].phase);
    const bool bounded = phase >= phases.size() || !phases[phase].vectors_follow_rows;
    if (bounded && !open) out.push_back({placeOf(k) - 1, placeOf(k)});
    if (bounded) out.back().to = placeOf(k);
    open = bounded;
  }
  return out;
}

}  // namespace gyro::desktop

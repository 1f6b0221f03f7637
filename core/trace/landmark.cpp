#include "core/trace/trace.hpp"

namespace gyro {
namespace {

bool begins(const Trace& trace, std::size_t position, bool with_tile) {
  if (position == 0) return true;
  if (position >= trace.steps.size()) return false;
  const SearchStep& last = trace.steps[position - 1];
  const SearchStep& next = trace.steps[position];
  return last.phase != next.phase || (with_tile && last.tile != next.tile);
}

bool is_landmark(const Trace& trace, std::size_t position, Landmark landmark) {
  if (landmark == Landmark::AcceptedMove) {
    return position > 0 && trace.steps[position - 1].accepted;
  }
  return begins(trace, position, landmark == Landmark::Tile);
}

}  // namespace

std::optional<std::size_t> find_landmark(const Trace& trace, std::size_t from, int direction,
                                         Landmark landmark) {
  if (direction > 0) {
    for (std::size_t position = from + 1; position <= trace.steps.size(); ++position) {
      if (is_landmark(trace, position, landmark)) return position;
    }
    return std::nullopt;
  }
  for (std::size_t position = from; position-- > 0;) {
    if (position <= trace.steps.size() && is_landmark(trace, position, landmark)) return position;
  }
  return std::nullopt;
}

}  // namespace gyro

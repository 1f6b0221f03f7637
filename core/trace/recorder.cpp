#include "core/trace/trace.hpp"

namespace gyro {

std::size_t Trace::memory() const {
  std::size_t bytes = steps.capacity() * sizeof(SearchStep);
  for (const auto& step : steps) {
    bytes += step.changes.capacity() * sizeof(Change);
    if (!step.snapshot) continue;
    bytes += sizeof(Permutation) + sizeof(std::int32_t) * (step.snapshot->output_order.capacity() +
                                                           step.snapshot->vector_index.capacity());
  }
  return bytes;
}

void Recorder::started(const Permutation& start) {
  trace_.start = start;
  trace_.steps.clear();
  snapshots_ = 0;
}

void Recorder::stepped(const SearchStep& step) {
  trace_.steps.push_back(step);
  trace_.steps.back().changes.shrink_to_fit();
  if (!step.snapshot || ++snapshots_ <= max_snapshots_) return;
  // Every second one goes, but never the newest: the end of the search must stay known.
  std::size_t seen = 0;
  for (auto& old : trace_.steps) {
    if (!old.snapshot || &old == &trace_.steps.back() || ++seen % 2 == 0) continue;
    old.snapshot.reset();
    --snapshots_;
  }
}

}  // namespace gyro

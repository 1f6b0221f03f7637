#include "core/permutation/tile_search.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "core/base/parallel.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

/// Hears of the tiles' steps in any order and passes them on in tile order.
class InOrder {
 public:
  InOrder(const SearchProblem& problem, Permutation& state, SearchClock& clock,
          SearchObserver* observer, const TilePhase& phase)
      : problem_(problem),
        state_(state),
        clock_(clock),
        observer_(observer),
        phase_(phase.phase),
        limit_(clock.steps_left()),
        waiting_(static_cast<std::size_t>(problem.shape.tiles())) {
    const auto split = retained_split(problem.saliency, problem.shape, state, phase.threads,
                                      [&clock] { return clock.expired(); });
    retained_ = split.retained;
    total_ = split.total;
  }

  /// Steps that a tile may at most still do.
  [[nodiscard]] std::int64_t limit() const { return limit_; }
  [[nodiscard]] bool full() const { return full_; }

  void add(int tile, std::vector<TileSearch::Step> steps) {
    const std::lock_guard lock(mutex_);
    waiting_[static_cast<std::size_t>(tile)] = std::move(steps);
    while (next_ < waiting_.size() && waiting_[next_]) {
      for (auto& step : *waiting_[next_]) tell(static_cast<int>(next_), step);
      waiting_[next_++]->clear();
    }
  }

  void tell(int tile, TileSearch::Step& told) {
    if (clock_.steps_left() <= 0) {
      full_ = true;
      return;
    }
    SearchStep& step = told.step;
    step.phase = phase_;
    step.tile = tile;
    step.before = total_ > 0 ? retained_ / total_ : 1;
    step.after = total_ > 0 ? (retained_ + told.gain) / total_ : 1;
    if (step.accepted) {
      retained_ += told.gain;
      apply_changes(problem_.shape, step.changes, state_);
    }
    clock_.count();
    if (observer_ != nullptr) observer_->stepped(step);
  }

 private:
  const SearchProblem& problem_;
  Permutation& state_;
  SearchClock& clock_;
  SearchObserver* observer_;
  std::int32_t phase_;
  std::int64_t limit_;
  std::mutex mutex_;
  std::vector<std::optional<std::vector<TileSearch::Step>>> waiting_;
  std::size_t next_ = 0;
  double retained_ = 0;
  double total_ = 0;
  std::atomic<bool> full_{false};
};

}  // namespace

std::vector<StepDetail::Drawn> moved_channels(const HinmShape& shape, const Permutation& before,
                                              const SearchStep& step) {
  std::vector<StepDetail::Drawn> out;
  for (const auto& change : step.changes) {
    if (change.tile != step.tile) continue;
    const std::span<const std::int32_t> places =
        change.tile < 0 ? std::span(before.output_order) : before.tile_vectors(shape, change.tile);
    const auto old = std::find(places.begin(), places.end(), change.channel) - places.begin();
    const bool dropped = old == std::ssize(places);
    const auto size = change.tile < 0 ? shape.vector_size : shape.nm.m;
    out.push_back({dropped ? -1 : static_cast<std::int32_t>(old / size), change.channel});
  }
  return out;
}

void apply_changes(const HinmShape& shape, const std::vector<Change>& changes, Permutation& state) {
  for (const auto& change : changes) {
    const auto place = static_cast<std::size_t>(change.position);
    if (change.tile < 0) {
      state.output_order[place] = change.channel;
    } else {
      state.tile_vectors(shape, change.tile)[place] = change.channel;
    }
  }
}

void search_tiles(const SearchProblem& problem, Permutation& state, SearchClock& clock,
                  Progress& progress, SearchObserver* observer, const TilePhase& phase,
                  const MakeTileSearch& make) {
  const int tiles = problem.shape.tiles();
  progress.begin(phase.name, tiles);
  InOrder order(problem, state, clock, observer, phase);
  const bool at_once = observer != nullptr && observer->wants_each_step_at_once();
  const auto over = [&] { return clock.expired() || order.full(); };
  // Tiles read only their own part of the state, and only when their search is made: the states of
  // other tiles may change meanwhile.
  parallel_for(tiles, at_once ? 1 : phase.threads, [&](int tile) {
    std::vector<TileSearch::Step> steps;
    if (!over() && order.limit() > 0) {
      const auto search = make(tile);
      while (static_cast<std::int64_t>(steps.size()) < order.limit() && !over()) {
        auto step = search->next();
        if (!step) break;
        if (at_once) {
          order.tell(tile, *step);
        } else {
          steps.push_back(*std::move(step));
        }
      }
    }
    if (!at_once) order.add(tile, std::move(steps));
    progress.advance();
  });
  static_cast<void>(clock.may_step());
}

}  // namespace gyro

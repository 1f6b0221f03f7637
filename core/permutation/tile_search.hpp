#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// A search inside one tile: it changes the order of the tile's vectors only.
class TileSearch {
 public:
  struct Step {
    SearchStep step;  ///< without phase, tile, before and after
    double gain = 0;  ///< saliency the proposal keeps more, absolute
  };

  TileSearch() = default;
  TileSearch(const TileSearch&) = delete;
  TileSearch& operator=(const TileSearch&) = delete;
  virtual ~TileSearch() = default;

  /// Proposes, judges and, if better, takes the next step; nothing once the search has ended or
  /// was stopped.
  [[nodiscard]] virtual std::optional<Step> next() = 0;
};

/// Makes the search of a tile from the state; called from any thread.
using MakeTileSearch = std::function<std::unique_ptr<TileSearch>(int tile)>;

struct TilePhase {
  std::int32_t phase = 0;  ///< index into StrategyInfo::phases
  std::string name;        ///< for Progress
  int threads = 0;
};

/// Runs every tile's search to its end, tiles in parallel, and applies their steps to `state`.
/// Steps are counted, told and applied tile after tile whatever the threads, so that a step limit
/// always cuts at the same place. SearchStep::before and after are retained saliency of the whole
/// layer at that moment.
void search_tiles(const SearchProblem& problem, Permutation& state, SearchClock& clock,
                  Progress& progress, SearchObserver* observer, const TilePhase& phase,
                  const MakeTileSearch& make);

/// What a step moved in its tile (or of the rows), and the tile or group that it came from; −1 for
/// a vector that was dropped. The detail of steps that draw no sample.
[[nodiscard]] std::vector<StepDetail::Drawn> moved_channels(const HinmShape& shape,
                                                            const Permutation& before,
                                                            const SearchStep& step);

/// Puts a step's changes into a state.
void apply_changes(const HinmShape& shape, const std::vector<Change>& changes, Permutation& state);

}  // namespace gyro

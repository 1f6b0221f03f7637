#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {

/// What a phase of a search moves and judges, in the strategy's own words.
struct PhaseInfo {
  std::string name;  ///< "Output permutation"
  std::string doc;   ///< one sentence
  std::string
      objective;      ///< what SearchStep::before and after count: "retained at the vector level"
  std::string moved;  ///< plural noun of what moves: "rows", "vectors"
  std::string partition;  ///< plural noun of where it moves: "tiles", "groups"
  /// True while the tiles' vectors follow from their rows by the default rule (the vector level of
  /// an output permutation): steps then list row changes only.
  bool vectors_follow_rows = false;
};

/// One place of the permutation that a step filled anew.
struct Change {
  std::int32_t tile = -1;     ///< −1: output_order[position] = channel; else
  std::int32_t position = 0;  ///< vector_index[tile · kept + position] = channel
  std::int32_t channel = 0;

  bool operator==(const Change&) const = default;
};

/// One step of a search: one iteration of sampling, clustering, assignment; or a batch (sweep) of
/// many small moves. Small; what is large is recomputed by Strategy::explain().
struct SearchStep {
  std::int32_t phase = 0;    ///< index into StrategyInfo::phases
  std::int32_t tile = -1;    ///< the tile it works in, −1 = the whole layer
  std::int32_t round = 0;    ///< of the phase's schedule
  std::int32_t sample = 0;   ///< channels drawn per partition (c), or moves proposed in a sweep
  std::uint64_t stream = 0;  ///< index of the step's own random stream
  bool accepted = false;
  std::int32_t moved = 0;  ///< channels that changed their partition (of the proposal, if rejected)
  double before = 0;       ///< the phase's objective, fraction of the layer's total saliency
  double after = 0;        ///< the proposal's objective, also when it was rejected
  std::vector<Change> changes;  ///< of an accepted step
  /// For batches: the whole state after the step, now and then; null when `changes` says it all
  /// or the state of this step is not kept.
  std::shared_ptr<const Permutation> snapshot;
};

/// The large detail of one step, for the stepper's views. What a strategy does not have is empty.
struct StepDetail {
  struct Drawn {
    std::int32_t partition = 0;  ///< tile or group it was drawn from
    std::int32_t channel = 0;    ///< original row or column
  };
  std::vector<Drawn> sampled;            ///< in drawing order
  std::vector<std::int32_t> cluster_of;  ///< cluster of each sampled channel; empty: no clustering
  std::vector<double> cluster_spread;    ///< sum of squared distances to each cluster's centre
  MatrixD cost;                          ///< [partitions × clusters or channels] saliency lost
  std::vector<std::int32_t> assignment;  ///< column chosen for every partition (row of cost)
  double stay_cost = 0;                  ///< cost of leaving everything where it is
  double chosen_cost = 0;                ///< cost of the assignment
};

/// Hears what a search does, in a fixed order whatever the threads. Calls come one at a time from
/// whatever thread searches; a call may block (to pause a search), but must return soon after a
/// cancel of the run's Progress.
class SearchObserver {
 public:
  SearchObserver() = default;
  SearchObserver(const SearchObserver&) = delete;
  SearchObserver& operator=(const SearchObserver&) = delete;
  virtual ~SearchObserver() = default;

  /// The state before the first step.
  virtual void started(const Permutation& start) = 0;
  virtual void stepped(const SearchStep& step) = 0;
  /// Asks the search to do one step after the other (tiles not in parallel), so that each is heard
  /// as soon as it was done. The steps are the same.
  [[nodiscard]] virtual bool wants_each_step_at_once() const { return false; }
};

}  // namespace gyro

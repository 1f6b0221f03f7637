#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/permutation/step.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// What a search did: everything needed to show any moment of it again, given the saliency.
struct Trace {
  std::string strategy;
  HinmShape shape;
  SearchOptions options;
  Permutation start;
  std::vector<SearchStep> steps;
  /// What searched. The detail of a step is only known of the CPU's random streams.
  std::string device = "cpu";

  /// Bytes the steps take in memory.
  [[nodiscard]] std::size_t memory() const;
};

/// Records a running search. Batches that bring a snapshot are thinned out once there are more than
/// `max_snapshots` of them (every second one is let go), so that memory stays bounded.
class Recorder : public SearchObserver {
 public:
  explicit Recorder(Trace& trace, std::size_t max_snapshots = 512)
      : trace_(trace), max_snapshots_(max_snapshots) {}

  void started(const Permutation& start) override;
  void stepped(const SearchStep& step) override;

 private:
  Trace& trace_;
  std::size_t max_snapshots_;
  std::size_t snapshots_ = 0;
};

/// The full state at any step of a trace, forward and back. Position 0 is the start, position k the
/// state after k steps. Keeps keyframes, so that any seek costs a bounded number of steps.
class Replay {
 public:
  /// `trace` and what `saliency` views must outlive the replay. Fails if the trace does not fit
  /// itself or the saliency (a file may have been changed by hand).
  [[nodiscard]] static Result<Replay> open(const Trace& trace, MatrixView saliency);

  [[nodiscard]] std::size_t size() const { return trace_->steps.size(); }
  [[nodiscard]] std::size_t position() const { return current_.position; }
  /// The state at `position`, 0 … size(). While a phase's vectors follow from its rows, they are
  /// filled in by the default rule.
  const Permutation& seek(std::size_t position);
  /// The detail of step k, 0 … size() − 1 (the one that leads from position k to k + 1). Empty for
  /// a search on another device than the CPU.
  [[nodiscard]] Result<StepDetail> detail(std::size_t step);

 private:
  /// A state on the way. In a phase whose vectors follow from its rows they are not filled in.
  struct Frame {
    std::size_t position = 0;
    Permutation state;
    bool stale = false;  ///< the vectors have to be filled in
  };

  Replay(const Trace& trace, MatrixView saliency, const Strategy& strategy)
      : trace_(&trace), saliency_(saliency), strategy_(&strategy) {}
  [[nodiscard]] Status build_keyframes();
  [[nodiscard]] Status check_step(std::size_t step) const;
  [[nodiscard]] bool follows_rows(std::size_t step) const;
  [[nodiscard]] const Frame& keyframe_before(std::size_t position) const;
  void advance(Frame& frame) const;
  void fill(Permutation& state) const;
  [[nodiscard]] Permutation state_at(std::size_t position) const;
  void show();

  const Trace* trace_;
  MatrixView saliency_;
  const Strategy* strategy_;
  std::vector<Frame> keyframes_;
  Frame current_;
  Permutation shown_;
  bool shown_filled_ = false;  ///< the shown vectors are the default ones of the shown rows
};

/// One sentence on a step for people: "moved 96 rows between 12 tiles: .4183 → .4201, accepted".
[[nodiscard]] std::string sentence(const StrategyInfo& info, const HinmShape& shape,
                                   const SearchStep& step);

/// Where the next step of interest is, searching from `from` forward (direction > 0) or back;
/// nothing when there is none. Positions as in Replay.
enum class Landmark { AcceptedMove, Phase, Tile };
[[nodiscard]] std::optional<std::size_t> find_landmark(const Trace& trace, std::size_t from,
                                                       int direction, Landmark landmark);

}  // namespace gyro

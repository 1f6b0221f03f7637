#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/permutation/parameters.hpp"
#include "core/permutation/step.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// What is searched: argmax over permutations of the saliency that the HiNM mask keeps.
struct SearchProblem {
  MatrixView saliency;  ///< ρ, [rows × cols], finite, ≥ 0
  HinmShape shape;
};

/// A state to go on from, instead of the strategy's own start.
struct SearchStart {
  Permutation permutation;  ///< valid for the shape
  std::int32_t phase = 0;   ///< index into StrategyInfo::phases: those before it are over
  std::int32_t round = 0;   ///< of that phase's schedule, where it has rounds
  double share = 0;         ///< 0 … 1 of a cooling that is over, where the strategy cools
};

struct SearchOptions {
  Parameters parameters;  ///< of this strategy
  std::uint64_t seed = 1;
  std::optional<double> budget_seconds;   ///< wall time of the search, all threads
  std::optional<std::int64_t> max_steps;  ///< proposed moves, in the strategy's own unit
  int threads = 0;  ///< 0 = all; never changes the result of a fixed number of steps
  /// Null: where the strategy begins by itself. A strategy without StrategyInfo::takes_start
  /// refuses one.
  std::shared_ptr<const SearchStart> start = nullptr;
};

enum class StopReason { Finished, Budget, Steps, Cancelled };

/// "finished", "budget", "steps", "cancelled"
[[nodiscard]] std::string_view name_of(StopReason reason);

/// What a search found. The permutation is always valid, also after a cancel: the best so far.
struct SearchResult {
  Permutation permutation;
  /// Retained saliency that the search reports, a fraction of the total; equals
  /// retained_saliency() of the permutation to the last digit.
  double retained_saliency = 0;
  std::int64_t steps = 0;
  double seconds = 0;
  StopReason stopped_by = StopReason::Finished;
};

struct StrategyInfo {
  std::string name;    ///< as typed: "gyro"
  std::string title;   ///< as shown: "Gyro-permutation"
  std::string doc;     ///< two or three sentences
  std::string source;  ///< paper or "ours"; assumptions are named here
  std::vector<ParameterInfo> parameters;
  std::vector<PhaseInfo> phases;  ///< in the strategy's own words; empty: nothing to step through
  bool uses_seed = true;
  bool takes_start = false;  ///< can go on from SearchOptions::start
  /// Searches nothing: its result is the start, without which it is refused. Whoever runs it reads
  /// the permutation from where the parameter "path" says (the room below knows no files).
  bool keeps_start = false;
};

/// A way to find a permutation. Stateless: run() may be called from several threads at once.
class Strategy {
 public:
  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

  [[nodiscard]] virtual const StrategyInfo& info() const = 0;

  /// Searches. Reports to `progress` and, if not null, every step to `observer` in a fixed order.
  /// A cancel, the budget or the step limit end it with the best so far (within 200 ms).
  [[nodiscard]] virtual Result<SearchResult> run(const SearchProblem& problem,
                                                 const SearchOptions& options, Progress& progress,
                                                 SearchObserver* observer) const = 0;

  /// Refuses what run() would, as far as that does not depend on the saliency: parameters that do
  /// not fit the shape, a shape that is too large, a start that cannot be gone on from.
  [[nodiscard]] virtual Status check(const HinmShape& shape, const SearchOptions& options) const;

  /// Recomputes the large detail of a step (the sampled set, clusters, cost matrix, assignment)
  /// from the state before it and the step's own random stream. Steps without detail: all empty.
  [[nodiscard]] virtual Result<StepDetail> explain(const SearchProblem& problem,
                                                   const SearchOptions& options,
                                                   const Permutation& before,
                                                   const SearchStep& step) const;
};

/// Every strategy, in the order to show them.
[[nodiscard]] const std::vector<std::unique_ptr<const Strategy>>& strategies();

/// The strategy of that name; an error names the known ones.
[[nodiscard]] Result<const Strategy*> find_strategy(std::string_view name);

}  // namespace gyro

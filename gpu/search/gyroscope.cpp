#include "gpu/search/gyroscope.hpp"

#include <numeric>
#include <optional>
#include <vector>

#include "gpu/search/annealing.hpp"

namespace gyro::cuda {
namespace {

std::vector<std::int32_t> identity_order(int rows) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(rows));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

/// What ends a search before its first sweep, if anything does.
std::optional<Stop> ends_at_once(const Layout& layout, const SaliencySums& sums,
                                 const gyro_search& search, const SearchTime& clock) {
  if (search.max_steps == 0) return Stop::Steps;
  if (search.budget_seconds >= 0 && clock.seconds() >= search.budget_seconds) return Stop::Budget;
  const bool can_move = layout.moves_vectors() || layout.moves_rows();
  if (sums.total <= 0 || !can_move) return Stop::Finished;
  return std::nullopt;
}

/// Anneals from the state's permutation, which keeps out.retained; never ends with less.
Status anneal(SearchState& state, const gyro_search& search, const SearchTime& clock,
              const gyro_progress* progress, const Odds& odds, SearchOutcome& out) {
  const Layout& layout = state.field().layout;
  const float warmth = search.max_steps >= 0 ? warmth_of(double(search.max_steps)) : 1;
  const double kept = out.retained * state.total() * state.scale();
  Annealing annealing(state, search, clock, progress, out.retained);
  GYRO_CHECK(annealing.run(first_control(layout, kept, search.seed, odds, warmth)));
  out.steps = annealing.steps();
  out.stopped_by = annealing.stopped_by();
  GYRO_TRY(const double found, state.retained());
  if (found >= out.retained) {
    out.retained = found;
    return {};
  }
  GYRO_CHECK(state.load(identity_order(layout.rows)));
  GYRO_TRY(const FoundOrders orders, state.orders());
  annealing.tell_return(orders, out.retained);
  return {};
}

}  // namespace

Result<SearchOutcome> search_gyroscope(const gyro_context& context, const float* saliency,
                                       const SaliencySums& sums, const gyro_shape& shape,
                                       const gyro_search& search, const SearchTime& clock,
                                       const gyro_progress* progress,
                                       const GyroscopeOptions& options) {
  GYRO_TRY(const Layout layout, make_layout(shape, context, options.rounds));
  SaliencySums safe = sums;
  if (safe.total <= 0) safe.total = 1;
  GYRO_TRY(SearchState state, SearchState::make(context, layout, saliency, safe));
  GYRO_CHECK(state.load(identity_order(layout.rows)));
  SearchOutcome out;
  GYRO_TRY(out.retained, state.retained());
  if (sums.total <= 0) out.retained = 1;  // as core counts it: nothing is lost
  if (const auto end = ends_at_once(layout, sums, search, clock)) {
    out.stopped_by = *end;
  } else {
    GYRO_CHECK(anneal(state, search, clock, progress, options.odds.value_or(odds_of(layout)), out));
  }
  GYRO_TRY(out.orders, state.orders());
  return out;
}

}  // namespace gyro::cuda

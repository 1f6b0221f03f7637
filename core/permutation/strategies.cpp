#include "core/permutation/strategies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/permutation/search_clock.hpp"

namespace gyro {

std::string_view name_of(StopReason reason) {
  switch (reason) {
    case StopReason::Finished:
      return "finished";
    case StopReason::Budget:
      return "budget";
    case StopReason::Steps:
      return "steps";
    case StopReason::Cancelled:
      return "cancelled";
  }
  return "finished";
}

Status Strategy::check(const HinmShape& shape, const SearchOptions& options) const {
  return check_start(info(), shape, options);
}

Result<StepDetail> Strategy::explain(const SearchProblem& /*problem*/,
                                     const SearchOptions& /*options*/,
                                     const Permutation& /*before*/,
                                     const SearchStep& /*step*/) const {
  return StepDetail{};
}

const std::vector<std::unique_ptr<const Strategy>>& strategies() {
  static const auto all = [] {
    std::vector<std::unique_ptr<const Strategy>> list;
    list.push_back(make_identity());
    list.push_back(make_random());
    list.push_back(make_magnitude());
    list.push_back(make_ovw());
    list.push_back(make_gyro());
    list.push_back(make_gyroscope());
    list.push_back(make_hinm_v1());
    list.push_back(make_hinm_v2());
    list.push_back(make_apex_stripe());
    list.push_back(make_apex_swap());
    list.push_back(make_ria());
    list.push_back(make_tetris());
    list.push_back(make_exact());
    list.push_back(make_file());
    list.push_back(make_manual());
    return list;
  }();
  return all;
}

Result<const Strategy*> find_strategy(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& strategy : strategies()) {
    if (strategy->info().name == name) return strategy.get();
    known.push_back(strategy->info().name);
  }
  return fail(ErrorCode::NotFound, fmt::format("there is no strategy '{}'", name), {},
              fmt::format("Known: {}.", fmt::join(known, ", ")));
}

}  // namespace gyro

#pragma once

#include <nlohmann/json.hpp>

#include "core/base/result.hpp"
#include "core/device/device_info.hpp"
#include "core/model/problem.hpp"
#include "core/model/pruning_error.hpp"
#include "core/model/run.hpp"
#include "core/permutation/step.hpp"
#include "core/permutation/strategy.hpp"

/// The values that cross between program and worker. Reading one checks all that this side can
/// check: a value that came in is safe to use.
namespace gyro::remote {

[[nodiscard]] nlohmann::json to_json(const ProblemSettings& settings);
[[nodiscard]] Result<ProblemSettings> settings_from_json(const nlohmann::json& json);

[[nodiscard]] nlohmann::json to_json(const RunRequest& request);
[[nodiscard]] Result<RunRequest> request_from_json(const nlohmann::json& json,
                                                   const HinmShape& shape);

[[nodiscard]] nlohmann::json to_json(const Permutation& permutation);
/// Without vectors only if `complete` is false: a phase in which they follow from the rows.
[[nodiscard]] Result<Permutation> permutation_from_json(const nlohmann::json& json,
                                                        const HinmShape& shape,
                                                        bool complete = true);

[[nodiscard]] nlohmann::json to_json(const SearchStep& step);
[[nodiscard]] Result<SearchStep> step_from_json(const nlohmann::json& json, const HinmShape& shape);

/// Whoever reads a result counts its retained saliency anew.
[[nodiscard]] nlohmann::json to_json(const SearchResult& result);
[[nodiscard]] Result<SearchResult> result_from_json(const nlohmann::json& json,
                                                    const HinmShape& shape);

[[nodiscard]] nlohmann::json to_json(const Placement& placement);
[[nodiscard]] Result<Placement> placement_from_json(const nlohmann::json& json);

[[nodiscard]] nlohmann::json to_json(const DeviceInfo& device);
[[nodiscard]] Result<DeviceInfo> device_from_json(const nlohmann::json& json);

[[nodiscard]] nlohmann::json to_json(const PruningError& error);
[[nodiscard]] Result<PruningError> pruning_error_from_json(const nlohmann::json& json, int rows);

}  // namespace gyro::remote

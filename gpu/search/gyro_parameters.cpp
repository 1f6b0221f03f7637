#include "gpu/search/gyro_parameters.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "core/permutation/gyro_rounds.hpp"

namespace gyro::cuda {

Result<GyroParameters> parse_gyro_parameters(const char* json) {
  GyroParameters out;
  const auto given = nlohmann::json::parse(json != nullptr ? json : "{}", nullptr, false);
  if (!given.is_object()) {
    return fail(ErrorCode::InvalidArgument, "the parameters are no JSON object");
  }
  try {
    if (given.contains("schedule")) {
      GYRO_TRY(out.schedule, parse_schedule(given.at("schedule").get<std::string>()));
    }
    out.patience = given.value("patience", out.patience);
    out.reset = given.value("reset", out.reset);
    out.kmeans_iterations = given.value("kmeans_iterations", out.kmeans_iterations);
    out.kmeans_tolerance = given.value("kmeans_tolerance", out.kmeans_tolerance);
    out.input_patience = given.value("input_patience", out.input_patience);
    out.input_reset = given.value("input_reset", out.input_reset);
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::InvalidArgument,
                std::string("a parameter has another type: ") + error.what());
  }
  return out;
}

}  // namespace gyro::cuda

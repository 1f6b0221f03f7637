#include "gpu/search/gyro_parameters.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace gyro::cuda {
namespace {

constexpr int kMostRows = 256;  // of a sample, as core allows

Result<std::vector<int>> parse_schedule(const std::string& text) {
  std::vector<int> out;
  const char* next = text.data();
  const char* const end = next + text.size();
  while (next < end) {
    int sample = 0;
    const auto parsed = std::from_chars(next, end, sample);
    const bool more = parsed.ptr != end && *parsed.ptr == ',' && parsed.ptr + 1 != end;
    if (parsed.ec != std::errc() || sample < 1 || sample > kMostRows ||
        (parsed.ptr != end && !more)) {
      out.clear();
      break;
    }
    out.push_back(sample);
    next = more ? parsed.ptr + 1 : end;
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::InvalidArgument, "'" + text + "' is not a schedule", "schedule",
              "Write rows drawn from each tile, round after round: 8,1,4,1,2,1,1.");
}

}  // namespace

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

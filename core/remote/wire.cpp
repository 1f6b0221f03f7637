#include "core/remote/wire.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/base/advice.hpp"
#include "core/io/trace_columns.hpp"
#include "core/remote/fields.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;

Json to_json(const CompanionSource& source) {
  return {{"file", source.file}, {"tensor", source.tensor}};
}

Result<CompanionSource> source_from_json(const Json& json) {
  Fields fields(json);
  CompanionSource out{fields.text("file"), fields.text("tensor")};
  GYRO_CHECK(fields.status());
  return out;
}

Json binary_of(const std::vector<Change>& changes) {
  std::vector<std::int32_t> flat;
  flat.reserve(3 * changes.size());
  for (const auto& change : changes) {
    flat.insert(flat.end(), {change.tile, change.position, change.channel});
  }
  return binary(flat);
}

std::vector<Change> changes_of(const std::vector<std::int32_t>& flat) {
  std::vector<Change> out;
  out.reserve(flat.size() / 3);
  for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
    out.push_back({flat[i], flat[i + 1], flat[i + 2]});
  }
  return out;
}

bool are_sums_of_squares(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value) && value >= 0; });
}

Json to_json(const SquaredErrors& errors) {
  return {{"lost", binary(errors.lost)}, {"all", binary(errors.all)}};
}

/// [rows] each, or both empty where that may be; finite, ≥ 0.
Result<SquaredErrors> errors_from_json(const Json& json, int rows, bool may_be_empty) {
  Fields fields(json);
  SquaredErrors out{fields.numbers("lost"), fields.numbers("all")};
  GYRO_CHECK(fields.status());
  const bool none = may_be_empty && out.lost.empty();
  const auto expected = none ? 0 : static_cast<std::size_t>(rows);
  if (out.lost.size() != expected || out.all.size() != expected || !are_sums_of_squares(out.lost) ||
      !are_sums_of_squares(out.all)) {
    return fail(ErrorCode::Malformed, "the errors of the rows cannot be right", {},
                advice::kVersions);
  }
  return out;
}

Json to_json(const ReferenceError& reference) {
  Json out{{"name", reference.name}, {"title", reference.title}, {"weight", reference.weight}};
  if (reference.output) out["output"] = *reference.output;
  return out;
}

Result<ReferenceError> reference_from_json(const Json& json) {
  Fields fields(json);
  ReferenceError out{fields.text("name"), fields.text("title"), fields.number("weight"), {}};
  if (fields.has("output")) out.output = fields.number("output");
  GYRO_CHECK(fields.status());
  return out;
}

Json to_json(const SearchStart& start) {
  return {{"permutation", remote::to_json(start.permutation)},
          {"phase", start.phase},
          {"round", start.round},
          {"share", start.share}};
}

Result<SearchStart> start_from_json(const Json& json, const HinmShape& shape) {
  Fields fields(json);
  SearchStart out;
  out.phase = static_cast<std::int32_t>(fields.integer("phase", 0, INT32_MAX));
  out.round = static_cast<std::int32_t>(fields.integer("round", 0, INT32_MAX));
  out.share = fields.number("share");
  GYRO_TRY(out.permutation, permutation_from_json(fields.part("permutation"), shape));
  GYRO_CHECK(fields.status());
  return out;
}

}  // namespace

Json to_json(const ProblemSettings& settings) {
  return {{"V", settings.vector_size},
          {"N", settings.nm.n},
          {"M", settings.nm.m},
          {"sparsity", settings.sparsity.text()},
          {"saliency", name_of(settings.saliency.kind)},
          {"calibration", to_json(settings.saliency.calibration)},
          {"scores", to_json(settings.saliency.scores)},
          {"ria_exponent", settings.saliency.ria_exponent}};
}

Result<ProblemSettings> settings_from_json(const Json& json) {
  constexpr int kMost = 1 << 30;
  Fields fields(json);
  ProblemSettings out;
  out.vector_size = static_cast<int>(fields.integer("V", 1, kMost));
  out.nm.n = static_cast<int>(fields.integer("N", 1, kMost));
  out.nm.m = static_cast<int>(fields.integer("M", 1, kMost));
  const std::string sparsity = fields.text("sparsity");
  const std::string saliency = fields.text("saliency");
  out.saliency.ria_exponent = fields.number("ria_exponent");
  GYRO_CHECK(fields.status());
  GYRO_TRY(out.sparsity, parse_fraction(sparsity));
  GYRO_TRY(out.saliency.kind, parse_saliency(saliency));
  GYRO_TRY(out.saliency.calibration, source_from_json(fields.part("calibration")));
  GYRO_TRY(out.saliency.scores, source_from_json(fields.part("scores")));
  return out;
}

Json to_json(const RunRequest& request) {
  Json out{{"strategy", request.strategy}, {"parameters", request.parameters},
           {"seed", request.seed},         {"threads", request.threads},
           {"device", request.device},     {"device_memory", request.device_memory}};
  if (request.budget_seconds) out["budget_seconds"] = *request.budget_seconds;
  if (request.max_steps) out["max_steps"] = *request.max_steps;
  if (request.start) out["start"] = to_json(*request.start);
  return out;
}

Result<RunRequest> request_from_json(const Json& json, const HinmShape& shape) {
  Fields fields(json);
  RunRequest out;
  out.strategy = fields.text("strategy");
  out.seed = fields.whole("seed");
  out.threads = static_cast<int>(fields.integer("threads", 0, 1 << 16));
  out.device = fields.text("device");
  out.device_memory = fields.whole("device_memory");
  if (fields.has("budget_seconds")) out.budget_seconds = fields.number("budget_seconds");
  if (fields.has("max_steps")) out.max_steps = fields.integer("max_steps", 0, INT64_MAX);
  const Json& parameters = fields.part("parameters");
  GYRO_CHECK(fields.status());
  for (const auto& [name, value] : parameters.items()) {
    if (!value.is_string())
      return fail(ErrorCode::Malformed, "a parameter is no text", name, advice::kVersions);
    out.parameters[name] = value.get<std::string>();
  }
  if (fields.has("start")) {
    GYRO_TRY(SearchStart start, start_from_json(fields.part("start"), shape));
    out.start = std::make_shared<const SearchStart>(std::move(start));
  }
  return out;
}

Json to_json(const Permutation& permutation) {
  return {{"output_order", binary(permutation.output_order)},
          {"vector_index", binary(permutation.vector_index)}};
}

Result<Permutation> permutation_from_json(const Json& json, const HinmShape& shape, bool complete) {
  Fields fields(json);
  Permutation out{fields.integers("output_order"), fields.integers("vector_index")};
  GYRO_CHECK(fields.status());
  GYRO_CHECK(complete ? validate(out, shape) : check_state(out, shape));
  return out;
}

Json to_json(const SearchStep& step) {
  Json out{{"phase", step.phase},   {"tile", step.tile},
           {"round", step.round},   {"sample", step.sample},
           {"stream", step.stream}, {"accepted", step.accepted},
           {"moved", step.moved},   {"before", step.before},
           {"after", step.after},   {"changes", binary_of(step.changes)}};
  if (step.snapshot) out["snapshot"] = to_json(*step.snapshot);
  return out;
}

Result<SearchStep> step_from_json(const Json& json, const HinmShape& shape) {
  Fields fields(json);
  const auto small = [&](const char* key, std::int64_t least) {
    return static_cast<std::int32_t>(fields.integer(key, least, INT32_MAX));
  };
  SearchStep out;
  out.phase = small("phase", 0);
  out.tile = small("tile", -1);
  out.round = small("round", INT32_MIN);
  out.sample = small("sample", INT32_MIN);
  out.stream = fields.whole("stream");
  out.accepted = fields.flag("accepted");
  out.moved = small("moved", INT32_MIN);
  out.before = fields.number("before");
  out.after = fields.number("after");
  out.changes = changes_of(fields.integers("changes"));
  GYRO_CHECK(fields.status());
  if (fields.has("snapshot")) {
    GYRO_TRY(auto state, permutation_from_json(fields.part("snapshot"), shape, false));
    out.snapshot = std::make_shared<const Permutation>(std::move(state));
  }
  GYRO_CHECK(check_step(out, shape));
  return out;
}

Json to_json(const SearchResult& result) {
  return {{"permutation", to_json(result.permutation)},
          {"retained_saliency", result.retained_saliency},
          {"steps", result.steps},
          {"seconds", result.seconds},
          {"stopped_by", name_of(result.stopped_by)}};
}

Result<SearchResult> result_from_json(const Json& json, const HinmShape& shape) {
  Fields fields(json);
  SearchResult out;
  out.retained_saliency = fields.number("retained_saliency");
  out.steps = fields.integer("steps", 0, INT64_MAX);
  out.seconds = fields.number("seconds");
  const std::string stopped_by = fields.text("stopped_by");
  const Json& permutation = fields.part("permutation");
  GYRO_CHECK(fields.status());
  constexpr std::array kReasons{StopReason::Finished, StopReason::Budget, StopReason::Steps,
                                StopReason::Cancelled};
  const auto* const reason = std::find_if(kReasons.begin(), kReasons.end(),
                                          [&](StopReason r) { return name_of(r) == stopped_by; });
  if (reason == kReasons.end()) {
    return fail(ErrorCode::Malformed, "the reason why the search ended is not known", {},
                advice::kVersions);
  }
  out.stopped_by = *reason;
  GYRO_TRY(out.permutation, permutation_from_json(permutation, shape));
  return out;
}

Json to_json(const DeviceInfo& device) {
  return {{"id", device.id},
          {"name", device.name},
          {"capability", device.capability},
          {"driver", device.driver},
          {"runtime", device.runtime},
          {"state", device.state},
          {"usable", device.usable},
          {"memory_total", device.memory_total},
          {"memory_free", device.memory_free}};
}

Result<DeviceInfo> device_from_json(const Json& json) {
  Fields fields(json);
  DeviceInfo out;
  out.id = fields.text("id");
  out.name = fields.text("name");
  out.capability = fields.text("capability");
  out.driver = fields.text("driver");
  out.runtime = fields.text("runtime");
  out.state = fields.text("state");
  out.usable = fields.flag("usable");
  out.memory_total = fields.whole("memory_total");
  out.memory_free = fields.whole("memory_free");
  GYRO_CHECK(fields.status());
  return out;
}

Json to_json(const Placement& placement) {
  return {{"device", placement.device}, {"note", placement.note}};
}

Result<Placement> placement_from_json(const Json& json) {
  Fields fields(json);
  Placement out{fields.text("device"), fields.text("note")};
  GYRO_CHECK(fields.status());
  return out;
}

Json to_json(const PruningError& error) {
  Json references = Json::array();
  for (const auto& reference : error.references) references.push_back(to_json(reference));
  return {{"weight", to_json(error.errors.weight)},
          {"output", to_json(error.errors.output)},
          {"references", std::move(references)},
          {"placement", to_json(Placement{error.device, error.device_note})},
          {"seconds", error.seconds}};
}

Result<PruningError> pruning_error_from_json(const Json& json, int rows) {
  Fields fields(json);
  PruningError out;
  GYRO_TRY(out.errors.weight, errors_from_json(fields.part("weight"), rows, false));
  GYRO_TRY(out.errors.output, errors_from_json(fields.part("output"), rows, true));
  GYRO_TRY(Placement placement, placement_from_json(fields.part("placement")));
  out.seconds = fields.number("seconds");
  for (const auto& item : fields.part("references")) {
    GYRO_TRY(auto reference, reference_from_json(item));
    out.references.push_back(std::move(reference));
  }
  GYRO_CHECK(fields.status());
  out.device = std::move(placement.device);
  out.device_note = std::move(placement.note);
  return out;
}

}  // namespace gyro::remote

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/benchmark/report_file.hpp"

namespace gyro {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json text(const std::string& value) {
  return value.empty() ? Json(nullptr) : Json(value);
}

Json time(const Timing& timing, double value) {
  return timing.timed() ? Json(value) : Json(nullptr);
}

void add_spread(Json& out, const std::string& name, const Timing& timing) {
  out[name + "_p5_us"] = time(timing, timing.p5_us);
  out[name + "_p95_us"] = time(timing, timing.p95_us);
  out[name + "_samples"] = timing.samples;
  out[name + "_discarded"] = timing.discarded;
  out[name + "_note"] = text(timing.note);
}

Json json_of(const BenchResult& result) {
  Json out;
  out["m"] = result.m;
  out["k"] = result.k;
  out["n"] = result.n;
  out["vector_size"] = result.vector_size;
  out["sparsity"] = result.sparsity;
  out["dtype"] = name_of(result.type);
  out["mode"] = name_of(result.mode);
  out["path"] = text(result.path);
  out["hinm_us"] = time(result.hinm, result.hinm.median_us);
  out["hinm_p5_us"] = time(result.hinm, result.hinm.p5_us);
  out["hinm_p95_us"] = time(result.hinm, result.hinm.p95_us);
  out["samples"] = result.hinm.samples;
  out["cublas_us"] = time(result.cublas, result.cublas.median_us);
  out["cublas_masked_us"] = time(result.cublas_masked, result.cublas_masked.median_us);
  out["cusparselt_us"] = time(result.cusparselt, result.cusparselt.median_us);
  out["speedup_cublas"] = number(result.speedup_cublas());
  out["relative_error"] = number(result.relative_error);
  out["ceiling_name"] = text(result.ceiling_name);
  out["share_of_ceiling"] = number(result.share_of_ceiling);
  out["nm"] = result.nm.text();
  out["kept"] = result.kept;
  out["layer"] = text(result.layer);
  out["convert_us"] = number(result.convert_us);
  out["bytes"] = number(result.bytes);
  out["discarded"] = result.hinm.discarded;
  out["note"] = text(result.hinm.note);
  add_spread(out, "cublas", result.cublas);
  add_spread(out, "cublas_masked", result.cublas_masked);
  add_spread(out, "cusparselt", result.cusparselt);
  return out;
}

Json json_of(const CardState& state) {
  return {{"sm_clock_mhz", number(state.sm_clock_mhz)},
          {"memory_clock_mhz", number(state.memory_clock_mhz)},
          {"power_w", number(state.power_w)},
          {"temperature_c", number(state.temperature_c)},
          {"throttle", state.throttle}};
}

Json json_of(const BenchEnvironment& environment) {
  return {{"card", environment.card},
          {"driver", environment.driver},
          {"cuda", environment.cuda},
          {"cublas", text(environment.cublas)},
          {"cusparselt", text(environment.cusparselt)},
          {"sm_clock_max_mhz", number(environment.sm_clock_max_mhz)},
          {"before", json_of(environment.before)},
          {"after", json_of(environment.after)}};
}

/// A cell of a table; quoted where it holds a separator.
std::string csv_cell(const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) return value.dump();
  auto plain = value.get<std::string>();
  if (plain.find_first_of(",\"\r\n") == std::string::npos) return plain;
  std::string out = "\"";
  for (const char c : plain) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string report_json(const BenchReport& report) {
  Json out;
  out["format"] = kReportFormat;
  out["format_version"] = kReportVersion;
  out["version"] = report.version;
  out["time"] = report.time;
  out["environment"] = json_of(report.environment);
  out["ceilings"] = Json::array();
  for (const auto& ceiling : report.ceilings) {
    out["ceilings"].push_back(
        {{"name", ceiling.name}, {"unit", ceiling.unit}, {"value", ceiling.value}});
  }
  out["results"] = Json::array();
  for (const auto& result : report.results) out["results"].push_back(json_of(result));
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string report_csv(const BenchReport& report) {
  std::string out;
  for (const auto& result : report.results) {
    const Json row = json_of(result);
    std::string header;
    std::string line;
    for (const auto& [key, value] : row.items()) {
      header += (header.empty() ? "" : ",") + key;
      line += (&value == &row.front() ? "" : ",") + csv_cell(value);
    }
    if (out.empty()) out = header + "\r\n";
    out += line + "\r\n";
  }
  return out;
}

}  // namespace gyro

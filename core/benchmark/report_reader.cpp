#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/advice.hpp"
#include "core/benchmark/report_file.hpp"
#include "core/io/input_file.hpp"
#include "core/io/safe_write.hpp"

namespace gyro {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;
constexpr double kLargestCount = 1e12;

/// Reads values out of one object and keeps the first thing that is wrong, so that a record is read
/// in one go and judged at its end.
class Fields {
 public:
  Fields(const Json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object.is_object()) wrong("", "is not an object");
  }

  [[nodiscard]] std::string text(const char* key, bool needed = true) {
    const Json* const value = find(key, needed);
    if (value == nullptr || value->is_null()) {
      if (value != nullptr && needed) wrong(key, "is null");
      return {};
    }
    if (value->is_string()) return value->get<std::string>();
    wrong(key, "is not a text");
    return {};
  }

  [[nodiscard]] std::optional<double> number(const char* key, bool needed = true) {
    const Json* const value = find(key, needed);
    if (value == nullptr || value->is_null()) return std::nullopt;
    const double out = value->is_number() ? value->get<double>() : std::nan("");
    if (std::isfinite(out)) return out;
    wrong(key, "is not a number");
    return std::nullopt;
  }

  /// A number from nothing up; null and absent are empty.
  [[nodiscard]] std::optional<double> amount(const char* key, bool needed = true) {
    const auto out = number(key, needed);
    if (out && *out < 0) wrong(key, "is negative");
    return out;
  }

  [[nodiscard]] std::int64_t count(const char* key, std::int64_t least, double most = kLargestCount,
                                   bool needed = true) {
    const auto out = number(key, needed);
    if (!out) {
      if (needed) wrong(key, "is missing");
      return least;
    }
    if (*out < static_cast<double>(least) || *out > most || std::floor(*out) != *out) {
      wrong(key, "is not a whole number in range");
      return least;
    }
    return static_cast<std::int64_t>(*out);
  }

  [[nodiscard]] const Json& member(const char* key) {
    static const Json nothing;
    const Json* const value = find(key, true);
    return value == nullptr ? nothing : *value;
  }

  /// A value that a parser reads out of a text.
  template <class Parser>
  [[nodiscard]] auto parsed(const char* key, Parser parser, const std::string& text) {
    auto out = parser(text);
    if (!out) wrong(key, out.error().what);
    return out ? *out : typename decltype(out)::value_type{};
  }

  void wrong(const std::string& key, const std::string& what) {
    if (!status_) return;
    const std::string at = key.empty() ? place_ : place_.empty() ? key : place_ + "." + key;
    status_ = fail(ErrorCode::Malformed, at.empty() ? what : at + " " + what, {}, advice::kChanged);
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  const Json* find(const char* key, bool needed) {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    if (found != object_.end()) return &*found;
    if (needed) wrong(key, "is missing");
    return nullptr;
  }

  const Json& object_;
  std::string place_;
  Status status_;
};

/// A timing without spread counts as one whose percentiles are its median.
Timing timing_of(Fields& fields, const std::string& name, const std::optional<double>& median) {
  Timing out;
  const auto key = [&name](const char* end) { return name + end; };
  out.note = fields.text(key("_note").c_str(), false);
  out.discarded = static_cast<int>(fields.count(key("_discarded").c_str(), 0, 1e9, false));
  if (!median) return out;
  out.median_us = *median;
  out.p5_us = fields.amount(key("_p5_us").c_str(), false).value_or(*median);
  out.p95_us = fields.amount(key("_p95_us").c_str(), false).value_or(*median);
  out.samples = static_cast<int>(fields.count(key("_samples").c_str(), 1, 1e9, false));
  if (out.p5_us > *median || out.p95_us < *median) {
    fields.wrong(key("_p5_us"), "and the 95th percentile do not enclose the median");
  }
  return out;
}

Timing hinm_timing(Fields& fields) {
  Timing out;
  const auto median = fields.amount("hinm_us");
  const auto p5 = fields.amount("hinm_p5_us");
  const auto p95 = fields.amount("hinm_p95_us");
  out.note = fields.text("note", false);
  out.discarded = static_cast<int>(fields.count("discarded", 0, kLargestCount, false));
  const auto samples = fields.count("samples", 0, 1e9);
  if (!median) return out;
  if (!p5 || !p95 || *p5 > *median || *p95 < *median || samples < 1) {
    fields.wrong("hinm_us", "has no samples or percentiles that enclose it");
    return out;
  }
  out.median_us = *median;
  out.p5_us = *p5;
  out.p95_us = *p95;
  out.samples = static_cast<int>(samples);
  return out;
}

Result<BenchResult> read_result(const Json& object, const std::string& place) {
  constexpr double kInt = std::numeric_limits<int>::max();
  Fields fields(object, place);
  BenchResult out;
  out.m = static_cast<int>(fields.count("m", 1, kInt));
  out.k = static_cast<int>(fields.count("k", 1, kInt));
  out.n = fields.count("n", 1);
  out.vector_size = static_cast<int>(fields.count("vector_size", 1, kInt));
  const auto sparsity = fields.amount("sparsity");
  if (!sparsity || *sparsity >= 1) fields.wrong("sparsity", "is not between 0 and 1");
  out.sparsity = sparsity.value_or(0);
  out.type = fields.parsed("dtype", parse_value_type, fields.text("dtype"));
  out.mode = fields.parsed("mode", parse_cache_state, fields.text("mode"));
  out.path = fields.text("path", false);
  out.layer = fields.text("layer", false);
  if (const auto nm = fields.text("nm", false); !nm.empty()) {
    out.nm = fields.parsed("nm", parse_nm, nm);
  }
  const double share = out.nm.n > 0 ? static_cast<double>(out.nm.m) / out.nm.n : 0;
  const auto kept = static_cast<std::int64_t>(std::lround((1 - out.sparsity) * out.k * share));
  out.kept = static_cast<int>(object.is_object() && object.contains("kept")
                                  ? fields.count("kept", 1, kInt)
                                  : std::max<std::int64_t>(1, kept));
  out.hinm = hinm_timing(fields);
  out.cublas = timing_of(fields, "cublas", fields.amount("cublas_us"));
  out.cublas_masked = timing_of(fields, "cublas_masked", fields.amount("cublas_masked_us"));
  out.cusparselt = timing_of(fields, "cusparselt", fields.amount("cusparselt_us"));
  out.relative_error = fields.amount("relative_error");
  out.convert_us = fields.amount("convert_us", false);
  out.bytes = fields.amount("bytes", false);
  out.ceiling_name = fields.text("ceiling_name", false);
  out.share_of_ceiling = fields.amount("share_of_ceiling");
  if (fields.status() && (out.m % out.vector_size != 0 || out.kept > out.k)) {
    fields.wrong("vector_size", "and kept do not fit m and k");
  }
  GYRO_CHECK(fields.status());
  return out;
}

Result<CardState> read_state(const Json& object, const std::string& place) {
  Fields fields(object, place);
  CardState out;
  out.sm_clock_mhz = fields.amount("sm_clock_mhz");
  out.memory_clock_mhz = fields.amount("memory_clock_mhz");
  out.power_w = fields.amount("power_w");
  out.temperature_c = fields.number("temperature_c");
  out.throttle = fields.text("throttle");
  GYRO_CHECK(fields.status());
  return out;
}

Result<BenchEnvironment> read_environment(const Json& object) {
  Fields fields(object, "environment");
  BenchEnvironment out;
  out.card = fields.text("card");
  out.driver = fields.text("driver");
  out.cuda = fields.text("cuda");
  out.cublas = fields.text("cublas", false);
  out.cusparselt = fields.text("cusparselt", false);
  out.sm_clock_max_mhz = fields.amount("sm_clock_max_mhz");
  const Json& before = fields.member("before");
  const Json& after = fields.member("after");
  GYRO_CHECK(fields.status());
  GYRO_TRY(out.before, read_state(before, "environment.before"));
  GYRO_TRY(out.after, read_state(after, "environment.after"));
  return out;
}

Result<Ceiling> read_ceiling(const Json& object, const std::string& place) {
  Fields fields(object, place);
  Ceiling out;
  out.name = fields.text("name");
  out.unit = fields.text("unit");
  const auto value = fields.amount("value");
  if (!value) fields.wrong("value", "is missing");
  out.value = value.value_or(0);
  GYRO_CHECK(fields.status());
  return out;
}

/// Reads every element of an array by `read(element, place)`.
template <class T, class Reader>
Status read_all(const Json& array, const std::string& name, Reader read, std::vector<T>& out) {
  if (!array.is_array())
    return fail(ErrorCode::Malformed, name + " is not an array", {}, advice::kChanged);
  for (std::size_t i = 0; i < array.size(); ++i) {
    GYRO_TRY(auto element, read(array[i], fmt::format("{}[{}]", name, i)));
    out.push_back(std::move(element));
  }
  return {};
}

}  // namespace

Result<BenchReport> parse_report(std::string_view text) {
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object()) {
    return fail(ErrorCode::Malformed, "this is not a JSON object with benchmark results", {},
                advice::kResults);
  }
  Fields fields(root, "");
  BenchReport out;
  const auto format = fields.text("format", false);
  if (!format.empty() && format != kReportFormat) fields.wrong("format", "is of something else");
  if (fields.number("format_version", false).value_or(kReportVersion) > kReportVersion) {
    return fail(ErrorCode::Unsupported, "the results were written by a newer Gyroscope", {},
                "Open them with that version.");
  }
  out.version = fields.text("version", false);
  out.time = fields.text("time", false);
  const Json& environment = fields.member("environment");
  const Json& ceilings = fields.member("ceilings");
  const Json& results = fields.member("results");
  GYRO_CHECK(fields.status());
  GYRO_TRY(out.environment, read_environment(environment));
  GYRO_CHECK(read_all(ceilings, "ceilings", read_ceiling, out.ceilings));
  GYRO_CHECK(read_all(results, "results", read_result, out.results));
  return out;
}

Result<BenchReport> read_report(const std::string& path) {
  GYRO_TRY(const auto file, InputFile::open(path));
  if (file.size() > kLargestFile) {
    return fail(ErrorCode::TooLarge, "the file is too large for benchmark results", path,
                advice::kResults);
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  GYRO_CHECK(file.read_at(0, std::as_writable_bytes(std::span(text))));
  auto report = parse_report(text);
  if (!report) return fail(report.error().at(path));
  return report;
}

Status write_report(const std::string& path, const BenchReport& report) {
  const std::string text = report_json(report);
  return replace_file(
      path, [&text](FileSink& sink) { return sink.write(text); },
      [](const std::string& written) -> Status {
        GYRO_TRY(const auto again, read_report(written));
        (void)again;
        return {};
      });
}

Status write_report_csv(const std::string& path, const BenchReport& report) {
  const std::string text = report_csv(report);
  return replace_file(
      path, [&text](FileSink& sink) { return sink.write(text); },
      [](const std::string&) -> Status { return {}; });
}

}  // namespace gyro

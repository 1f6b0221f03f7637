#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/benchmark/benchmark.hpp"

namespace gyro {

inline constexpr const char* kReportFormat = "gyro-benchmark";
inline constexpr int kReportVersion = 1;

/// A report as JSON text: an object with `format`, `format_version`, `environment`, `ceilings` and
/// `results`, one object a cell, null for what was not timed. Times are microseconds.
[[nodiscard]] std::string report_json(const BenchReport& report);

/// Reads such a text of unknown origin. Fails with Malformed and the place ("results[3].hinm_us")
/// for what is missing, of a wrong kind, or out of range, with Unsupported for what a newer version
/// wrote; keys it does not know are passed over.
[[nodiscard]] Result<BenchReport> parse_report(std::string_view text);

/// A table of the results, comma-separated (RFC 4180), empty cells for what was not timed.
[[nodiscard]] std::string report_csv(const BenchReport& report);

/// The same from and to files; a file is replaced as a whole or not at all.
[[nodiscard]] Result<BenchReport> read_report(const std::string& path);
[[nodiscard]] Status write_report(const std::string& path, const BenchReport& report);
[[nodiscard]] Status write_report_csv(const std::string& path, const BenchReport& report);

}  // namespace gyro

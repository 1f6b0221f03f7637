#include "app/cli/numbers.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <string_view>

namespace gyro::cli {
namespace {

constexpr double kLongest = 365.0 * 24 * 3600;

double unit_seconds(std::string_view unit) {
  const std::map<std::string_view, double> units = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
  const auto known = units.find(unit);
  return known == units.end() ? 0 : known->second;
}

std::uint64_t unit_bytes(std::string_view unit) {
  const std::map<std::string_view, int> shifts = {
      {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
  const auto known = shifts.find(unit);
  return known == shifts.end() ? 0 : std::uint64_t{1} << known->second;
}

}  // namespace

CLI::Validator not_empty() {
  return {[](const std::string& text) {
            return text.empty() ? std::string("a name is needed, not an empty text")
                                : std::string();
          },
          "", "not empty"};
}

CLI::Validator real_number(double least, double most) {
  const auto parse = [=](const std::string& text) -> Result<double> {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    // Written so that NaN is refused as well.
    if (parsed.ec == std::errc() && parsed.ptr == end && number >= least && number <= most) {
      return number;
    }
    return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is out of range", text), {},
                fmt::format("Write a number from {} to {}.", least, most));
  };
  return accepted_by(parse, fmt::format("{}-{}", least, most));
}

Result<double> parse_duration(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const double seconds =
      number * unit_seconds({parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)});
  if (parsed.ec == std::errc() && seconds > 0 && seconds < kLongest) return seconds;
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a time", text), {},
              "Write it as 5s, 500ms, 2m or 1h.");
}

Result<std::uint64_t> parse_memory(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const std::uint64_t unit = unit_bytes({parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)});
  if (parsed.ec == std::errc() && unit > 0 && number > 0 &&
      number <= std::numeric_limits<std::uint64_t>::max() / unit) {
    return number * unit;
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not an amount of memory", text), {},
              "Write a whole number of KiB, MiB, GiB or TiB: 512MiB, 4GiB.");
}

}  // namespace gyro::cli

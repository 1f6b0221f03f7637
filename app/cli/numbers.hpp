#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "core/base/result.hpp"

namespace gyro::cli {

/// A CLI11 validator out of a parser: refuses with the parser's words.
template <class Parser>
[[nodiscard]] CLI::Validator accepted_by(Parser parser, std::string name) {
  return {[parser](std::string& text) -> std::string {
            const auto parsed = parser(text);
            return parsed ? std::string() : parsed.error().text();
          },
          std::move(name)};
}

/// For names of files and devices: an empty one is a variable that was not set.
[[nodiscard]] CLI::Validator not_empty();

/// Digits and nothing else, least … most. CLI::Range would cut what is larger than the type.
template <class T>
[[nodiscard]] Result<T> parse_whole(const std::string& text, T least, T most) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool octal = text.size() > 1 && text.front() == '0';  // as CLI11 would read it
  if (parsed.ec == std::errc() && parsed.ptr == end && !octal && number >= least &&
      number <= most) {
    return number;
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is out of range", text), {},
              fmt::format("Write a whole number from {} to {}.", least, most));
}

template <class T>
[[nodiscard]] CLI::Validator whole_number(T least, T most) {
  return accepted_by([=](const std::string& text) { return parse_whole(text, least, most); },
                     fmt::format("{}-{}", least, most));
}

/// A decimal number in least … most; neither NaN nor infinite.
[[nodiscard]] CLI::Validator real_number(double least, double most);

/// "5s", "500ms", "2m", "1.5h" in seconds; more than nothing, less than a year.
[[nodiscard]] Result<double> parse_duration(const std::string& text);

/// "512MiB", "4GiB", "1TiB" in bytes; more than nothing.
[[nodiscard]] Result<std::uint64_t> parse_memory(const std::string& text);

}  // namespace gyro::cli

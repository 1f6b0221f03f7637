#include "app/cli/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "app/cli/command.hpp"

namespace gyro::cli {
namespace {

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// The length of the character that the text begins with if it would command a terminal or turn the
/// writing around: C0 and C1 controls, marks of direction. Else 0.
std::size_t commanding(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;  // U+0080 to U+009F
  if (byte(0) != 0xE2) return 0;
  const bool embedding = byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE;  // U+202A to U+202E
  const bool isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;    // U+2066 to U+2069
  return embedding || isolate ? 3 : 0;
}

std::string padded(const std::string& cell, std::size_t width, Table::Align align) {
  const std::string blanks(width - std::min(width, width_of(cell)), ' ');
  return align == Table::Align::Left ? cell + blanks : blanks + cell;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

int print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) == 0 && written) return kDone;
  if (errno == EPIPE) return kFailed;  // whoever read it has what it wanted
  return failed({ErrorCode::WriteFailed, "the result could not be written", "standard output",
                 "Check that there is space where it goes."});
}

int print_json(const Json& object) {
  return print(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void note(std::string_view text) {
  std::fputs(fmt::format("gyro: {}\n", printable(text)).c_str(), stderr);
}

int failed(const Error& error) {
  note(error.text());
  return kFailed;
}

int usage_error(const Error& error) {
  note(error.text());
  return kWrongUsage;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = commanding(text.substr(i));
    out += length > 0 ? '?' : text[i];
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string reason(const Error& error) {
  return Error{error.code, error.what, {}, error.advice}.text();
}

std::string figure(double value) {
  return fmt::format("{:.6f}", value);
}

std::string bytes_text(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const auto& column : columns_) widths.push_back(width_of(column.title));
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& column : columns_) lines.front().push_back(column.title);
  for (const auto& row : rows_) {
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(printable(cell));
  }
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string shown;
    for (std::size_t i = 0; i < line.size(); ++i) {
      shown += (i > 0 ? "  " : "") + padded(line[i], widths[i], columns_[i].align);
    }
    shown.erase(shown.find_last_not_of(' ') + 1);
    out += shown + "\n";
  }
  return out;
}

std::string Table::csv() const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    out += (i > 0 ? "," : "") + quoted(columns_[i].title);
  }
  out += "\n";
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "," : "") + quoted(row[i]);
    out += "\n";
  }
  return out;
}

}  // namespace gyro::cli

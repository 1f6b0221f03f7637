#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace gyro::cli {

/// Keys stay in the order in which they were written.
using Json = nlohmann::ordered_json;

/// Results go to standard output, everything else to standard error.
/// Both return kDone, or kFailed where standard output could not be written.
[[nodiscard]] int print(std::string_view text);
[[nodiscard]] int print_json(const Json& object);

/// `gyro: where: what. advice` on standard error; return kFailed and kWrongUsage.
int failed(const Error& error);
int usage_error(const Error& error);
/// `gyro: text` on standard error.
void note(std::string_view text);

/// `text` with control characters replaced, so that a name in a file cannot drive a terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// "what. advice": an error for a place that is already named.
[[nodiscard]] std::string reason(const Error& error);

/// A fraction as every command prints it for people: six decimals.
[[nodiscard]] std::string figure(double value);
[[nodiscard]] std::string bytes_text(std::int64_t bytes);  ///< "1.2 MiB"

/// An aligned table: a header, rows, two blanks between columns.
class Table {
 public:
  enum class Align { Left, Right };
  struct Column {
    std::string title;
    Align align = Align::Left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string text() const;
  /// Comma-separated, quoted where needed (RFC 4180).
  [[nodiscard]] std::string csv() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace gyro::cli

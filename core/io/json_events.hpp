#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace gyro {

/// A value without parts, as it stands in a JSON text.
struct JsonScalar {
  enum class Kind { Null, Bool, Integer, Unsigned, Real, Text };
  Kind kind = Kind::Null;
  std::int64_t integer = 0;           ///< Kind::Integer (negative) and Unsigned up to 2⁶³ − 1
  std::uint64_t whole = 0;            ///< Kind::Unsigned
  const std::string* text = nullptr;  ///< Kind::Text
};

/// Receives a JSON text piece by piece. `path` holds the keys that lead to the piece, with
/// kElement for each array on the way. A failure ends the reading.
class JsonVisitor {
 public:
  using Path = std::vector<std::string>;
  static constexpr std::string_view kElement{"\0", 1};

  JsonVisitor() = default;
  JsonVisitor(const JsonVisitor&) = delete;
  JsonVisitor& operator=(const JsonVisitor&) = delete;
  virtual ~JsonVisitor() = default;
  virtual Status opened(const Path& path, bool array) = 0;
  virtual Status scalar(const Path& path, const JsonScalar& value) = 0;
  virtual Status closed(const Path& path) = 0;
};

/// Reads a JSON text of unknown origin: nothing is built, depth is bounded, a key that an object
/// has twice is refused. Fails with Malformed, or with what the visitor returned.
[[nodiscard]] Status read_json(std::string_view text, std::size_t max_depth, JsonVisitor& visitor);

}  // namespace gyro

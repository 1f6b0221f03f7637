#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace gyro::remote {

/// Reads an object of unknown origin. The first value that is missing, of the wrong kind or out of
/// its range is kept for status(); what is read then is empty or the least value allowed.
class Fields {
 public:
  /// `object` must outlive this.
  explicit Fields(const nlohmann::json& object) : object_(object) {}

  [[nodiscard]] bool has(const char* key) const {
    return object_.is_object() && object_.contains(key) && !object_[key].is_null();
  }
  std::string text(const char* key);
  bool flag(const char* key);
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most);
  std::uint64_t whole(const char* key);  ///< 0 … 2⁶⁴ − 1
  double number(const char* key);
  std::vector<std::int32_t> integers(const char* key);  ///< binary()
  std::vector<double> numbers(const char* key);         ///< binary()
  const nlohmann::json& part(const char* key);          ///< null where it is missing

  /// Malformed, naming the value, unless all that was read was there.
  [[nodiscard]] Status status() const;

 private:
  const nlohmann::json& find(const char* key);
  void refuse(const char* key);

  const nlohmann::json& object_;
  std::string bad_;
};

/// Numbers as a CBOR byte string, little-endian.
[[nodiscard]] nlohmann::json binary(const std::vector<std::int32_t>& values);
[[nodiscard]] nlohmann::json binary(const std::vector<double>& values);

/// The reverse; nothing where it is no byte string of whole numbers.
[[nodiscard]] std::optional<std::vector<std::int32_t>> integers_in(const nlohmann::json& json);

}  // namespace gyro::remote

#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "core/base/advice.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// Typed access to attributes that were read as text; errors name the attribute.
class AttributeReader {
 public:
  explicit AttributeReader(const std::map<std::string, std::string>& attributes)
      : attributes_(attributes) {}

  [[nodiscard]] bool has(const std::string& name) const { return attributes_.contains(name); }

  [[nodiscard]] Result<std::string> text(const std::string& name) const {
    const auto found = attributes_.find(name);
    if (found != attributes_.end()) return found->second;
    return fail(ErrorCode::Malformed, "the attribute '" + name + "' is missing", {},
                advice::kChanged);
  }

  /// A finite number in minimum … maximum.
  template <class T>
  [[nodiscard]] Result<T> number(const std::string& name, T minimum = 0,
                                 T maximum = std::numeric_limits<T>::max()) const {
    GYRO_TRY(const std::string value, text(name));
    T parsed{};
    const char* const end = value.data() + value.size();
    const auto result = std::from_chars(value.data(), end, parsed);
    if (value.empty() || result.ec != std::errc() || result.ptr != end) {
      return fail(ErrorCode::Malformed, "the attribute '" + name + "' is no number of its kind", {},
                  advice::kChanged);
    }
    // Written so that NaN is refused as well.
    if (!(parsed >= minimum && parsed <= maximum)) {
      return fail(ErrorCode::Malformed, "the attribute '" + name + "' is out of range: " + value,
                  {}, advice::kChanged);
    }
    return parsed;
  }

 private:
  const std::map<std::string, std::string>& attributes_;
};

}  // namespace gyro

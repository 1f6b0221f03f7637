#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace gyro {

using ParameterValue = std::variant<bool, std::int64_t, double, std::string>;

/// One parameter of a strategy: what a form, a help page or `gyro strategies` shows.
/// The default value's type is the parameter's type.
struct ParameterInfo {
  std::string name;  ///< as typed: "patience"
  std::string doc;   ///< one sentence, with the unit and the source of the default
  ParameterValue default_value;
  double minimum = 0;                ///< for numbers
  double maximum = 0;                ///< for numbers; minimum = maximum means unbounded
  std::vector<std::string> choices;  ///< for text, when only these are allowed
};

/// The values a strategy runs with: every parameter it declares, checked.
class Parameters {
 public:
  Parameters() = default;

  /// Defaults, overridden by `given` ("key" → "value" as typed). Fails on an unknown key, a value
  /// of the wrong type or out of range, naming what is allowed.
  [[nodiscard]] static Result<Parameters> parse(const std::vector<ParameterInfo>& declared,
                                                const std::map<std::string, std::string>& given);
  [[nodiscard]] static Parameters defaults(const std::vector<ParameterInfo>& declared);

  /// The value of a declared parameter; the type must be the declared one.
  template <class T>
  [[nodiscard]] const T& get(std::string_view name) const {
    return std::get<T>(values_.find(name)->second);
  }
  [[nodiscard]] const std::map<std::string, ParameterValue, std::less<>>& values() const {
    return values_;
  }

  bool operator==(const Parameters&) const = default;

 private:
  std::map<std::string, ParameterValue, std::less<>> values_;
};

/// "3", "0.5", "true", "8,1,4": as parse() reads it.
[[nodiscard]] std::string text_of(const ParameterValue& value);

}  // namespace gyro

#include "core/permutation/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gyro {
namespace {

template <class T>
Result<T> number(const ParameterInfo& info, const std::string& text) {
  T value{};
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end ||
      !std::isfinite(static_cast<double>(value))) {
    return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a number", text), info.name,
                "Write a number, for example " + text_of(info.default_value) + ".");
  }
  const bool bounded = info.minimum != info.maximum;
  const auto real = static_cast<double>(value);
  if (bounded && (real < info.minimum || real > info.maximum)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is out of range", text), info.name,
                fmt::format("Allowed: {} to {}.", info.minimum, info.maximum));
  }
  return value;
}

Result<ParameterValue> parse_value(const ParameterInfo& info, const std::string& text) {
  if (std::holds_alternative<bool>(info.default_value)) {
    if (text == "true" || text == "1" || text == "yes") return ParameterValue(true);
    if (text == "false" || text == "0" || text == "no") return ParameterValue(false);
    return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is neither true nor false", text),
                info.name, "Write true or false.");
  }
  if (std::holds_alternative<std::int64_t>(info.default_value)) {
    GYRO_TRY(const std::int64_t value, number<std::int64_t>(info, text));
    return ParameterValue(value);
  }
  if (std::holds_alternative<double>(info.default_value)) {
    GYRO_TRY(const double value, number<double>(info, text));
    return ParameterValue(value);
  }
  if (!info.choices.empty() &&
      std::find(info.choices.begin(), info.choices.end(), text) == info.choices.end()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a choice", text), info.name,
                fmt::format("Allowed: {}.", fmt::join(info.choices, ", ")));
  }
  return ParameterValue(text);
}

}  // namespace

Result<Parameters> Parameters::parse(const std::vector<ParameterInfo>& declared,
                                     const std::map<std::string, std::string>& given) {
  Parameters out = defaults(declared);
  for (const auto& [name, text] : given) {
    const auto info = std::find_if(declared.begin(), declared.end(),
                                   [&](const auto& candidate) { return candidate.name == name; });
    if (info == declared.end()) {
      std::vector<std::string> names;
      names.reserve(declared.size());
      for (const auto& known : declared) names.push_back(known.name);
      return fail(ErrorCode::NotFound, fmt::format("there is no parameter '{}'", name), {},
                  names.empty() ? "This strategy has no parameters."
                                : fmt::format("Known: {}.", fmt::join(names, ", ")));
    }
    GYRO_TRY(out.values_[name], parse_value(*info, text));
  }
  return out;
}

Parameters Parameters::defaults(const std::vector<ParameterInfo>& declared) {
  Parameters out;
  for (const auto& info : declared) out.values_[info.name] = info.default_value;
  return out;
}

std::string text_of(const ParameterValue& value) {
  struct Writer {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(const std::string& v) const { return v; }
  };
  return std::visit(Writer{}, value);
}

}  // namespace gyro

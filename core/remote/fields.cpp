#include "core/remote/fields.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "core/base/advice.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "byte strings hold little-endian numbers");

template <class T>
Json to_binary(const std::vector<T>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return Json::binary(std::move(bytes));
}

template <class T>
std::optional<std::vector<T>> from_binary(const Json& json) {
  if (!json.is_binary()) return std::nullopt;
  const auto& bytes = json.get_binary();
  if (bytes.size() % sizeof(T) != 0) return std::nullopt;
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

const Json kNothing;

}  // namespace

Json binary(const std::vector<std::int32_t>& values) {
  return to_binary(values);
}

Json binary(const std::vector<double>& values) {
  return to_binary(values);
}

std::optional<std::vector<std::int32_t>> integers_in(const Json& json) {
  return from_binary<std::int32_t>(json);
}

const Json& Fields::find(const char* key) {
  if (!has(key)) return kNothing;
  return object_[key];
}

void Fields::refuse(const char* key) {
  if (bad_.empty()) bad_ = key;
}

std::string Fields::text(const char* key) {
  const Json& value = find(key);
  if (value.is_string()) return value.get<std::string>();
  refuse(key);
  return {};
}

bool Fields::flag(const char* key) {
  const Json& value = find(key);
  if (value.is_boolean()) return value.get<bool>();
  refuse(key);
  return false;
}

std::int64_t Fields::integer(const char* key, std::int64_t least, std::int64_t most) {
  const Json& value = find(key);
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
  if (fits) {
    const auto number = value.get<std::int64_t>();
    if (number >= least && number <= most) return number;
  }
  refuse(key);
  return least;
}

std::uint64_t Fields::whole(const char* key) {
  const Json& value = find(key);
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_integer() && value.get<std::int64_t>() >= 0) {
    return static_cast<std::uint64_t>(value.get<std::int64_t>());
  }
  refuse(key);
  return 0;
}

double Fields::number(const char* key) {
  const Json& value = find(key);
  if (value.is_number()) return value.get<double>();
  refuse(key);
  return 0;
}

std::vector<std::int32_t> Fields::integers(const char* key) {
  auto out = from_binary<std::int32_t>(find(key));
  if (!out) refuse(key);
  return std::move(out).value_or(std::vector<std::int32_t>());
}

std::vector<double> Fields::numbers(const char* key) {
  auto out = from_binary<double>(find(key));
  if (!out) refuse(key);
  return std::move(out).value_or(std::vector<double>());
}

const Json& Fields::part(const char* key) {
  if (!has(key)) refuse(key);
  return find(key);
}

Status Fields::status() const {
  if (bad_.empty()) return {};
  return fail(ErrorCode::Malformed, fmt::format("'{}' is missing or cannot be right", bad_), {},
              advice::kVersions);
}

}  // namespace gyro::remote

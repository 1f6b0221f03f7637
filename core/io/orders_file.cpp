#include "core/io/orders_file.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/io/input_file.hpp"

namespace gyro {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargest = std::uint64_t{1} << 28;  // bytes: far more than any layer needs
constexpr const char* kExample =
    R"(For example {"fc1.weight": {"output_order": [2, 0, 1, 3], "vector_index": [[0, 2], [1, 3]]}}.)";

Error malformed(std::string what) {
  return {ErrorCode::Malformed, std::move(what), {}, kExample};
}

Result<std::string> text_in(const std::string& path) {
  GYRO_TRY(const InputFile file, InputFile::open(path));
  if (file.size() > kLargest) {
    return fail(ErrorCode::TooLarge, fmt::format("{} bytes are too many for orders", file.size()));
  }
  std::string out(file.size(), '\0');
  GYRO_CHECK(file.read_at(0, std::as_writable_bytes(std::span(out))));
  return out;
}

Result<std::vector<std::int32_t>> numbers(const Json& json, const std::string& name) {
  if (!json.is_array()) return fail(malformed(name + " is no list of numbers"));
  std::vector<std::int32_t> out;
  out.reserve(json.size());
  for (const auto& value : json) {
    const bool whole = value.is_number_integer() &&
                       value.get<double>() >= std::numeric_limits<std::int32_t>::min() &&
                       value.get<double>() <= std::numeric_limits<std::int32_t>::max();
    if (!whole) {
      return fail(malformed(fmt::format("entry {} of {} is no whole number", out.size(), name)));
    }
    out.push_back(value.get<std::int32_t>());
  }
  return out;
}

Result<WrittenOrders> orders_of(const Json& json) {
  if (!json.is_object() || !json.contains("output_order")) {
    return fail(malformed("output_order is missing"));
  }
  WrittenOrders out;
  GYRO_TRY(out.output_order, numbers(json["output_order"], "output_order"));
  if (!json.contains("vector_index")) return out;
  const Json& index = json["vector_index"];
  if (!index.is_array()) return fail(malformed("vector_index is no list of lists"));
  for (const auto& tile : index) {
    GYRO_TRY(auto vectors, numbers(tile, fmt::format("vector_index[{}]", out.vector_index.size())));
    out.vector_index.push_back(std::move(vectors));
  }
  return out;
}

Result<std::map<std::string, WrittenOrders>> parse(const std::string& text) {
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object() || root.empty()) {
    return fail(malformed("is no JSON object with orders by layer"));
  }
  std::map<std::string, WrittenOrders> out;
  for (const auto& [layer, json] : root.items()) {
    auto orders = orders_of(json);
    if (!orders) return fail(orders.error().at(layer));
    out[layer] = *std::move(orders);
  }
  return out;
}

}  // namespace

Result<std::map<std::string, WrittenOrders>> read_orders(const std::string& path) {
  auto text = text_in(path);
  if (!text) return fail(text.error().at(path));
  auto orders = parse(*text);
  if (!orders) return fail(orders.error().at(path));
  return orders;
}

}  // namespace gyro

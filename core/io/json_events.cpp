#include "core/io/json_events.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

using Json = nlohmann::json;

class Events final : public nlohmann::json_sax<Json> {
 public:
  Events(std::size_t max_depth, JsonVisitor& visitor) : max_depth_(max_depth), visitor_(visitor) {}

  Status status;

  bool null() override { return give({}); }
  bool boolean(bool /*value*/) override { return give({.kind = JsonScalar::Kind::Bool}); }
  bool number_integer(number_integer_t value) override {
    return give({.kind = JsonScalar::Kind::Integer, .integer = value});
  }
  bool number_unsigned(number_unsigned_t value) override {
    return give({.kind = JsonScalar::Kind::Unsigned,
                 .integer = static_cast<std::int64_t>(value),
                 .whole = value});
  }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return give({.kind = JsonScalar::Kind::Real});
  }
  bool string(string_t& value) override {
    return give({.kind = JsonScalar::Kind::Text, .text = &value});
  }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(std::size_t /*count*/) override { return open(false); }
  bool start_array(std::size_t /*count*/) override { return open(true); }
  bool end_object() override { return close(false); }
  bool end_array() override { return close(true); }

  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) {
      return stop(fail(ErrorCode::Malformed, fmt::format("the key “{}” is there twice", name), {},
                       advice::kDamaged));
    }
    path_.back() = name;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const Json::exception& /*error*/) override {
    return stop(fail(ErrorCode::Malformed,
                     fmt::format("its JSON text is not valid at character {}", position), {},
                     advice::kDamaged));
  }

 private:
  bool stop(Status why) {
    if (status) status = std::move(why);
    return false;
  }
  bool give(const JsonScalar& value) {
    auto given = visitor_.scalar(path_, value);
    return given ? true : stop(std::move(given));
  }
  bool open(bool array) {
    if (keys_.size() >= max_depth_) {
      return stop(
          fail(ErrorCode::Malformed, "its JSON text is nested too deeply", {}, advice::kDamaged));
    }
    auto given = visitor_.opened(path_, array);
    if (!given) return stop(std::move(given));
    keys_.emplace_back();
    path_.emplace_back(array ? JsonVisitor::kElement : std::string_view());
    return true;
  }
  bool close(bool /*array*/) {
    keys_.pop_back();
    path_.pop_back();
    auto given = visitor_.closed(path_);
    return given ? true : stop(std::move(given));
  }

  std::size_t max_depth_;
  JsonVisitor& visitor_;
  JsonVisitor::Path path_;
  std::vector<std::unordered_set<std::string>> keys_;
};

}  // namespace

Status read_json(std::string_view text, std::size_t max_depth, JsonVisitor& visitor) {
  Events events(max_depth, visitor);
  const bool complete = Json::sax_parse(text.begin(), text.end(), &events);
  if (!events.status) return events.status;
  if (!complete)
    return fail(ErrorCode::Malformed, "its JSON text is not valid", {}, advice::kDamaged);
  return {};
}

}  // namespace gyro

#include "core/io/hinm_attributes.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/advice.hpp"

namespace gyro {

NamedAttributes attributes_of(const HinmShape& shape) {
  return {{"shape", std::vector<std::int64_t>{shape.rows, shape.cols}},
          {"V", std::int64_t{shape.vector_size}},
          {"N", std::int64_t{shape.nm.n}},
          {"M", std::int64_t{shape.nm.m}},
          {"kept", std::int64_t{shape.kept}}};
}

Status check_shape(const HinmShape& shape) {
  const auto& [rows, cols, vector_size, nm, kept] = shape;
  if (rows < 1 || cols < 1 || vector_size < 2 || rows % vector_size != 0) {
    return fail(ErrorCode::Malformed,
                fmt::format("{}×{} is not cut by the vector size {}", rows, cols, vector_size), {},
                advice::kChanged);
  }
  if (nm.n < 1 || nm.n >= nm.m || nm.m > 32) {
    return fail(ErrorCode::Malformed, fmt::format("{} is no N:M pattern", nm.text()), {},
                advice::kChanged);
  }
  if (kept < nm.m || kept > cols || kept % nm.m != 0) {
    return fail(
        ErrorCode::Malformed,
        fmt::format("{} kept vectors of {} columns do not make groups of {}", kept, cols, nm.m), {},
        advice::kChanged);
  }
  return {};
}

Result<HinmShape> shape_from(const AttributeReader& reader) {
  GYRO_TRY(const std::string text, reader.text("shape"));
  const auto pair = nlohmann::json::parse(text, nullptr, false);
  const auto extent = [&](std::size_t i) {
    return pair.is_array() && pair.size() == 2 && pair[i].is_number_integer() && pair[i] >= 1 &&
           pair[i] <= std::numeric_limits<std::int32_t>::max();
  };
  if (!extent(0) || !extent(1)) {
    return fail(ErrorCode::Malformed, "the attribute 'shape' is no pair of extents", {},
                advice::kChanged);
  }
  HinmShape shape;
  shape.rows = pair[0].get<int>();
  shape.cols = pair[1].get<int>();
  GYRO_TRY(shape.vector_size, reader.number<int>("V"));
  GYRO_TRY(shape.nm.n, reader.number<int>("N"));
  GYRO_TRY(shape.nm.m, reader.number<int>("M"));
  GYRO_TRY(shape.kept, reader.number<int>("kept"));
  GYRO_CHECK(check_shape(shape));
  return shape;
}

}  // namespace gyro

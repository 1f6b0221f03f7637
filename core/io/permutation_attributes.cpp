#include "core/io/permutation_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/advice.hpp"
#include "core/io/attribute_reader.hpp"
#include "core/io/hinm_attributes.hpp"
#include "core/sparsity/fraction.hpp"

namespace gyro {
namespace {

using Json = nlohmann::json;

constexpr double rounding = 1e-9;  // of sums in double

bool is_bound(const std::string& name) {
  return name.size() > 6 && name.ends_with("_bound") &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

bool is_text(const std::string& text) {
  if (text.find('\0') != std::string::npos) return false;
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::ignore);
  return Json::parse(quoted, nullptr, false) == text;
}

Status check_texts(const LayerRecord& record) {
  for (const auto& [name, text] : {std::pair{"tensor", &record.tensor},
                                   {"view", &record.view},
                                   {"sparsity", &record.sparsity},
                                   {"requested_sparsity", &record.requested_sparsity},
                                   {"saliency", &record.saliency},
                                   {"saliency_data", &record.saliency_data},
                                   {"strategy", &record.strategy},
                                   {"parameters", &record.parameters},
                                   {"device", &record.device},
                                   {"stopped_by", &record.stopped_by},
                                   {"source_file", &record.source_file},
                                   {"program_version", &record.program_version}}) {
    if (!is_text(*text)) {
      return fail(ErrorCode::InvalidArgument, fmt::format("the {} is no UTF-8 text", name), {},
                  "Give names in UTF-8.");
    }
  }
  if (record.mask_rule != "top_n" && record.mask_rule != "imported") {
    return fail(ErrorCode::Malformed, fmt::format("'{}' is no mask rule", record.mask_rule), {},
                "Known: top_n, imported.");
  }
  if (!Json::parse(record.parameters, nullptr, false).is_object()) {
    return fail(ErrorCode::Malformed, "the parameters are no JSON object", {}, advice::kChanged);
  }
  const auto& sum = record.source_sha256;
  if (!sum.empty() &&
      (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != std::string::npos)) {
    return fail(ErrorCode::Malformed, "the source_sha256 is no SHA-256 in lower-case hex", {},
                advice::kChanged);
  }
  return {};
}

Status check_fraction(const std::string& name, double value) {
  if (value >= -rounding && value <= 1 + rounding) return {};
  return fail(ErrorCode::Malformed,
              fmt::format("the {} is no fraction of the total: {}", name, value), {},
              advice::kChanged);
}

Status check_figures(const LayerRecord& record) {
  GYRO_CHECK(check_fraction("retained_saliency", record.retained_saliency));
  GYRO_CHECK(check_fraction("identity_retained_saliency", record.identity_retained_saliency));
  GYRO_CHECK(check_fraction("lost_with_vectors", record.lost_with_vectors));
  GYRO_CHECK(check_fraction("lost_by_nm", record.lost_by_nm));
  for (const auto& [name, value] : record.bounds) {
    if (!is_bound(name)) {
      return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is no name of a bound", name), {},
                  "It must be lower-case and end in '_bound'.");
    }
    GYRO_CHECK(check_fraction(name, value));
  }
  if (!(record.seconds >= 0 && record.seconds <= std::numeric_limits<double>::max())) {
    return fail(ErrorCode::Malformed, fmt::format("{} seconds are no duration", record.seconds), {},
                advice::kChanged);
  }
  if (record.steps < 0) {
    return fail(ErrorCode::Malformed, fmt::format("{} steps are no count", record.steps), {},
                advice::kChanged);
  }
  return {};
}

Status check_sparsity(const LayerRecord& record) {
  const Fraction real = record.shape.sparsity();
  if (record.sparsity == real.text()) return {};
  const auto stored = parse_fraction(record.sparsity);
  if (stored && *stored == real) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("the sparsity is {}, the shape's is {}", record.sparsity, real.text()),
              {}, advice::kChanged);
}

/// A masked weight has zeros, of either sign, wherever the mask has.
Status check_weight(const Tensor& weight, const Mask& mask) {
  const TensorInfo& info = weight.info;
  if (info.shape != std::vector<std::int64_t>{mask.rows(), mask.cols()}) {
    return fail(ErrorCode::Mismatch, "the weight has not the layer's shape out × in", {},
                advice::kChanged);
  }
  if (!is_floating(info.type) || weight.data.size() != static_cast<std::size_t>(mask.rows()) *
                                                           static_cast<std::size_t>(mask.cols()) *
                                                           size_of(info.type)) {
    return fail(ErrorCode::Mismatch, "the weight is not of a floating type and its own size", {},
                advice::kChanged);
  }
  const std::size_t stride = size_of(info.type) * static_cast<std::size_t>(mask.cols());
  std::vector<float> row(static_cast<std::size_t>(mask.cols()));
  for (int r = 0; r < mask.rows(); ++r) {
    convert_to_float(info.type, weight.data.data() + static_cast<std::size_t>(r) * stride,
                     mask.cols(), row.data());
    for (int c = 0; c < mask.cols(); ++c) {
      if (row[static_cast<std::size_t>(c)] != 0 && !mask.at(r, c)) {
        return fail(
            ErrorCode::Mismatch,
            fmt::format("the weight has an entry at row {}, column {} that the mask prunes", r, c),
            {}, advice::kChanged);
      }
    }
  }
  return {};
}

/// What other programs may leave out.
Status read_optional(const AttributeReader& reader,
                     const std::map<std::string, std::string>& attributes, LayerRecord& record) {
  for (const auto& [name, to] : {std::pair{"device", &record.device},
                                 {"stopped_by", &record.stopped_by},
                                 {"program_version", &record.program_version},
                                 {"saliency_data", &record.saliency_data},
                                 {"source_file", &record.source_file},
                                 {"source_sha256", &record.source_sha256}}) {
    if (reader.has(name)) {
      GYRO_TRY(*to, reader.text(name));
    }
  }
  for (const auto& [name, to] : {std::pair{"seconds", &record.seconds},
                                 {"lost_with_vectors", &record.lost_with_vectors},
                                 {"lost_by_nm", &record.lost_by_nm}}) {
    if (reader.has(name)) {
      GYRO_TRY(*to, reader.number<double>(name, -rounding));
    }
  }
  if (reader.has("ria_exponent")) {
    GYRO_TRY(record.ria_exponent, reader.number<double>("ria_exponent", 0));
  }
  if (reader.has("steps")) {
    GYRO_TRY(record.steps, reader.number<std::int64_t>("steps"));
  }
  if (reader.has("nonfinite_as_zero")) {
    GYRO_TRY(const auto flag, reader.number<std::int64_t>("nonfinite_as_zero", 0, 1));
    record.nonfinite_as_zero = flag != 0;
  }
  for (const auto& [name, text] : attributes) {
    if (is_bound(name)) {
      GYRO_TRY(record.bounds[name], reader.number<double>(name, -rounding));
    }
  }
  return {};
}

}  // namespace

NamedAttributes attributes_of(const LayerRecord& record) {
  NamedAttributes out{{"tensor", record.tensor}, {"view", record.view}};
  for (auto& attribute : attributes_of(record.shape)) out.push_back(std::move(attribute));
  out.insert(out.end(), {
                            {"sparsity", record.sparsity},
                            {"requested_sparsity", record.requested_sparsity},
                            {"saliency", record.saliency},
                            {"saliency_data", record.saliency_data},
                            {"ria_exponent", record.ria_exponent},
                            {"mask_rule", record.mask_rule},
                            {"strategy", record.strategy},
                            {"parameters", record.parameters},
                            {"seed", record.seed},
                            {"device", record.device},
                            {"steps", record.steps},
                            {"seconds", record.seconds},
                            {"stopped_by", record.stopped_by},
                            {"nonfinite_as_zero", std::int64_t{record.nonfinite_as_zero ? 1 : 0}},
                            {"retained_saliency", record.retained_saliency},
                            {"identity_retained_saliency", record.identity_retained_saliency},
                            {"lost_with_vectors", record.lost_with_vectors},
                            {"lost_by_nm", record.lost_by_nm},
                            {"source_file", record.source_file},
                            {"source_sha256", record.source_sha256},
                            {"program_version", record.program_version},
                        });
  for (const auto& [name, value] : record.bounds) out.emplace_back(name, value);
  return out;
}

Result<LayerRecord> record_from(const std::map<std::string, std::string>& attributes) {
  const AttributeReader reader(attributes);
  LayerRecord record;
  for (const auto& [name, to] : {std::pair{"tensor", &record.tensor},
                                 {"view", &record.view},
                                 {"sparsity", &record.sparsity},
                                 {"requested_sparsity", &record.requested_sparsity},
                                 {"saliency", &record.saliency},
                                 {"mask_rule", &record.mask_rule},
                                 {"strategy", &record.strategy},
                                 {"parameters", &record.parameters}}) {
    GYRO_TRY(*to, reader.text(name));
  }
  GYRO_TRY(record.shape, shape_from(reader));
  GYRO_TRY(record.seed, reader.number<std::uint64_t>("seed"));
  GYRO_TRY(record.retained_saliency, reader.number<double>("retained_saliency", -rounding));
  GYRO_TRY(record.identity_retained_saliency,
           reader.number<double>("identity_retained_saliency", -rounding));
  GYRO_CHECK(read_optional(reader, attributes, record));
  return record;
}

Status validate(const LayerRecord& record) {
  GYRO_CHECK(check_texts(record));
  GYRO_CHECK(check_figures(record));
  GYRO_CHECK(check_shape(record.shape));
  GYRO_CHECK(check_sparsity(record));
  GYRO_CHECK(validate(record.permutation, record.shape));
  GYRO_CHECK(check_feasible(record.mask, record.shape, record.permutation));
  if (record.weight) GYRO_CHECK(check_weight(*record.weight, record.mask));
  if (record.packed) {
    GYRO_CHECK(validate(*record.packed, record.mask, record.shape, record.permutation));
  }
  return {};
}

std::string safetensors_name(const std::string& key, std::string set) {
  std::replace(set.begin(), set.end(), '/', '.');
  return key + "." + set;
}

std::string layer_key(const std::string& tensor, const std::vector<std::string>& taken) {
  std::string plain = tensor;
  std::replace(plain.begin(), plain.end(), '/', '.');
  // HDF5 reads "." as "here".
  if (plain.empty() || plain == ".") plain = "unnamed";
  std::string key = plain;
  for (int number = 2; std::find(taken.begin(), taken.end(), key) != taken.end(); ++number) {
    key = fmt::format("{}~{}", plain, number);
  }
  return key;
}

}  // namespace gyro

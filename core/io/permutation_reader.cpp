#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/advice.hpp"
#include "core/io/attribute_reader.hpp"
#include "core/io/permutation_attributes.hpp"

namespace gyro {
namespace {

using Json = nlohmann::json;
using Attributes = std::map<std::string, std::string>;

/// An open permutation file of either format.
struct Source {
  const TensorFile& file;
  bool hdf5;
  Attributes root;

  [[nodiscard]] std::string name(const std::string& key, const std::string& set) const {
    return hdf5 ? "layers/" + key + "/" + set : safetensors_name(key, set);
  }
  [[nodiscard]] bool has(const std::string& name) const {
    const auto& all = file.tensors();
    return std::any_of(all.begin(), all.end(), [&](const auto& info) { return info.name == name; });
  }
};

Status check_format(const Source& source) {
  const auto found = source.root.find("gyroscope_format");
  if (found == source.root.end()) {
    return fail(ErrorCode::Malformed, "is not a permutation file: gyroscope_format is missing", {},
                advice::kPermutations);
  }
  const AttributeReader reader(source.root);
  GYRO_TRY(const auto format, reader.number<std::int64_t>("gyroscope_format", 1));
  if (format <= permutation_file_format) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("was written by a newer Gyroscope (gyroscope_format {}, known: {})",
                          format, permutation_file_format),
              {}, "Update Gyroscope to read it.");
}

/// An attribute is a value or a list of values; deeper ones would be written out by recursion.
bool is_attribute(const Json& value) {
  return value.is_primitive() ||
         (value.is_array() && std::ranges::all_of(value, &Json::is_primitive));
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.dump();
}

/// A layer's attributes as safetensors keep them: one JSON object.
Result<Attributes> attributes_from_json(const std::string& text) {
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object())
    return fail(ErrorCode::Malformed, "the attributes are no JSON object", {}, advice::kChanged);
  Attributes out;
  for (const auto& [name, value] : object.items()) {
    if (is_attribute(value)) out[name] = text_of(value);
  }
  return out;
}

/// The part of a set's name that names its layer; empty for other tensors.
std::string key_of(const Source& source, const std::string& name) {
  constexpr std::string_view folder = "layers/";
  const auto end = name.rfind(source.hdf5 ? '/' : '.');
  if (end == std::string::npos) return {};
  if (!source.hdf5) return name.substr(end) == ".output_order" ? name.substr(0, end) : "";
  if (!name.starts_with(folder) || end < folder.size()) return {};
  const std::string key = name.substr(folder.size(), end - folder.size());
  return key.find('/') == std::string::npos ? key : "";
}

std::set<std::string> layer_keys(const Source& source) {
  std::set<std::string> keys;
  for (const auto& info : source.file.tensors()) keys.insert(key_of(source, info.name));
  if (!source.hdf5) {
    for (const auto& [name, text] : source.root) {
      if (Json::parse(text, nullptr, false).is_object()) keys.insert(name);
    }
  }
  keys.erase("");
  return keys;
}

Result<Attributes> layer_attributes(const Source& source, const std::string& key) {
  if (source.hdf5) return source.file.attributes("layers/" + key);
  const auto found = source.root.find(key);
  if (found == source.root.end()) {
    return fail(ErrorCode::Malformed, "the layer's attributes are missing in __metadata__", {},
                advice::kChanged);
  }
  return attributes_from_json(found->second);
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

/// The set of that type and shape; its size is checked before anything is read.
Result<Tensor> read_set(const Source& source, const std::string& name, ScalarType type,
                        const std::vector<std::int64_t>& shape, Progress* progress = nullptr) {
  if (!source.has(name)) {
    return fail(ErrorCode::Malformed, fmt::format("the set '{}' is missing", name), {},
                advice::kChanged);
  }
  GYRO_TRY(const TensorInfo info, source.file.find(name));
  if (info.type != type || info.shape != shape) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the set '{}' is {} {} instead of {} {}", name, name_of(info.type),
                            text_of(info.shape), name_of(type), text_of(shape)),
                {}, advice::kChanged);
  }
  return source.file.read(name, progress);
}

Result<std::vector<std::int32_t>> read_order(const Source& source, const std::string& name,
                                             const std::vector<std::int64_t>& shape) {
  GYRO_TRY(const Tensor tensor, read_set(source, name, ScalarType::I32, shape));
  std::vector<std::int32_t> out(tensor.data.size() / sizeof(std::int32_t));
  std::memcpy(out.data(), tensor.data.data(), tensor.data.size());
  return out;
}

Result<Mask> read_mask(const Source& source, const std::string& name, const HinmShape& shape) {
  const std::int64_t stride = (std::int64_t{shape.cols} + 7) / 8;
  GYRO_TRY(const Tensor tensor, read_set(source, name, ScalarType::U8, {shape.rows, stride}));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(tensor.data.data());
  return Mask::from_bytes(shape.rows, shape.cols, {bytes, tensor.data.size()});
}

/// The packed layer, if there is one; its sizes are checked before anything is read.
Result<std::optional<PackedRecord>> read_packed(const Source& source, const std::string& key,
                                                const HinmShape& shape) {
  const std::string values = source.name(key, "packed/values");
  const std::string metadata = source.name(key, "packed/metadata");
  if (!source.has(values) && !source.has(metadata)) return std::nullopt;
  PackedRecord out;
  GYRO_TRY(const Tensor words, read_set(source, metadata, ScalarType::U16,
                                        {shape.rows, PackedRecord::words_per_row(shape)}));
  out.metadata.resize(words.data.size() / sizeof(std::uint16_t));
  std::memcpy(out.metadata.data(), words.data.data(), words.data.size());
  if (!source.has(values)) {
    return fail(ErrorCode::Malformed, fmt::format("the set '{}' is missing", values), {},
                advice::kChanged);
  }
  GYRO_TRY(const TensorInfo info, source.file.find(values));
  GYRO_TRY(out.values, read_set(source, values, info.type, {shape.rows, shape.kept_per_row()}));
  return out;
}

/// A layer and its place among the file's layers.
struct Placed {
  std::int64_t place = 0;
  LayerRecord record;
};

Result<Placed> read_layer(const Source& source, const std::string& key) {
  GYRO_TRY(const Attributes attributes, layer_attributes(source, key));
  Placed out;
  GYRO_TRY(out.record, record_from(attributes));
  LayerRecord& record = out.record;
  const HinmShape& shape = record.shape;
  GYRO_TRY(record.permutation.output_order,
           read_order(source, source.name(key, "output_order"), {shape.rows}));
  GYRO_TRY(record.permutation.vector_index,
           read_order(source, source.name(key, "vector_index"), {shape.tiles(), shape.kept}));
  GYRO_TRY(record.mask, read_mask(source, source.name(key, "mask"), shape));
  const std::string weight = source.name(key, "weight");
  if (source.has(weight)) {
    GYRO_TRY(const TensorInfo info, source.file.find(weight));
    GYRO_TRY(record.weight, read_set(source, weight, info.type, {shape.rows, shape.cols}));
    record.weight->info.name = record.tensor;
  }
  GYRO_TRY(record.packed, read_packed(source, key, shape));
  GYRO_CHECK(validate(record));
  const AttributeReader reader(attributes);
  if (reader.has("index")) {
    GYRO_TRY(out.place, reader.number<std::int64_t>("index"));
  }
  return out;
}

Result<std::vector<LayerRecord>> read_layers(const Source& source) {
  GYRO_CHECK(check_format(source));
  std::vector<Placed> layers;
  for (const auto& key : layer_keys(source)) {
    auto layer = read_layer(source, key);
    if (!layer) return fail(layer.error().at(key));
    layers.push_back(*std::move(layer));
  }
  if (layers.empty())
    return fail(ErrorCode::Malformed, "holds no layers", {}, advice::kPermutations);
  std::stable_sort(layers.begin(), layers.end(),
                   [](const Placed& a, const Placed& b) { return a.place < b.place; });
  std::vector<LayerRecord> out;
  out.reserve(layers.size());
  for (auto& layer : layers) out.push_back(std::move(layer.record));
  return out;
}

}  // namespace

Result<std::vector<LayerRecord>> read_permutations(const std::string& path) {
  GYRO_TRY(const auto file, TensorFile::open(path));
  const bool hdf5 = file->format() == "HDF5";
  if (!hdf5 && file->format() != "safetensors") {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} files hold no permutations", file->format()), path,
                "Give an HDF5 or safetensors file.");
  }
  auto root = file->attributes("");
  if (!root) return fail(root.error());
  auto layers = read_layers({*file, hdf5, *std::move(root)});
  if (!layers) return fail(layers.error().at(path));
  return layers;
}

}  // namespace gyro

#include "core/io/permutation_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/io/permutation_attributes.hpp"
#include "core/io/safe_write.hpp"
#include "core/io/safetensors_writer.hpp"

namespace gyro {
namespace {

using Json = nlohmann::ordered_json;

/// A record with the key that its file knows it by.
struct Keyed {
  std::string key;
  const LayerRecord* record;
  std::int64_t place;
};

std::vector<Keyed> with_keys(const std::vector<LayerRecord>& layers) {
  std::vector<std::string> taken{"gyroscope_format"};
  std::vector<Keyed> out;
  for (const auto& record : layers) {
    taken.push_back(layer_key(record.tensor, taken));
    out.push_back({taken.back(), &record, static_cast<std::int64_t>(out.size())});
  }
  return out;
}

/// The arrays of a record, as both formats store them.
struct Array {
  std::string name;
  ScalarType type;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

std::vector<Array> arrays_of(const LayerRecord& record, const std::vector<std::uint8_t>& mask) {
  const HinmShape& shape = record.shape;
  const Permutation& permutation = record.permutation;
  std::vector<Array> out{
      {"output_order", ScalarType::I32, {shape.rows}, bytes_of(permutation.output_order)},
      {"vector_index",
       ScalarType::I32,
       {shape.tiles(), shape.kept},
       bytes_of(permutation.vector_index)},
      {"mask", ScalarType::U8, {shape.rows, (shape.cols + 7) / 8}, bytes_of(mask)}};
  if (record.weight) {
    out.push_back(
        {"weight", record.weight->info.type, {shape.rows, shape.cols}, record.weight->data});
  }
  if (record.packed) {
    const Tensor& values = record.packed->values;
    out.push_back({"packed/values", values.info.type, values.info.shape, values.data});
    out.push_back({"packed/metadata",
                   ScalarType::U16,
                   {shape.rows, PackedRecord::words_per_row(shape)},
                   bytes_of(record.packed->metadata)});
  }
  return out;
}

Status add_layer(Hdf5Writer& writer, const Keyed& layer) {
  const std::string group = "/layers/" + layer.key;
  const auto mask = layer.record->mask.to_bytes();
  for (const auto& array : arrays_of(*layer.record, mask)) {
    const bool large = array.name == "weight" || array.name == "packed/values";
    const auto storage = large ? Hdf5Storage::Gzip : Hdf5Storage::Plain;
    GYRO_CHECK(
        writer.dataset(group + "/" + array.name, array.type, array.shape, array.bytes, storage));
  }
  for (const auto& [name, value] : attributes_of(*layer.record)) {
    GYRO_CHECK(writer.attribute(group, name, value));
  }
  return writer.attribute(group, "index", layer.place);
}

Status write_hdf5(FileSink& sink, const std::vector<LayerRecord>& layers) {
  GYRO_TRY(Hdf5Writer writer, Hdf5Writer::create());
  GYRO_CHECK(writer.attribute("/", "gyroscope_format", std::int64_t{permutation_file_format}));
  for (const auto& layer : with_keys(layers)) GYRO_CHECK(add_layer(writer, layer));
  GYRO_TRY(const auto image, writer.finish());
  return sink.write(image);
}

std::string json_of(const Keyed& layer) {
  Json out = Json::object();
  for (const auto& [name, value] : attributes_of(*layer.record)) {
    std::visit([&, &key = name](const auto& plain) { out[key] = plain; }, value);
  }
  out["index"] = layer.place;
  return out.dump();
}

Status write_safetensors(FileSink& sink, const std::vector<LayerRecord>& layers) {
  SafetensorsWriter writer;
  std::vector<std::vector<std::uint8_t>> masks;
  masks.reserve(layers.size());
  for (const auto& record : layers) masks.push_back(record.mask.to_bytes());
  writer.metadata("gyroscope_format", std::to_string(permutation_file_format));
  for (const auto& layer : with_keys(layers)) {
    writer.metadata(layer.key, json_of(layer));
    for (auto& array : arrays_of(*layer.record, masks[static_cast<std::size_t>(layer.place)])) {
      writer.tensor(safetensors_name(layer.key, array.name), array.type, array.shape, array.bytes);
    }
  }
  return writer.write(sink);
}

bool same(const std::optional<Tensor>& a, const std::optional<Tensor>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->info.type == b->info.type && a->info.shape == b->info.shape &&
         std::equal(a->data.begin(), a->data.end(), b->data.begin(), b->data.end());
}

bool same(const LayerRecord& a, const LayerRecord& b) {
  return attributes_of(a) == attributes_of(b) && a.permutation == b.permutation &&
         a.mask == b.mask && same(a.weight, b.weight) && same(a.packed, b.packed);
}

Status compare(const std::string& written, const std::vector<LayerRecord>& layers,
               const std::string& path) {
  const auto read = read_permutations(written);
  if (!read) {
    Error error = read.error();
    error.where.clear();
    error.what = "what was written cannot be read back: " + error.what;
    error.code = ErrorCode::WriteFailed;
    return fail(error.at(path));
  }
  if (!std::equal(layers.begin(), layers.end(), read->begin(), read->end(),
                  [](const auto& a, const auto& b) { return same(a, b); })) {
    return fail(ErrorCode::WriteFailed, "what was read back is not what was written", path,
                "Check the disk; the file was not replaced.");
  }
  return {};
}

/// File names of other encodings must not keep a result from being written.
std::string as_utf8(const std::string& text) {
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

Status check_layers(const std::vector<LayerRecord>& layers, const std::string& path) {
  if (layers.empty()) {
    return fail(ErrorCode::InvalidArgument, "there is no layer to write", path,
                "Search at least one layer first.");
  }
  for (const auto& record : layers) {
    const auto valid = validate(record);
    if (!valid) return fail(valid.error().at(record.tensor).at(path));
  }
  return {};
}

}  // namespace

Result<PermutationFormat> permutation_format(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (extension == ".h5" || extension == ".hdf5" || extension == ".hdf") {
    return PermutationFormat::Hdf5;
  }
  if (extension == ".safetensors") return PermutationFormat::Safetensors;
  return fail(ErrorCode::InvalidArgument,
              extension.empty()
                  ? "the name has no extension"
                  : fmt::format("'{}' is no extension of a permutation file", extension),
              path, "Name it .h5, .hdf5 or .safetensors.");
}

Status write_permutations(const std::string& path, const std::vector<LayerRecord>& given) {
  GYRO_TRY(const auto format, permutation_format(path));
  auto layers = given;
  for (auto& record : layers) {
    record.source_file = as_utf8(record.source_file);
    record.saliency_data = as_utf8(record.saliency_data);
  }
  GYRO_CHECK(check_layers(layers, path));
  const auto fill = [&](FileSink& sink) {
    return format == PermutationFormat::Hdf5 ? write_hdf5(sink, layers)
                                             : write_safetensors(sink, layers);
  };
  return replace_file(path, fill,
                      [&](const std::string& written) { return compare(written, layers, path); });
}

}  // namespace gyro

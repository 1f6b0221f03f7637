#include "core/io/safetensors_writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gyro {
namespace {

const char* type_name(ScalarType type) {
  switch (type) {
    case ScalarType::F16:
      return "F16";
    case ScalarType::BF16:
      return "BF16";
    case ScalarType::F32:
      return "F32";
    case ScalarType::F64:
      return "F64";
    case ScalarType::I8:
      return "I8";
    case ScalarType::U8:
      return "U8";
    case ScalarType::I16:
      return "I16";
    case ScalarType::U16:
      return "U16";
    case ScalarType::I32:
      return "I32";
    case ScalarType::U32:
      return "U32";
    case ScalarType::I64:
      return "I64";
    case ScalarType::U64:
      return "U64";
    case ScalarType::Bool:
      return "BOOL";
  }
  return "";
}

}  // namespace

std::string SafetensorsWriter::header() const {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  if (!metadata_.empty()) out["__metadata__"] = metadata_;
  std::uint64_t at = 0;
  for (const auto& entry : entries_) {
    const std::uint64_t end = at + entry.bytes.size();
    out[entry.name] = {
        {"dtype", type_name(entry.type)}, {"shape", entry.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = out.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

Status SafetensorsWriter::write(FileSink& sink) {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return size_of(a.type) > size_of(b.type);
  });
  const std::string text = header();
  const std::uint64_t length = text.size();
  GYRO_CHECK(sink.write(std::as_bytes(std::span(&length, 1))));
  GYRO_CHECK(sink.write(text));
  for (const auto& entry : entries_) GYRO_CHECK(sink.write(entry.bytes));
  return {};
}

}  // namespace gyro

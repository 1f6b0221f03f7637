// The format: https://huggingface.co/docs/safetensors, "Format": the header's length (8 bytes,
// little-endian), the header (a JSON object), the tensors' bytes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

#include "core/base/advice.hpp"
#include "core/io/json_events.hpp"
#include "core/io/readers.hpp"
#include "core/io/scalar.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kLargestHeader = 100'000'000;  // what the reference reader allows

struct Entry {
  TensorInfo info;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::optional<ScalarType> scalar_type(std::string_view name) {
  using enum ScalarType;
  constexpr std::array<std::pair<std::string_view, ScalarType>, 13> kTypes{{{"F16", F16},
                                                                            {"BF16", BF16},
                                                                            {"F32", F32},
                                                                            {"F64", F64},
                                                                            {"I8", I8},
                                                                            {"U8", U8},
                                                                            {"I16", I16},
                                                                            {"U16", U16},
                                                                            {"I32", I32},
                                                                            {"U32", U32},
                                                                            {"I64", I64},
                                                                            {"U64", U64},
                                                                            {"BOOL", Bool}}};
  for (const auto& [text, type] : kTypes) {
    if (text == name) return type;
  }
  return std::nullopt;
}

/// Types of the format that are narrower than a half or complex: known, not handled.
bool is_known_elsewhere(std::string_view name) {
  return name.starts_with("F8_") || name.starts_with("F6_") || name == "F4" || name == "C64";
}

/// Collects the header: {"name": {"dtype": …, "shape": […], "data_offsets": [begin, end]}, …}.
class Header final : public JsonVisitor {
 public:
  explicit Header(std::uint64_t data_size) : data_size_(data_size) {}

  std::vector<Entry> entries;
  std::vector<Error> skipped;
  std::map<std::string, std::string> metadata;

  Status opened(const Path& path, bool array) override {
    if (path.empty() && array) return malformed("is not an object");
    if (path.size() == 1 && array) return malformed("is not an object", path[0]);
    if (path.size() == 1) current_ = {};
    if (path.size() == 1 || in_metadata(path)) return {};
    if (path.size() == 2 && array && path[1] == "shape") current_.has_shape = true;
    const bool list = path.size() == 2 && array && (path[1] == "shape" || path[1] == kOffsets);
    return path.empty() || list ? Status{} : malformed("has an unexpected part", path[0]);
  }

  Status scalar(const Path& path, const JsonScalar& value) override {
    if (path.size() < 2) return malformed("has an unexpected value");
    if (in_metadata(path)) {
      if (path.size() == 2 && value.kind == JsonScalar::Kind::Text) metadata[path[1]] = *value.text;
      return {};
    }
    if (path.size() == 2 && path[1] == "dtype" && value.kind == JsonScalar::Kind::Text) {
      current_.type = *value.text;
      return {};
    }
    if (path.size() != 3 || value.kind != JsonScalar::Kind::Unsigned || value.integer < 0) {
      return malformed(fmt::format("has no valid “{}”", path[1]), path[0]);
    }
    auto& list = path[1] == "shape" ? current_.shape : current_.offsets;
    if (list.size() >= 32) return malformed(fmt::format("has a long “{}”", path[1]), path[0]);
    list.push_back(value.integer);
    return {};
  }

  Status closed(const Path& path) override {
    return path.size() == 1 && !in_metadata(path) ? finish(path[0]) : Status{};
  }

  /// Tensors may not share bytes.
  Status check_overlaps() const {
    std::vector<const Entry*> order;
    for (const auto& entry : entries) {
      if (entry.begin != entry.end) order.push_back(&entry);
    }
    std::sort(order.begin(), order.end(),
              [](const Entry* a, const Entry* b) { return a->begin < b->begin; });
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (order[i]->begin < order[i - 1]->end) {
        return malformed(fmt::format("shares bytes with “{}”", order[i - 1]->info.name),
                         order[i]->info.name);
      }
    }
    return {};
  }

 private:
  static constexpr std::string_view kOffsets = "data_offsets";
  struct Current {
    std::string type;
    bool has_shape = false;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> offsets;
  };

  static bool in_metadata(const Path& path) { return !path.empty() && path[0] == "__metadata__"; }

  static Status malformed(const std::string& what, const std::string& tensor = {}) {
    return fail(ErrorCode::Malformed, (tensor.empty() ? "the header " : "its entry ") + what,
                tensor, advice::kDamaged);
  }

  Status finish(const std::string& name) {
    if (current_.type.empty() || !current_.has_shape || current_.offsets.size() != 2) {
      return malformed("lacks dtype, shape or data_offsets", name);
    }
    const auto begin = static_cast<std::uint64_t>(current_.offsets[0]);
    const auto end = static_cast<std::uint64_t>(current_.offsets[1]);
    if (begin > end || end > data_size_) {
      return malformed(fmt::format("names bytes {} to {}, but the file has {} bytes of data: it "
                                   "is cut off or the header lies",
                                   begin, end, data_size_),
                       name);
    }
    const auto type = scalar_type(current_.type);
    if (!type && is_known_elsewhere(current_.type)) {
      skipped.push_back({ErrorCode::Unsupported, current_.type + " is not supported", name,
                         "Convert it to float16 or bfloat16."});
      return {};
    }
    if (!type) return malformed(fmt::format("has the unknown type “{}”", current_.type), name);
    auto bytes = checked_bytes(*type, current_.shape);
    if (!bytes) return fail(bytes.error().at(name));
    if (static_cast<std::uint64_t>(*bytes) != end - begin) {
      return malformed(fmt::format("has {} bytes, but its shape {} of {} needs {}", end - begin,
                                   shape_text(current_.shape), name_of(*type), *bytes),
                       name);
    }
    entries.push_back({TensorInfo{name, *type, current_.shape}, begin, end});
    return {};
  }

  std::uint64_t data_size_;
  Current current_;
};

class SafetensorsFile final : public ListedFile {
 public:
  SafetensorsFile(const InputFile& file, Header& header, std::uint64_t data_start)
      : ListedFile(file) {
    skipped_ = std::move(header.skipped);
    metadata_ = std::move(header.metadata);
    for (auto& entry : header.entries) {
      tensors_.push_back(std::move(entry.info));
      offsets_.push_back(data_start + entry.begin);
    }
  }

  [[nodiscard]] std::string_view format() const override { return "safetensors"; }

  [[nodiscard]] Result<Tensor> read(const std::string& name, Progress* progress) const override {
    GYRO_TRY(const std::size_t index, index_of(name));
    return read_range(file_, tensors_[index], offsets_[index], progress);
  }

  [[nodiscard]] Result<std::map<std::string, std::string>> attributes(
      const std::string& object) const override {
    if (object.empty() || object == "/") return metadata_;
    GYRO_CHECK(index_of(object));
    return std::map<std::string, std::string>{};
  }

 private:
  std::map<std::string, std::string> metadata_;
  std::vector<std::uint64_t> offsets_;
};

Result<std::string> header_text(const InputFile& file) {
  std::array<std::byte, 8> length_bytes{};
  GYRO_CHECK(file.read_at(0, length_bytes));
  std::uint64_t length = 0;
  std::memcpy(&length, length_bytes.data(), 8);
  if (length > kLargestHeader || length > file.size() - 8) {
    return fail(ErrorCode::Malformed,
                fmt::format("the header is said to be {} bytes long, but the file has only {}",
                            length, file.size()),
                file.path(), advice::kCutOff);
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  GYRO_CHECK(file.read_at(8, std::as_writable_bytes(std::span(text))));
  return text;
}

}  // namespace

OpenedFile open_safetensors(const InputFile& file) {
  GYRO_TRY(const std::string text, header_text(file));
  const std::uint64_t data_start = 8 + text.size();
  Header header(file.size() - data_start);
  auto status = read_json(text, 4, header);
  if (status) status = header.check_overlaps();
  if (!status) return fail(status.error().at(file.path()));
  return std::make_unique<SafetensorsFile>(file, header, data_start);
}

}  // namespace gyro

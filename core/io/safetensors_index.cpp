// A model in several safetensors files: {"weight_map": {"tensor":
// "model-00001-of-00002.safetensors"}}.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <unordered_map>

#include "core/base/advice.hpp"
#include "core/io/json_events.hpp"
#include "core/io/readers.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kLargestIndex = 64 << 20;

class WeightMap final : public JsonVisitor {
 public:
  std::vector<std::pair<std::string, std::string>> entries;  ///< tensor, file
  bool found = false;

  Status opened(const Path& path, bool array) override {
    if (path.size() == 1 && path[0] == "weight_map") found = !array;
    return {};
  }
  Status scalar(const Path& path, const JsonScalar& value) override {
    if (path.size() != 2 || path[0] != "weight_map") return {};
    if (value.kind != JsonScalar::Kind::Text) {
      return fail(ErrorCode::Malformed, "its file name is not a text", path[1], advice::kDamaged);
    }
    entries.emplace_back(path[1], *value.text);
    return {};
  }
  Status closed(const Path& /*path*/) override { return {}; }
};

/// Parts lie beside the index: a name that leads elsewhere is refused.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

class ShardedFile final : public ListedFile {
 public:
  explicit ShardedFile(const InputFile& file) : ListedFile(file) {}

  [[nodiscard]] std::string_view format() const override { return "sharded safetensors"; }

  Status load(const WeightMap& map, Progress* progress) {
    std::map<std::string, std::vector<std::string>> wanted;
    for (const auto& [tensor, part] : map.entries) wanted[part].push_back(tensor);
    if (progress != nullptr) {
      progress->begin("opening the parts", static_cast<std::int64_t>(wanted.size()));
    }
    for (const auto& [part, names] : wanted) {
      add_part(part, names);
      if (progress != nullptr && !progress->advance()) {
        return fail(ErrorCode::Cancelled, "opening was stopped", file_.path());
      }
    }
    if (tensors_.empty() && !skipped_.empty()) {
      Error first = skipped_.front();
      first.where = file_.path() + ": " + first.where;
      return fail(std::move(first));
    }
    return {};
  }

  [[nodiscard]] Result<Tensor> read(const std::string& name, Progress* progress) const override {
    GYRO_TRY(const std::size_t index, index_of(name));
    return parts_[part_of_[index]]->read(name, progress);
  }

 private:
  void add_part(const std::string& part, const std::vector<std::string>& names) {
    auto opened = open_part(part);
    if (!opened) {
      for (const auto& name : names) {
        Error error = opened.error();
        error.what = fmt::format("its part {} cannot be opened: {}", part, error.what);
        error.where = name;
        skipped_.push_back(std::move(error));
      }
      return;
    }
    std::unordered_map<std::string, const TensorInfo*> inside;
    for (const auto& info : (*opened)->tensors()) inside.emplace(info.name, &info);
    for (const auto& name : names) {
      if (const auto found = inside.find(name); found != inside.end()) {
        tensors_.push_back(*found->second);
        part_of_.push_back(parts_.size());
      } else if (const auto why = (*opened)->find(name); !why) {
        Error error = why.error();
        error.where = name;
        if (error.code == ErrorCode::NotFound) {
          error.what = fmt::format("the index looks for it in {}, which does not have it", part);
        }
        skipped_.push_back(std::move(error));
      }
    }
    parts_.push_back(*std::move(opened));
  }

  [[nodiscard]] OpenedFile open_part(const std::string& part) const {
    if (!is_plain_name(part)) {
      return fail(ErrorCode::Malformed, "the name leads out of the index's folder", {},
                  "Every part must lie beside the index: write its plain file name there.");
    }
    const auto folder = std::filesystem::path(file_.path()).parent_path();
    GYRO_TRY(const InputFile file, InputFile::open((folder / part).string()));
    if (file.size() < 8)
      return fail(ErrorCode::Malformed, "it is cut off", file.path(), advice::kCutOff);
    return open_safetensors(file);
  }

  std::vector<std::unique_ptr<TensorFile>> parts_;
  std::vector<std::size_t> part_of_;
};

}  // namespace

OpenedFile open_safetensors_index(const InputFile& file, Progress* progress) {
  if (file.size() > kLargestIndex) {
    return fail(ErrorCode::Unsupported, "it is a JSON text too long for an index of tensors",
                file.path(), "Open the model's .safetensors file or its .safetensors.index.json.");
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  GYRO_CHECK(file.read_at(0, std::as_writable_bytes(std::span(text))));
  WeightMap map;
  if (auto status = read_json(text, 16, map); !status) {
    return fail(status.error().at(file.path()));
  }
  if (!map.found) {
    return fail(ErrorCode::Unsupported, "it is a JSON text without a “weight_map”", file.path(),
                "Open the model's .safetensors file or its .safetensors.index.json.");
  }
  auto out = std::make_unique<ShardedFile>(file);
  GYRO_CHECK(out->load(map, progress));
  return out;
}

}  // namespace gyro

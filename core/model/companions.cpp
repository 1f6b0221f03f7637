#include "core/model/companions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace gyro {
namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool has(const TensorFile& file, const std::string& name) {
  const auto& all = file.tensors();
  return std::any_of(all.begin(), all.end(), [&](const auto& t) { return t.name == name; });
}

/// A tensor as a matrix: a vector is one row, more than two extents keep the first.
Result<Matrix> read_plain(const TensorFile& file, const std::string& name, Progress* progress) {
  GYRO_TRY(const Tensor tensor, file.read(name, progress));
  const auto& shape = tensor.info.shape;
  if (shape.empty() || tensor.info.count() == 0) {
    return fail(ErrorCode::Mismatch, "a scalar or empty tensor has nothing for a layer", name,
                "It must have one entry an input channel, or one a weight.");
  }
  const std::int64_t rows = shape.size() == 1 ? 1 : shape.front();
  Matrix out(rows, tensor.info.count() / rows);
  convert_to_float(tensor.info.type, tensor.data.data(), out.size(), out.data());
  return out;
}

struct Found {
  Matrix data;
  std::string source;
};

/// Reads a companion from where it was named, else from beside the weight; nothing if not there.
Result<std::optional<Found>> find_companion(const TensorFile& file, const Layer& layer,
                                            const CompanionSource& source,
                                            std::string_view companion, Progress* progress) {
  const std::string expected = companion_name(layer.info.name, companion);
  if (source.file.empty()) {
    if (!has(file, expected)) return std::optional<Found>();
    GYRO_TRY(Matrix data, read_plain(file, expected, progress));
    return std::optional(Found{std::move(data), expected});
  }
  GYRO_TRY(const auto other, TensorFile::open(source.file, progress));
  std::string name = source.tensor;
  if (name.empty()) {
    const bool lone = other->tensors().size() == 1 &&
                      !other->tensors().front().name.ends_with(companion);  // of another layer
    name = lone ? other->tensors().front().name : expected;
  }
  auto data = read_plain(*other, name, progress);
  if (!data) return fail(data.error().at(source.file));
  return std::optional(Found{*std::move(data), source.file + ":" + name});
}

Result<Found> need(std::optional<Found> found, const Layer& layer, const SaliencyInfo& info) {
  if (found) return *std::move(found);
  return fail(ErrorCode::NotFound,
              fmt::format("the saliency {} needs '{}' and it is not there", info.name,
                          info.companion.empty() ? "scores"
                                                 : companion_name(layer.info.name, info.companion)),
              layer.info.name,
              info.needs == SaliencyNeeds::Scores ? "Name it with --scores FILE[:NAME]."
                                                  : "Name it with --calibration FILE[:NAME].");
}

/// Calibration inputs: an error only if they were needed or named.
Status read_calibration(Companions& out, const TensorFile& file, const Layer& layer,
                        const SaliencySettings& settings, bool needed, Progress* progress) {
  auto found = find_companion(file, layer, settings.calibration, "input", progress);
  const bool named = !settings.calibration.file.empty();
  const auto refuse = [&](Error error) -> Status {
    if (needed || named) return fail(error.at(layer.info.name));
    out.unusable = std::move(error);
    return {};
  };
  if (!found) return refuse(found.error());
  if (!*found) return {};
  auto calibration = make_calibration(std::move((*found)->data), layer.weight->cols(),
                                      std::move((*found)->source));
  if (!calibration) return refuse(calibration.error());
  out.calibration = std::make_shared<const Calibration>(*std::move(calibration));
  return {};
}

}  // namespace

std::string CompanionSource::text() const {
  return tensor.empty() ? file : file + ":" + tensor;
}

Result<CompanionSource> parse_companion(std::string_view text) {
  std::string whole(text);
  if (exists(whole)) return CompanionSource{std::move(whole), {}};
  for (auto at = whole.find(':'); at != std::string::npos; at = whole.find(':', at + 1)) {
    if (at > 0 && exists(whole.substr(0, at))) {
      return CompanionSource{whole.substr(0, at), whole.substr(at + 1)};
    }
  }
  return fail(ErrorCode::NotFound, "there is no such file", std::move(whole),
              "Write FILE or FILE:TENSOR.");
}

Result<Companions> read_companions(const TensorFile& file, const Layer& layer,
                                   const SaliencySettings& settings, Progress* progress) {
  const SaliencyInfo& info = info_of(settings.kind);
  Companions out;
  out.inputs.ria_exponent = static_cast<float>(settings.ria_exponent);
  if (info.needs == SaliencyNeeds::Diagonal) {
    GYRO_TRY(auto found,
             find_companion(file, layer, settings.calibration, info.companion, progress));
    GYRO_TRY(auto diagonal, need(std::move(found), layer, info));
    out.inputs.diagonal = std::move(diagonal.data);
    out.source = std::move(diagonal.source);
    return out;
  }
  if (info.needs == SaliencyNeeds::Scores) {
    std::optional<Found> found;
    if (!settings.scores.file.empty()) {
      GYRO_TRY(found, find_companion(file, layer, settings.scores, "scores", progress));
    }
    GYRO_TRY(auto scores, need(std::move(found), layer, info));
    out.inputs.scores = std::move(scores.data);
    out.source = std::move(scores.source);
  }
  const bool needed = info.needs == SaliencyNeeds::Calibration;
  GYRO_CHECK(read_calibration(out, file, layer, settings, needed, progress));
  if (needed) {
    if (!out.calibration) return fail(need(std::nullopt, layer, info).error());
    out.inputs.input_norms = out.calibration->norms();
    out.source = out.calibration->source;
  }
  return out;
}

}  // namespace gyro

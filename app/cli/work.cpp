#include "app/cli/work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"

namespace gyro::cli {
namespace {

/// Whether the tensor can be a layer of these settings; the error names the tensor.
Status fits(const TensorInfo& info, const ProblemSettings& settings, const LayerCheck& check) {
  const auto matrix = matrix_shape(info);
  if (!matrix) {
    const Error& error = matrix.error();
    return error.where.empty() ? fail(error.at(info.name)) : fail(error);
  }
  const auto shape =
      make_shape(matrix->rows, matrix->cols, settings.vector_size, settings.nm, settings.sparsity);
  const Status good = shape ? check(*shape) : fail(shape.error());
  return good ? good : fail(good.error().at(info.name));
}

Result<Selection> select_named(const TensorFile& file, const std::vector<std::string>& names,
                               const ProblemSettings& settings, const LayerCheck& check) {
  Selection out;
  for (const auto& name : names) {
    GYRO_TRY(TensorInfo info, file.find(name));
    GYRO_CHECK(fits(info, settings, check));
    const bool known = std::any_of(out.layers.begin(), out.layers.end(),
                                   [&](const auto& other) { return other.name == info.name; });
    if (!known) out.layers.push_back(std::move(info));
  }
  return out;
}

Selection select_all(const TensorFile& file, const ProblemSettings& settings,
                     const LayerCheck& check) {
  Selection out;
  LayerList list = list_layers(file);
  for (auto& info : list.layers) {
    if (auto fitting = fits(info, settings, check)) {
      out.layers.push_back(std::move(info));
    } else {
      Error error = std::move(fitting.error());
      error.where = info.name;
      out.skipped.push_back(std::move(error));
    }
  }
  std::move(list.skipped.begin(), list.skipped.end(), std::back_inserter(out.skipped));
  return out;
}

}  // namespace

int Work::end(const Error& error) {
  if (!interrupted()) {
    view.note(error.text());
    return kFailed;
  }
  view.note("interrupted");
  return kInterrupted;
}

int skip_layer(Work& work, Selection& selection, const std::string& path, const std::string& name,
               Error error, bool all) {
  const bool failed = !all && !interrupted();
  if (failed) work.view.note(error.at(path).text());
  error.where = name;
  selection.skipped.push_back(std::move(error));
  return failed ? kFailed : kDone;
}

LayerCheck check_by(const Strategy& strategy, Parameters parameters) {
  // What a strategy keeps is read with the layer, not here.
  if (strategy.info().keeps_start && !parameters.get<std::string>("path").empty()) {
    return [](const HinmShape& /*shape*/) { return Status(); };
  }
  SearchOptions options;
  options.parameters = std::move(parameters);
  return [&strategy, options = std::move(options)](const HinmShape& shape) -> Status {
    Status good = strategy.check(shape, options);
    if (good || good.error().where.empty()) return good;
    return fail(good.error().at("--param"));
  };
}

Result<Selection> select_layers(const TensorFile& file, const std::vector<std::string>& names,
                                bool all, const ProblemSettings& settings,
                                const LayerCheck& check) {
  if (all) return select_all(file, settings, check);
  return select_named(file, names, settings, check);
}

Result<std::shared_ptr<const Problem>> load_problem(const TensorFile& file, const std::string& path,
                                                    const std::string& name,
                                                    const ProblemSettings& settings,
                                                    NonFinite nonfinite, int threads, Work& work) {
  auto layer = read_layer(file, path, name, nonfinite, &work.progress, threads);
  if (!layer) {
    Error error = std::move(layer.error());
    if (error.where.empty()) error.where = name;
    return fail(std::move(error));
  }
  if (layer->nonfinite > 0) {
    work.view.note(
        fmt::format("{}: {} NaN or infinite weights are read as zero", name, layer->nonfinite));
  }
  GYRO_TRY(const Companions companions,
           read_companions(file, *layer, settings.saliency, &work.progress));
  if (companions.unusable) work.view.note(companions.unusable->at(name).text());
  return make_problem(*std::move(layer), settings, companions, threads, &work.progress);
}

}  // namespace gyro::cli

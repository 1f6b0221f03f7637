#include "core/model/run.hpp"

#include <filesystem>
#include <utility>

#include "core/device/devices.hpp"
#include "core/device/parameters_json.hpp"
#include "core/model/given.hpp"
#include "core/model/version.hpp"
#include "core/sparsity/locality.hpp"

namespace gyro {
namespace {

/// Passes every step on to a recorder and to whoever else listens.
class Tee : public SearchObserver {
 public:
  Tee(SearchObserver* first, SearchObserver* second) : first_(first), second_(second) {}

  void started(const Permutation& start) override {
    if (first_ != nullptr) first_->started(start);
    if (second_ != nullptr) second_->started(start);
  }
  void stepped(const SearchStep& step) override {
    if (first_ != nullptr) first_->stepped(step);
    if (second_ != nullptr) second_->stepped(step);
  }
  [[nodiscard]] bool wants_each_step_at_once() const override {
    return (first_ != nullptr && first_->wants_each_step_at_once()) ||
           (second_ != nullptr && second_->wants_each_step_at_once());
  }

 private:
  SearchObserver* first_;
  SearchObserver* second_;
};

double output_error_work(const Problem& problem) {
  if (!problem.calibration) return 0;
  const auto& data =
      problem.calibration->inputs ? problem.calibration->inputs : problem.calibration->gram;
  return static_cast<double>(data->rows()) * problem.shape.rows * problem.shape.cols;
}

void judge_into(RunResult& result, std::optional<Mask> imported, int threads) {
  result.imported_mask = imported.has_value();
  const Problem& problem = *result.problem;
  const MatrixView saliency = view_of(*problem.saliency);
  const Permutation& permutation = result.search.permutation;
  result.mask = std::make_shared<const Mask>(
      imported ? *std::move(imported) : build_mask(saliency, problem.shape, permutation, threads));
  result.metrics = std::make_shared<const Metrics>(
      measure(saliency, problem.shape, permutation, *result.mask, threads));
  result.weight_error = weight_error(view_of(*problem.layer.weight), *result.mask, threads);
  add_output_error(result, threads);
}

Tensor masked_weight(const Problem& problem, const Mask& mask) {
  Matrix masked = *problem.layer.weight;
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      if (!mask.at(r, c)) masked(r, c) = 0;
    }
  }
  TensorInfo info = problem.layer.info;
  info.name = "weight";
  info.shape = {masked.rows(), masked.cols()};
  info.transposed = false;
  auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(info.bytes()));
  convert_from_float(info.type, masked.data(), masked.size(), bytes->data());
  return Tensor{std::move(info), bytes, *bytes};
}

constexpr double kStartShare = 0.5;  // of the cooling: colder loses less of what the start has

/// Reads the start of a request that names a file for it. The result is the mask that a strategy
/// which keeps its start has to be judged by, where that is not the rule's.
Result<std::optional<Mask>> read_start(const Problem& problem, const StrategyInfo& info,
                                       const Parameters& parameters, RunRequest& request) {
  const std::string& path =
      info.keeps_start ? parameters.get<std::string>("path") : request.start_file;
  if (request.start || path.empty()) return std::optional<Mask>();
  GYRO_TRY(GivenOrder given, read_given(path, problem));
  const double share = info.keeps_start ? 0 : kStartShare;
  request.start =
      std::make_shared<const SearchStart>(SearchStart{std::move(given.permutation), 0, 0, share});
  if (info.keeps_start) return std::move(given.mask);
  return std::optional<Mask>();
}

/// The start again, if the search has lost some of it.
void keep_start(const SearchStart& start, const SearchProblem& problem, RunResult& result) {
  const double kept =
      retained_saliency(problem.saliency, problem.shape, start.permutation, result.request.threads);
  if (kept <= result.search.retained_saliency) return;
  result.search.permutation = start.permutation;
  result.search.retained_saliency = kept;
}

std::shared_ptr<Trace> new_trace(const std::string& strategy, const Problem& problem,
                                 const SearchOptions& options) {
  auto out = std::make_shared<Trace>();
  out->strategy = strategy;
  out->shape = problem.shape;
  out->options = options;
  return out;
}

}  // namespace

Result<RunResult> run_strategy(std::shared_ptr<const Problem> problem, const RunRequest& request,
                               Progress& progress, bool trace, SearchObserver* observer,
                               bool bounds) {
  const Finder find = [&](const Problem& searched, const RunRequest&, const SearchOptions& options,
                          Progress& p, SearchObserver* heard_by) -> Result<Found> {
    Placement placement;
    auto found = call_on(
        request.device, {request.device_memory, request.threads}, placement, [&](Compute& device) {
          return device.search(request.strategy, searched.search(), options, p, heard_by);
        });
    if (!found) return fail(std::move(found.error()));
    return Found{*std::move(found), std::move(placement)};
  };
  return run_with(find, std::move(problem), request, progress, trace, observer, bounds);
}

Result<RunResult> run_with(const Finder& find, std::shared_ptr<const Problem> problem,
                           const RunRequest& asked, Progress& progress, bool trace,
                           SearchObserver* observer, bool bounds) {
  RunRequest request = asked;
  GYRO_TRY(const Strategy* const strategy, find_strategy(request.strategy));
  auto parameters = Parameters::parse(strategy->info().parameters, request.parameters);
  if (!parameters) return fail(parameters.error().at(request.strategy));
  GYRO_TRY(auto imported, read_start(*problem, strategy->info(), *parameters, request));

  const SearchOptions options{*parameters,       request.seed,    request.budget_seconds,
                              request.max_steps, request.threads, request.start};
  std::shared_ptr<Trace> recording;
  std::optional<Recorder> recorder;
  if (trace) {
    recording = new_trace(request.strategy, *problem, options);
    recorder.emplace(*recording);
  }
  Tee listeners(recorder ? &*recorder : nullptr, observer);
  SearchObserver* const heard_by = recorder || observer != nullptr ? &listeners : nullptr;
  auto found = find(*problem, request, options, progress, heard_by);
  if (!found) return fail(found.error().at(problem->layer.info.name));

  RunResult result;
  result.problem = std::move(problem);
  result.request = request;
  result.parameters = *std::move(parameters);
  result.search = std::move(found->search);
  if (!request.start_file.empty()) keep_start(*request.start, result.problem->search(), result);
  // A baseline is shown as it is; what was searched for may stand in any order of its mask.
  if (!strategy->info().phases.empty()) {
    result.search.permutation =
        sorted_for_locality(result.search.permutation, result.problem->shape);
  }
  result.device = std::move(found->placement.device);
  result.device_note = std::move(found->placement.note);
  if (recording) recording->device = result.device;
  result.trace = std::move(recording);
  judge_into(result, std::move(imported), request.threads);
  result.search.retained_saliency = result.imported_mask ? result.metrics->layer.retained_fraction()
                                                         : result.search.retained_saliency;
  if (bounds) static_cast<void>(complete(result, progress, request.threads));
  return result;
}

void add_output_error(RunResult& result, int threads) {
  if (!result.problem->calibration || output_error_work(*result.problem) > kOutputErrorWork) return;
  if (auto error = compute_output_error(result, threads)) {
    result.output_error = std::make_shared<const OutputError>(*std::move(error));
  }
}

Status complete(RunResult& result, Progress& progress, int threads) {
  if (!result.output_error) add_output_error(result, threads);
  if (result.bounds) return {};
  GYRO_TRY(result.bounds,
           compute_bounds(*result.problem, result.search.permutation, progress, threads));
  return {};
}

Result<OutputError> compute_output_error(const RunResult& result, int threads) {
  const Problem& problem = *result.problem;
  if (!problem.calibration) {
    return fail(
        ErrorCode::NotFound, "there are no calibration inputs", problem.layer.info.name,
        "Name them with --calibration FILE[:NAME], or store them as X.input beside X.weight.");
  }
  auto error =
      output_error(view_of(*problem.layer.weight), *result.mask, *problem.calibration, threads);
  if (!error) return fail(error.error().at(problem.calibration->source));
  return error;
}

Result<RunResult> judge(std::shared_ptr<const Problem> problem, const RunRequest& request,
                        Permutation permutation, std::optional<Mask> imported, int threads) {
  auto valid = validate(permutation, problem->shape);
  if (valid && imported) valid = check_feasible(*imported, problem->shape, permutation);
  if (!valid) return fail(valid.error().at(problem->layer.info.name));
  RunResult result;
  result.problem = std::move(problem);
  result.request = request;
  result.search.permutation = std::move(permutation);
  judge_into(result, std::move(imported), threads);
  result.search.retained_saliency = result.metrics->layer.retained_fraction();
  return result;
}

LayerRecord record_of(const RunResult& result, const std::string& source_sha256, bool with_weight) {
  const Problem& problem = *result.problem;
  LayerRecord record;
  record.tensor = problem.layer.info.name;
  record.view = problem.layer.view;
  record.shape = problem.shape;
  record.sparsity = problem.shape.sparsity().text();
  record.requested_sparsity = problem.settings.sparsity.text();
  if (result.imported_mask) record.mask_rule = "imported";
  record.saliency = name_of(problem.settings.saliency.kind);
  record.saliency_data = problem.saliency_data;
  record.ria_exponent = problem.settings.saliency.ria_exponent;
  record.strategy = result.request.strategy;
  record.parameters = json_of(result.parameters);
  record.seed = result.request.seed;
  record.device = result.device;
  record.steps = result.search.steps;
  record.seconds = result.search.seconds;
  record.stopped_by = name_of(result.search.stopped_by);
  record.nonfinite_as_zero = problem.layer.nonfinite > 0;
  record.retained_saliency = result.metrics->layer.retained_fraction();
  record.identity_retained_saliency = problem.identity_retained;
  record.lost_with_vectors = result.metrics->layer.vectors_fraction();
  record.lost_by_nm = result.metrics->layer.nm_fraction();
  record.bounds = {{"row_bound", problem.row_bound},
                   {"unstructured_bound", problem.unstructured_bound}};
  if (result.bounds) {
    record.bounds["given_order_bound"] = result.bounds->given_order;
    record.bounds["overall_bound"] = result.bounds->overall;
  }
  record.source_file = std::filesystem::path(problem.layer.source_path).filename().string();
  record.source_sha256 = source_sha256;
  record.program_version = kVersion;
  record.permutation = result.search.permutation;
  record.mask = *result.mask;
  if (with_weight) record.weight = masked_weight(problem, *result.mask);
  return record;
}

Status add_packed(const RunResult& result, LayerRecord& record) {
  const Layer& layer = result.problem->layer;
  auto packed = pack_record(view_of(*layer.weight), layer.info.type, record.mask, record.shape,
                            record.permutation);
  if (!packed) return fail(packed.error().at(layer.info.name));
  record.packed = *std::move(packed);
  return {};
}

}  // namespace gyro

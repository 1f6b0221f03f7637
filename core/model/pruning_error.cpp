#include "core/model/pruning_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/base/advice.hpp"
#include "core/model/references.hpp"

namespace gyro {
namespace {

/// What a device that sums in float may differ by from the CPU, relative.
constexpr double kTolerance = 1e-3;

bool agrees(double told, double counted) {
  return std::abs(told - counted) <= kTolerance * std::max(counted, kTolerance);
}

Status disagrees(const char* what, double told, double counted) {
  return fail(ErrorCode::Internal,
              fmt::format("it computes a {} of {:.6f}, but it is {:.6f}", what, told, counted), {},
              advice::kUntrusted);
}

/// One row alone, so that the CPU's count costs next to nothing.
Result<double> output_error_of_row(const Problem& problem, const Mask& mask, int row) {
  const MatrixView weight = view_of(*problem.layer.weight);
  const MatrixView alone(weight.row(row).data(), 1, weight.cols());
  Mask kept(1, mask.cols());
  std::ranges::copy(mask.words_of(row), kept.words_of(0).begin());
  GYRO_TRY(const SquaredErrors errors, output_errors(alone, kept, *problem.calibration, 1));
  return errors.row(0);
}

Status check_errors(const RunResult& result, const RowErrors& errors) {
  if (!agrees(errors.weight.layer(), result.weight_error)) {
    return disagrees("weight error", errors.weight.layer(), result.weight_error);
  }
  if (errors.output.all.empty()) return {};
  const auto largest = std::ranges::max_element(errors.weight.lost) - errors.weight.lost.begin();
  GYRO_TRY(const double counted,
           output_error_of_row(*result.problem, *result.mask, static_cast<int>(largest)));
  const double told = errors.output.row(static_cast<std::size_t>(largest));
  return agrees(told, counted) ? Status() : disagrees("row's output error", told, counted);
}

/// One computation of compute_pruning_error() on an open device.
class Computation {
 public:
  Computation(const RunResult& result, Compute& device, Progress& progress)
      : result_(result), problem_(*result.problem), device_(device), progress_(progress) {}

  Result<PruningError> run(bool references) {
    PruningError out;
    GYRO_TRY(out.errors, of(*result_.mask));
    if (device_.id() != "cpu") {
      if (auto good = check_errors(result_, out.errors); !good) {
        return fail(good.error().at(device_.id()));
      }
    }
    if (!references) return out;
    out.references.push_back(
        {"dense", "Dense", 0, out.has_output() ? std::optional(0.0) : std::nullopt});
    for (const auto& info : gyro::references()) {
      const auto mask = reference_mask(info.reference, view_of(*problem_.saliency), problem_.shape);
      if (mask) GYRO_CHECK(add(out, info.name, info.title, *mask));
    }
    GYRO_CHECK(add(out, "identity", "No permutation",
                   build_mask(view_of(*problem_.saliency), problem_.shape, problem_.identity)));
    return out;
  }

 private:
  Result<RowErrors> of(const Mask& mask) {
    return device_.pruning_error(view_of(*problem_.layer.weight), mask, problem_.calibration.get(),
                                 progress_);
  }

  Status add(PruningError& out, std::string_view name, std::string_view title, const Mask& mask) {
    GYRO_TRY(const RowErrors errors, of(mask));
    ReferenceError reference{std::string(name), std::string(title), errors.weight.layer(), {}};
    if (out.has_output()) reference.output = errors.output.layer();
    out.references.push_back(std::move(reference));
    return {};
  }

  const RunResult& result_;
  const Problem& problem_;
  Compute& device_;
  Progress& progress_;
};

}  // namespace

Result<PruningError> compute_pruning_error(const RunResult& result, std::string_view device,
                                           const DeviceOptions& options, Progress& progress,
                                           bool references) {
  const auto begin = std::chrono::steady_clock::now();
  Placement placement;
  auto done = call_on(device, options, placement, [&](Compute& compute) {
    return Computation(result, compute, progress).run(references);
  });
  if (!done) return fail(done.error().at(result.problem->layer.info.name));
  done->device = std::move(placement.device);
  done->device_note = std::move(placement.note);
  done->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return done;
}

}  // namespace gyro

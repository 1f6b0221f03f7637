#include "core/device/module_compute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/base/advice.hpp"
#include "core/device/checks.hpp"
#include "core/device/module_answers.hpp"

namespace gyro {
namespace {

/// How long a call waits for its turn before it looks whether it was cancelled.
constexpr std::chrono::milliseconds kTurn{50};

gyro_saliency_inputs plain(SaliencyKind kind, const SaliencyInputs& inputs) {
  gyro_saliency_inputs out{};
  out.kind = static_cast<std::int32_t>(kind);
  out.ria_exponent = inputs.ria_exponent;
  if (inputs.input_norms.size() > 0) {
    out.norms = {inputs.input_norms.data(), 1, inputs.input_norms.size()};
  }
  if (inputs.diagonal.size() > 0) out.diagonal = gyro::plain(view_of(inputs.diagonal));
  return out;
}

std::vector<double> zeros(Eigen::Index count) {
  return std::vector<double>(static_cast<std::size_t>(count), 0);
}

}  // namespace

Result<std::shared_ptr<ModuleCompute>> ModuleCompute::open(const Module& module,
                                                           const DeviceInfo& device,
                                                           std::uint64_t memory_budget) {
  const auto colon = device.id.rfind(':');
  const int index = std::atoi(device.id.c_str() + colon + 1);
  gyro_context* context = nullptr;
  gyro_failure failure{};
  const auto opened =
      status_of(module.table().open(index, memory_budget, &context, &failure), failure);
  if (!opened) return fail(opened.error().at(device.id));
  if (context == nullptr) {
    return fail(ErrorCode::Internal, "it opened, but gave nothing to call", device.id,
                advice::kModule);
  }
  return std::shared_ptr<ModuleCompute>(new ModuleCompute(module, device, context));
}

ModuleCompute::~ModuleCompute() {
  module_.table().close(context_);
}

Result<std::unique_lock<std::timed_mutex>> ModuleCompute::turn(const ProgressBridge& progress) {
  std::unique_lock lock(calls_, std::defer_lock);
  while (!lock.try_lock_for(kTurn)) {
    if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled", id());
  }
  return lock;
}

Status ModuleCompute::outcome(std::int32_t status, const gyro_failure& failure) {
  const auto done = status_of(status, failure);
  if (done) return {};
  if (done.error().code == ErrorCode::Unavailable) lost_ = true;
  return fail(done.error().at(id()));
}

Error ModuleCompute::wrong(std::string what) const {
  return {ErrorCode::Internal, std::move(what), id(),
          "Do not trust this device; use --device cpu, and report this."};
}

DeviceInfo ModuleCompute::device() const {
  if (const auto now = module_.devices()) {
    for (const auto& info : *now) {
      if (info.id == device_.id) return info;
    }
  }
  return device_;
}

Result<Matrix> ModuleCompute::saliency(MatrixView weight, SaliencyKind kind,
                                       const SaliencyInputs& inputs, Progress& progress) {
  GYRO_CHECK(check_saliency_inputs(weight, kind, inputs));
  // Scores are copied, not computed; the interface has no place for them.
  if (kind == SaliencyKind::Scores) return compute_saliency(weight, kind, inputs);
  Matrix out(weight.rows(), weight.cols());
  const gyro_saliency_inputs given = plain(kind, inputs);
  ProgressBridge bridge(progress);
  GYRO_CHECK(
      call("saliency", module_.table().saliency, bridge, gyro::plain(weight), &given, out.data()));
  GYRO_CHECK(check_saliency(view_of(out), kind));
  return out;
}

Result<KeptSaliency> ModuleCompute::mask(const SearchProblem& problem,
                                         const Permutation& permutation, Progress& progress) {
  GYRO_CHECK(check_orders(problem, permutation));
  const gyro_shape shape = gyro::plain(problem.shape);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(problem.shape.rows) *
                                  static_cast<std::size_t>((problem.shape.cols + 7) / 8));
  KeptSaliency out{{}, zeros(problem.shape.rows)};
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("mask", module_.table().mask, bridge, gyro::plain(problem.saliency), &shape,
                  gyro::plain(permutation), bytes.data(), out.rows.data()));
  auto mask = Mask::from_bytes(problem.shape.rows, problem.shape.cols, bytes);
  if (!mask) return fail(wrong("its mask cannot be: " + mask.error().what));
  out.mask = *std::move(mask);
  if (auto good = check_kept(problem, permutation, out); !good)
    return fail(wrong(good.error().what));
  return out;
}

Result<RowErrors> ModuleCompute::pruning_error(MatrixView weight, const Mask& mask,
                                               const Calibration* calibration, Progress& progress) {
  GYRO_CHECK(check_mask(weight, mask));
  const bool output = calibration != nullptr;
  if (output && !calibration->inputs) {
    return fail(unsupported("output error from a Gram matrix"));
  }
  if (output) GYRO_CHECK(check_inputs(weight, view_of(*calibration->inputs)));
  RowErrors out{{zeros(weight.rows()), zeros(weight.rows())}, {}};
  if (output) out.output = out.weight;
  gyro_row_errors rows{out.weight.lost.data(), out.weight.all.data(),
                       output ? out.output.lost.data() : nullptr,
                       output ? out.output.all.data() : nullptr};
  const auto bytes = mask.to_bytes();
  const gyro_matrix inputs = output ? gyro::plain(view_of(*calibration->inputs)) : gyro_matrix{};
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("pruning error", module_.table().pruning_error, bridge, gyro::plain(weight),
                  bytes.data(), inputs, &rows));
  if (is_sound(out.weight, true) && is_sound(out.output, false)) return out;
  return fail(wrong("its sums of squares cannot be"));
}

Result<Matrix> ModuleCompute::tile_products(const SearchProblem& problem,
                                            const Permutation& permutation, Progress& progress) {
  GYRO_CHECK(check_orders(problem, permutation));
  const gyro_shape shape = gyro::plain(problem.shape);
  Matrix out(problem.shape.rows, problem.shape.tiles());
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("tile products", module_.table().tile_products, bridge,
                  gyro::plain(problem.saliency), &shape, gyro::plain(permutation), out.data()));
  if (out.allFinite()) return out;
  return fail(wrong("there are NaN or infinite tile products"));
}

Result<MatrixD> ModuleCompute::output_costs(const SearchProblem& problem,
                                            std::span<const std::int32_t> remaining,
                                            std::span<const std::int32_t> clusters,
                                            Progress& progress) {
  GYRO_CHECK(check_clusters(problem, remaining, clusters));
  const gyro_shape shape = gyro::plain(problem.shape);
  const int tiles = problem.shape.tiles();
  const auto sample = static_cast<std::int32_t>(clusters.size() / static_cast<std::size_t>(tiles));
  MatrixD out(tiles, tiles);
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("output costs", module_.table().output_costs, bridge,
                  gyro::plain(problem.saliency), &shape, remaining.data(), clusters.data(), sample,
                  out.data()));
  if (out.allFinite()) return out;
  return fail(wrong("there are NaN or infinite costs"));
}

Result<MatrixD> ModuleCompute::input_costs(const SearchProblem& problem,
                                           const Permutation& permutation,
                                           std::span<const std::int32_t> places,
                                           Progress& progress) {
  GYRO_CHECK(check_orders(problem, permutation));
  GYRO_CHECK(check_places(problem, places));
  const gyro_shape shape = gyro::plain(problem.shape);
  const int groups = problem.shape.groups();
  MatrixD out(Eigen::Index{problem.shape.tiles()} * groups, groups);
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("input costs", module_.table().input_costs, bridge, gyro::plain(problem.saliency),
                  &shape, gyro::plain(permutation), places.data(), out.data()));
  if (out.allFinite()) return out;
  return fail(wrong("there are NaN or infinite costs"));
}

Result<std::vector<std::int32_t>> ModuleCompute::assign(int batch, int size,
                                                        std::span<const double> costs,
                                                        Progress& progress) {
  GYRO_CHECK(check_batch(batch, size, costs));
  std::vector<std::int32_t> out(static_cast<std::size_t>(batch) * static_cast<std::size_t>(size));
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("assignment", module_.table().assign, bridge, std::int32_t{batch},
                  std::int32_t{size}, costs.data(), out.data()));
  if (are_assignments(out, size)) return out;
  return fail(wrong("its assignment gives a column away twice"));
}

Result<gyro_spmm_report> ModuleCompute::spmm(const gyro_packed& packed,
                                             std::span<const std::uint16_t> b, std::int64_t tokens,
                                             const gyro_spmm_options& options,
                                             std::span<std::uint16_t> c, Progress& progress) {
  const auto fits = [&](std::size_t size, std::int32_t rows) {
    return tokens > 0 && rows > 0 &&
           size == static_cast<std::size_t>(rows) * static_cast<std::size_t>(tokens);
  };
  if (!fits(b.size(), packed.shape.cols) || !fits(c.size(), packed.shape.rows)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("B and C do not fit a {}×{} layer and {} tokens", packed.shape.rows,
                            packed.shape.cols, tokens),
                {}, advice::kDefect);
  }
  gyro_spmm_report out{};
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("sparse product", module_.table().spmm, bridge, &packed, b.data(), tokens,
                  &options, c.data(), &out));
  return out;
}

Result<gyro_environment> ModuleCompute::environment() {
  Progress progress;
  ProgressBridge bridge(progress);
  gyro_environment out{};
  if (module_.table().environment == nullptr)
    return fail(unsupported("benchmark of the sparse product"));
  GYRO_CHECK(in_turn(bridge, [&](gyro_failure* failure) {
    return module_.table().environment(context_, &out, failure);
  }));
  return out;
}

Result<std::vector<gyro_ceiling>> ModuleCompute::ceilings(Progress& progress) {
  std::vector<gyro_ceiling> out(64);
  std::int32_t count = 0;
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("measurement of ceilings", module_.table().ceilings, bridge, out.data(),
                  static_cast<std::int32_t>(out.size()), &count));
  if (count < 0) return fail(wrong("it counts its ceilings below zero"));
  out.resize(std::min(out.size(), static_cast<std::size_t>(count)));
  return out;
}

Result<gyro_bench_result> ModuleCompute::bench(const gyro_bench_cell& cell, Progress& progress) {
  gyro_bench_result out{};
  ProgressBridge bridge(progress);
  GYRO_CHECK(call("benchmark", module_.table().bench, bridge, &cell, &out));
  return out;
}

}  // namespace gyro

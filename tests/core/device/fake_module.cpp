// A compute module for tests, one library a mode, all behind the real interface:
//   fake         answers by core's CPU code; two devices, the second not usable
//   newer        was built with a later version of the interface
//   symbolless   is a library, but no module
//   deviceless   finds no driver
//   unwilling    has a device, but refuses to open it
//   crash        dies of a segmentation fault in every call
//   hang         never returns from a call and does not hear a cancel
//   memory       has too little memory for anything
//   invalid      finds a permutation that is none, keeps the wrong weights, assigns a column twice
//   wrong        reports more saliency than its permutations keep, and a tenth of the errors
// The device of a mode is "MODE:0", its file libgyro_MODE.so in the folder "modules" beside the
// test programs. GYRO_MODULE_PATH=FOLDER/libgyro_MODE.so gives it to any program; crash and hang
// are for programs that are expected to die or to be killed.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "core/device/cpu_compute.hpp"
#include "core/device/module_abi.h"
#include "tests/core/device/fake_bench.hpp"

/// The mode of this library.
extern "C" const char* const gyro_fake_mode;

struct gyro_context {
  gyro::CpuCompute compute;
};

namespace {

using gyro::MatrixView;

const std::string_view kMode = gyro_fake_mode;
const bool kCorrect = kMode == "fake";

std::int32_t failed(std::int32_t status, const char* what, gyro_failure* failure) {
  std::snprintf(failure->what, sizeof failure->what, "%s", what);
  std::snprintf(failure->advice, sizeof failure->advice, "%s", "This is a module for tests.");
  return status;
}

std::int32_t failed(const gyro::Error& error, gyro_failure* failure) {
  using enum gyro::ErrorCode;
  const auto status = error.code == Cancelled     ? GYRO_FAIL_CANCELLED
                      : error.code == Unsupported ? GYRO_FAIL_UNSUPPORTED
                                                  : GYRO_FAIL_ARGUMENT;
  return failed(status, error.what.c_str(), failure);
}

/// A Progress that passes everything on.
class Listener {
 public:
  explicit Listener(const gyro_progress* to) : to_(to) {}

  /// Runs the work, and passes its progress on from a thread of its own.
  template <class Work>
  auto run(const Work& work) {
    std::jthread watcher([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pass_on();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
    return work(progress_);
  }

 private:
  void pass_on() {
    if (to_ == nullptr) return;
    const auto now = progress_.snapshot();
    if (now.phase != phase_) {
      phase_ = now.phase;
      if (to_->begin(to_->user, phase_.c_str(), now.total) == 0) progress_.cancel();
    }
    if (to_->reach(to_->user, now.done) == 0) progress_.cancel();
  }

  const gyro_progress* to_;
  gyro::Progress progress_;
  std::string phase_;
};

/// What a mode does in every call instead of answering; GYRO_OK: answers.
std::int32_t mishap(gyro_failure* failure) {
  if (kMode == "crash") std::raise(SIGSEGV);
  while (kMode == "hang") pause();
  if (kMode == "memory")
    return failed(GYRO_FAIL_MEMORY, "8 GiB are needed, 1 MiB is free", failure);
  return GYRO_OK;
}

MatrixView view(gyro_matrix matrix) {
  return {matrix.data, matrix.rows, matrix.cols};
}

gyro::HinmShape shape_of(const gyro_shape& shape) {
  return {shape.rows, shape.cols, shape.vector_size, {shape.n, shape.m}, shape.kept};
}

gyro::Permutation permutation_of(const gyro::HinmShape& shape, const gyro_orders& orders) {
  return {{orders.output_order, orders.output_order + shape.rows},
          {orders.vector_index, orders.vector_index + std::ptrdiff_t{shape.tiles()} * shape.kept}};
}

/// Runs a call of CpuCompute and hands its result to `take`.
template <class Work, class Take>
std::int32_t answer(gyro_context* context, const gyro_progress* progress, gyro_failure* failure,
                    const Work& work, const Take& take) noexcept {
  try {
    if (const auto status = mishap(failure); status != GYRO_OK) return status;
    auto result = Listener(progress).run(
        [&](gyro::Progress& heard) { return work(context->compute, heard); });
    if (!result) return failed(result.error(), failure);
    take(*result);
    return GYRO_OK;
  } catch (const std::exception& error) {
    return failed(GYRO_FAIL_INTERNAL, error.what(), failure);
  }
}

template <class Values, class To>
void copy(const Values& from, To* to) {
  std::copy(from.data(), from.data() + from.size(), to);
}

std::int32_t devices(gyro_device* out, std::int32_t capacity, std::int32_t* count,
                     gyro_failure* failure) {
  if (kMode == "deviceless") return failed(GYRO_FAIL_UNAVAILABLE, "there is no driver", failure);
  *count = kCorrect ? 2 : 1;
  for (std::int32_t i = 0; i < std::min(*count, capacity); ++i) {
    out[i] = {};
    out[i].index = i;
    out[i].usable = i == 0 ? 1 : 0;
    std::snprintf(out[i].name, sizeof out[i].name, "Fake %d", i);
    std::snprintf(out[i].capability, sizeof out[i].capability, "1.%d", i);
    std::snprintf(out[i].driver, sizeof out[i].driver, "7.5");
    std::snprintf(out[i].state, sizeof out[i].state, i == 0 ? "ready" : "it is too old");
    out[i].memory_total = 1U << 30U;
    out[i].memory_free = 1U << 29U;
  }
  return GYRO_OK;
}

std::int32_t open(std::int32_t /*index*/, std::uint64_t budget, gyro_context** out,
                  gyro_failure* failure) {
  if (budget != 0 && budget < 4096) return failed(GYRO_FAIL_MEMORY, "no page to hold", failure);
  if (kMode == "unwilling") return failed(GYRO_FAIL_UNAVAILABLE, "another program has it", failure);
  *out = new gyro_context;
  return GYRO_OK;
}

void close(gyro_context* context) {
  delete context;
}

std::int32_t saliency(gyro_context* context, gyro_matrix weight, const gyro_saliency_inputs* inputs,
                      float* out, const gyro_progress* progress, gyro_failure* failure) {
  gyro::SaliencyInputs given;
  given.ria_exponent = inputs->ria_exponent;
  if (inputs->norms.data != nullptr) given.input_norms = view(inputs->norms).row(0).transpose();
  if (inputs->diagonal.data != nullptr) given.diagonal = view(inputs->diagonal);
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) {
        return cpu.saliency(view(weight), static_cast<gyro::SaliencyKind>(inputs->kind), given,
                            heard);
      },
      [&](const gyro::Matrix& result) { copy(result, out); });
}

std::int32_t mask(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                  gyro_orders orders, std::uint8_t* bytes, double* retained,
                  const gyro_progress* progress, gyro_failure* failure) {
  const gyro::SearchProblem problem{view(saliency), shape_of(*shape)};
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) {
        return cpu.mask(problem, permutation_of(problem.shape, orders), heard);
      },
      [&](const gyro::KeptSaliency& result) {
        copy(result.mask.to_bytes(), bytes);
        copy(result.rows, retained);
        if (kMode == "wrong") retained[0] *= 1.5;
        if (kMode == "invalid") bytes[0] ^= 0xFFU;
      });
}

std::int32_t pruning_error(gyro_context* context, gyro_matrix weight, const std::uint8_t* bytes,
                           gyro_matrix inputs, gyro_row_errors* out, const gyro_progress* progress,
                           gyro_failure* failure) {
  const auto rows = static_cast<int>(weight.rows);
  const auto cols = static_cast<int>(weight.cols);
  const auto length = static_cast<std::size_t>(rows) * static_cast<std::size_t>((cols + 7) / 8);
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) -> gyro::Result<gyro::RowErrors> {
        GYRO_TRY(const auto mask, gyro::Mask::from_bytes(rows, cols, {bytes, length}));
        gyro::Calibration data;
        if (inputs.data != nullptr) data.inputs = std::make_shared<gyro::Matrix>(view(inputs));
        return cpu.pruning_error(view(weight), mask, data.inputs ? &data : nullptr, heard);
      },
      [&](gyro::RowErrors& result) {
        if (kMode == "wrong") {
          for (auto& lost : result.weight.lost) lost *= 0.01;
        }
        copy(result.weight.lost, out->weight_lost);
        copy(result.weight.all, out->weight_all);
        if (inputs.data == nullptr) return;
        copy(result.output.lost, out->output_lost);
        copy(result.output.all, out->output_all);
      });
}

std::int32_t tile_products(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                           gyro_orders orders, float* out, const gyro_progress* progress,
                           gyro_failure* failure) {
  const gyro::SearchProblem problem{view(saliency), shape_of(*shape)};
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) {
        return cpu.tile_products(problem, permutation_of(problem.shape, orders), heard);
      },
      [&](const gyro::Matrix& result) { copy(result, out); });
}

std::int32_t output_costs(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                          const std::int32_t* remaining, const std::int32_t* clusters,
                          std::int32_t c, double* out, const gyro_progress* progress,
                          gyro_failure* failure) {
  const gyro::SearchProblem problem{view(saliency), shape_of(*shape)};
  const auto drawn = static_cast<std::size_t>(c) * static_cast<std::size_t>(problem.shape.tiles());
  const auto rest = static_cast<std::size_t>(problem.shape.rows) - drawn;
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) {
        return cpu.output_costs(problem, {remaining, rest}, {clusters, drawn}, heard);
      },
      [&](const gyro::MatrixD& result) { copy(result, out); });
}

std::int32_t input_costs(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                         gyro_orders orders, const std::int32_t* places, double* out,
                         const gyro_progress* progress, gyro_failure* failure) {
  const gyro::SearchProblem problem{view(saliency), shape_of(*shape)};
  const auto groups = static_cast<std::size_t>(problem.shape.tiles() * problem.shape.groups());
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) {
        return cpu.input_costs(problem, permutation_of(problem.shape, orders), {places, groups},
                               heard);
      },
      [&](const gyro::MatrixD& result) { copy(result, out); });
}

std::int32_t assign(gyro_context* context, std::int32_t batch, std::int32_t size,
                    const double* costs, std::int32_t* out, const gyro_progress* progress,
                    gyro_failure* failure) {
  const auto count = static_cast<std::size_t>(batch) * static_cast<std::size_t>(size) *
                     static_cast<std::size_t>(size);
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) {
        return cpu.assign(batch, size, {costs, count}, heard);
      },
      [&](const std::vector<std::int32_t>& result) {
        copy(result, out);
        if (kMode == "invalid") std::fill(out, out + size, 0);
      });
}

/// Tells every step with its whole state, as a module does.
class Teller : public gyro::SearchObserver {
 public:
  Teller(const gyro::SearchProblem& problem, const gyro::StrategyInfo& strategy,
         const gyro_search& search)
      : problem_(problem), strategy_(strategy), search_(search) {}

  void started(const gyro::Permutation& start) override {
    state_ = start;
    gyro_step step{};
    step.phase = -1;
    tell(step);
  }
  void stepped(const gyro::SearchStep& step) override {
    if (step.snapshot) state_ = *step.snapshot;
    for (const auto& change : step.changes) {
      const auto place = static_cast<std::size_t>(change.position);
      if (change.tile < 0) {
        state_.output_order[place] = change.channel;
      } else {
        state_.tile_vectors(problem_.shape, change.tile)[place] = change.channel;
      }
    }
    if (strategy_.phases[static_cast<std::size_t>(step.phase)].vectors_follow_rows) {
      state_ = gyro::with_default_vectors(problem_.saliency, problem_.shape,
                                          std::move(state_.output_order), 1);
    }
    tell({step.phase, step.tile, step.round, step.sample, step.accepted ? 1 : 0, step.moved,
          step.before, step.after, nullptr});
  }

 private:
  void tell(gyro_step step) {
    const gyro_orders orders{state_.output_order.data(), state_.vector_index.data()};
    step.state = &orders;
    search_.on_step(search_.observer, &step);
  }

  const gyro::SearchProblem& problem_;
  const gyro::StrategyInfo& strategy_;
  const gyro_search& search_;
  gyro::Permutation state_;
};

gyro::Result<gyro::SearchOptions> options_of(const gyro_search& search) {
  GYRO_TRY(const auto* const strategy, gyro::find_strategy(search.strategy));
  gyro::SearchOptions out;
  std::map<std::string, std::string> texts;
  const auto parameters = nlohmann::json::parse(search.parameters);
  for (const auto& [name, value] : parameters.items()) {
    texts[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  GYRO_TRY(out.parameters, gyro::Parameters::parse(strategy->info().parameters, texts));
  out.seed = search.seed;
  if (search.budget_seconds >= 0) out.budget_seconds = search.budget_seconds;
  if (search.max_steps >= 0) out.max_steps = search.max_steps;
  return out;
}

std::int32_t search(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                    const gyro_search* request, gyro_found* found, const gyro_progress* progress,
                    gyro_failure* failure) {
  const gyro::SearchProblem problem{view(saliency), shape_of(*shape)};
  const std::string_view name = request->strategy;
  if (name != "gyro" && name != "gyroscope") {
    return failed(GYRO_FAIL_UNSUPPORTED, "it searches with gyro and gyroscope only", failure);
  }
  return answer(
      context, progress, failure,
      [&](gyro::Compute& cpu, gyro::Progress& heard) -> gyro::Result<gyro::SearchResult> {
        GYRO_TRY(const auto options, options_of(*request));
        GYRO_TRY(const auto* const strategy, gyro::find_strategy(name));
        Teller teller(problem, strategy->info(), *request);
        return cpu.search(name, problem, options, heard,
                          request->on_step == nullptr ? nullptr : &teller);
      },
      [&](const gyro::SearchResult& result) {
        copy(result.permutation.output_order, found->output_order);
        copy(result.permutation.vector_index, found->vector_index);
        found->retained_saliency = result.retained_saliency;
        found->steps = result.steps;
        found->stopped_by = static_cast<std::int32_t>(result.stopped_by);
        if (kMode == "wrong") found->retained_saliency += 0.1;
        if (kMode == "invalid") found->output_order[1] = found->output_order[0];
      });
}

}  // namespace

extern "C" const gyro_module_table* gyro_module() {
  static const gyro_module_table table = [] {
    gyro_module_table out{};
    out.abi = kMode == "newer" ? GYRO_MODULE_ABI + 1 : GYRO_MODULE_ABI;
    out.table_size = sizeof out;
    out.score = kCorrect ? 100 : 10;
    out.name = gyro_fake_mode;
    out.version = "1.0";
    out.devices = devices;
    out.open = open;
    out.close = close;
    out.saliency = saliency;
    out.mask = mask;
    out.pruning_error = pruning_error;
    out.tile_products = tile_products;
    out.output_costs = output_costs;
    out.input_costs = input_costs;
    out.assign = assign;
    out.search = search;
    out.environment = gyro::fake::environment;
    out.ceilings = gyro::fake::ceilings;
    out.bench = gyro::fake::bench;
    return out;
  }();
  return &table;
}

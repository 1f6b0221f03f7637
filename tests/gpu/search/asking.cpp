#include "tests/gpu/search/asking.hpp"

#include <chrono>

#include "core/sparsity/metrics.hpp"

namespace gyro::gpu_test {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A person who stops a search at some time.
struct Canceller {
  double at = 0;  ///< 0: never
  double asked = 0;

  static std::int32_t begin(void* user, const char* /*phase*/, std::int64_t /*total*/) {
    return reach(user, 0);
  }
  static std::int32_t reach(void* user, std::int64_t /*done*/) {
    auto& self = *static_cast<Canceller*>(user);
    if (self.at <= 0 || now() < self.at) return 1;
    if (self.asked <= 0) self.asked = now();
    return 0;
  }
};

}  // namespace

SearchAnswer search(gyro_context* context, const Matrix& saliency, const HinmShape& shape,
                    const SearchAsk& ask_for) {
  SearchAnswer out;
  out.permutation.output_order.assign(static_cast<std::size_t>(shape.rows), -1);
  out.permutation.vector_index.assign(
      static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept), -1);
  const gyro_shape plain = shape_of(shape);
  const gyro_search wanted{ask_for.strategy, ask_for.parameters, ask_for.seed,   ask_for.seconds,
                           ask_for.steps,    ask_for.observer,   ask_for.on_step};
  gyro_found found{};
  found.output_order = out.permutation.output_order.data();
  found.vector_index = out.permutation.vector_index.data();
  const double start = now();
  Canceller canceller{ask_for.cancel_after >= 0 ? start + ask_for.cancel_after : 0, 0};
  const gyro_progress progress{&canceller, Canceller::begin, Canceller::reach};
  out.answer =
      ask(module_table().search, context, matrix_of(saliency), &plain, &wanted, &found, &progress);
  const double end = now();
  out.retained = found.retained_saliency;
  out.steps = found.steps;
  out.stopped_by = found.stopped_by;
  out.seconds = end - start;
  out.after_cancel = canceller.asked > 0 ? end - canceller.asked : 0;
  return out;
}

double counted(const Matrix& saliency, const HinmShape& shape, const SearchAnswer& answer) {
  if (!answer.answer.ok() || !validate(answer.permutation, shape)) return -1;
  return retained_saliency(view_of(saliency), shape, answer.permutation);
}

}  // namespace gyro::gpu_test

#pragma once

#include <memory>
#include <string>

#include "core/trace/trace.hpp"
#include "tests/core/random_layers.hpp"

/// Traces that no search made.
namespace gyro::testing {

inline Parameters some_parameters() {
  ParameterInfo flag;
  flag.name = "reset";
  flag.default_value = true;
  ParameterInfo count;
  count.name = "patience";
  count.default_value = std::int64_t{20};
  ParameterInfo real;
  real.name = "tolerance";
  real.default_value = 1.0;
  ParameterInfo text;
  text.name = "schedule";
  text.default_value = std::string("8,1,4");
  return Parameters::defaults({flag, count, real, text});
}

inline Change random_change(const HinmShape& shape, RandomStream& random) {
  Change change;
  change.tile =
      static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(shape.tiles() + 1))) - 1;
  const bool rows = change.tile < 0;
  change.position = static_cast<std::int32_t>(
      random.below(static_cast<std::uint32_t>(rows ? shape.rows : shape.kept)));
  change.channel = static_cast<std::int32_t>(
      random.below(static_cast<std::uint32_t>(rows ? shape.rows : shape.cols)));
  return change;
}

/// Steps of every kind: with and without changes, with snapshots with and without vectors.
inline Trace random_trace(const HinmShape& shape, std::size_t steps, std::uint64_t seed) {
  RandomStream random(seed, 77);
  Trace trace;
  trace.strategy = "gyro";
  trace.shape = shape;
  trace.start = random_permutation(shape, seed);
  trace.options.parameters = some_parameters();
  trace.options.seed = ~seed;
  for (std::size_t i = 0; i < steps; ++i) {
    SearchStep step;
    step.phase = static_cast<std::int32_t>(i % 2);
    step.tile =
        static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(shape.tiles()))) - 1;
    step.round = static_cast<std::int32_t>(i / 7);
    step.sample = static_cast<std::int32_t>(random.below(9));
    step.stream = random.next();
    step.accepted = random.below(2) == 1;
    step.moved = static_cast<std::int32_t>(random.below(100));
    step.before = static_cast<double>(random.next() >> 11) * 0x1p-53;
    step.after = static_cast<double>(random.next() >> 11) * 0x1p-53;
    for (std::uint32_t k = random.below(5); k > 0; --k) {
      step.changes.push_back(random_change(shape, random));
    }
    if (i % 5 == 3) {
      auto state = std::make_shared<Permutation>(random_permutation(shape, random.next()));
      if (i % 10 == 3) state->vector_index.clear();
      step.snapshot = state;
    }
    trace.steps.push_back(step);
  }
  return trace;
}

}  // namespace gyro::testing

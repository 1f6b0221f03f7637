#pragma once

#include <cstdint>

#include "gpu/search/handles.hpp"
#include "gpu/search/kernels.hpp"

namespace gyro::cuda {

/// Launches sweeps over a field, several at once as a graph where they are short.
class Sweeps {
 public:
  /// `field` must outlive this.
  Sweeps(const Field& field, const Launch& how) : field_(field), how_(how) {}

  /// Makes the kernels ready.
  [[nodiscard]] Status prepare();
  /// Records the graph; afterwards runs are launched eight by eight as far as they go.
  [[nodiscard]] Status bundle();
  [[nodiscard]] bool bundled() const { return graph_.recorded(); }
  /// Launches so many sweeps; does not wait.
  [[nodiscard]] Status run(std::int64_t count);

 private:
  [[nodiscard]] Status sweep();
  [[nodiscard]] Status sweep_wide();

  const Field& field_;
  Launch how_;
  Graph graph_;
  int turn_ = 0;           ///< which of its two controls a wide layout's next sweep begins with,
  int recorded_turn_ = 0;  ///< and the graph's first
};

}  // namespace gyro::cuda

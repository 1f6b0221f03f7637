#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/model/run.hpp"

namespace gyro {

/// One move that a person makes on a permutation: two rows or two column vectors change places.
struct HandMove {
  enum class Kind {
    Rows,    ///< original rows a and b, of different tiles
    Vectors  ///< original columns a and b of one tile, in different groups or one of them dropped
  };
  Kind kind = Kind::Rows;
  std::int32_t tile = -1;  ///< of Vectors
  std::int32_t a = 0;
  std::int32_t b = 0;

  bool operator==(const HandMove&) const = default;
};

/// "swap rows 12 and 400", "swap columns 7 and 31 in tile 3"
[[nodiscard]] std::string sentence(const HandMove& move);

/// The permutation after the move. Fails with InvalidArgument if it names what is not there or
/// would not change the mask (rows of one tile, vectors of one group, two dropped vectors).
[[nodiscard]] Result<Permutation> moved(const Permutation& permutation, const HinmShape& shape,
                                        const HandMove& move);

/// What the layer would retain after the move, a fraction of its total: recounts only the tiles
/// that it touches. Fails as moved() does.
[[nodiscard]] Result<double> retained_after(const RunResult& before, const HandMove& move);

/// The run after the move, named "manual" and judged to the digit of judge(), though only the tiles
/// that it touches are rebuilt. Steps count the moves since the last run that was not made by hand;
/// bounds stay where they still hold (vectors moved), else they and the output error are left to
/// complete().
[[nodiscard]] Result<RunResult> judge_move(const RunResult& before, const HandMove& move,
                                           int threads = 0);

/// RunRequest::strategy of runs made by hand: the registry's strategy that keeps its start.
inline constexpr const char* kManual = "manual";

}  // namespace gyro

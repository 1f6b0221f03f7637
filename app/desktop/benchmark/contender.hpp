#pragma once

#include <QString>
#include <array>

#include "core/benchmark/benchmark.hpp"

namespace gyro::desktop {

/// What was timed in a cell, in the order of the bars.
enum class Contender { Hinm, Cublas, CublasMasked, Cusparselt };
inline constexpr std::array kContenders{Contender::Hinm, Contender::Cublas, Contender::CublasMasked,
                                        Contender::Cusparselt};

[[nodiscard]] QString nameOf(Contender contender);
[[nodiscard]] const Timing& timingOf(const BenchResult& result, Contender contender);
/// "4096×4096×8192"
[[nodiscard]] QString sizeText(const BenchResult& result);
/// Sparsity in percent: "87.5"
[[nodiscard]] QString percentText(const BenchResult& result);
/// "V128 · 75 %"
[[nodiscard]] QString sparsityText(const BenchResult& result);
/// The results of one mode.
[[nodiscard]] std::vector<BenchResult> resultsOf(const BenchReport& report, CacheState mode);
/// The result of the same product, type and mode in another report; null if it has none.
[[nodiscard]] const BenchResult* sameCell(const BenchReport& report, const BenchResult& result);

}  // namespace gyro::desktop

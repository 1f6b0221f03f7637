#include "app/desktop/benchmark/contender.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <iterator>

namespace gyro::desktop {

QString nameOf(Contender contender) {
  switch (contender) {
    case Contender::Hinm:
      return QCoreApplication::translate("gyro", "HiNM");
    case Contender::Cublas:
      return QCoreApplication::translate("gyro", "cuBLAS, dense");
    case Contender::CublasMasked:
      return QCoreApplication::translate("gyro", "cuBLAS, masked");
    case Contender::Cusparselt:
      return QCoreApplication::translate("gyro", "cuSPARSELt, 2:4");
  }
  return {};
}

const Timing& timingOf(const BenchResult& result, Contender contender) {
  switch (contender) {
    case Contender::Cublas:
      return result.cublas;
    case Contender::CublasMasked:
      return result.cublas_masked;
    case Contender::Cusparselt:
      return result.cusparselt;
    case Contender::Hinm:
      break;
  }
  return result.hinm;
}

QString sizeText(const BenchResult& result) {
  return QStringLiteral("%1×%2×%3").arg(result.m).arg(result.k).arg(result.n);
}

QString percentText(const BenchResult& result) {
  return QString::number(100 * result.sparsity, 'g', 4);
}

QString sparsityText(const BenchResult& result) {
  return QStringLiteral("V%1 · %2 %").arg(result.vector_size).arg(percentText(result));
}

std::vector<BenchResult> resultsOf(const BenchReport& report, CacheState mode) {
  std::vector<BenchResult> out;
  std::copy_if(report.results.begin(), report.results.end(), std::back_inserter(out),
               [mode](const BenchResult& result) { return result.mode == mode; });
  return out;
}

const BenchResult* sameCell(const BenchReport& report, const BenchResult& result) {
  const auto found =
      std::find_if(report.results.begin(), report.results.end(), [&](const BenchResult& other) {
        return other.m == result.m && other.k == result.k && other.n == result.n &&
               other.vector_size == result.vector_size && other.nm == result.nm &&
               other.kept == result.kept && other.type == result.type && other.mode == result.mode;
      });
  return found == report.results.end() ? nullptr : &*found;
}

}  // namespace gyro::desktop

#pragma once

#include <QList>
#include <QString>
#include <optional>
#include <vector>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// Mean and sample standard deviation of a figure over several runs.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< 0 for a single run
  int count = 0;
};
[[nodiscard]] Spread spreadOf(const std::vector<double>& values);

/// What a table of strategies says of one run, or of the runs that differ in their seed alone.
struct ComparisonRow {
  QList<RunPtr> runs;
  QString name;  ///< of the run, or the strategy with its parameters
  QString layer;
  QString problem;  ///< "V 64 · 2:4 · 0.75 · magnitude"
  QString strategy;
  QString seeds;  ///< "1, 2, 3"; "–" where the seed changes nothing
  QString device;
  QString stopped_by;
  Spread retained;
  Spread lost_with_vectors;
  Spread lost_by_nm;
  Spread weight_error;
  Spread output_error;  ///< over the runs that have one; count 0: none has
  Spread seconds;
  Spread steps;
  Spread gap_given_order;  ///< over the runs whose bounds are known; count 0: none are
  Spread gap_overall;
  bool reference = false;  ///< a reference mask: no search, no gaps
};

/// The words for a problem's settings.
[[nodiscard]] QString problemText(const Problem& problem);

/// One row a run, or with `together` one for each layer, problem, strategy, set of parameters and
/// limits; in the order of their first runs.
[[nodiscard]] std::vector<ComparisonRow> comparisonRows(const QList<RunPtr>& runs, bool together);

/// A figure against a baseline's, for people: "▲ +0.01234", "▼ −0.00031", "= 0". `better` says
/// whether the change is for the better; nothing for no change.
struct Delta {
  double value = 0;
  double percent = 0;
  std::optional<bool> better;
};
[[nodiscard]] Delta deltaOf(double value, double baseline, bool higher_is_better);
[[nodiscard]] QString textOf(double change, int decimals, const QString& unit = {});

}  // namespace gyro::desktop

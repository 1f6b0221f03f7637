#pragma once

#include <QAbstractTableModel>
#include <QColor>

#include "app/desktop/compare/comparison.hpp"

namespace gyro::desktop {

/// The table of strategies: every run of a session, or all seeds of a strategy in one row, against
/// the pinned baseline.
class ComparisonModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    Name,
    Retained,
    Deviation,      ///< of the retained saliency over several seeds
    Change,         ///< retained less the baseline's
    ChangePercent,  ///< in % of the baseline's
    LostWithVectors,
    LostByNm,
    GapGivenOrder,  ///< none while the bounds are computed
    GapOverall,
    WeightError,
    OutputError,  ///< none without calibration inputs
    Seconds,
    Steps,
    Seeds,
    Device,
    StoppedBy,
    Problem,
    Layer,
    Columns
  };
  enum Role {
    SortRole = Qt::UserRole,  ///< the plain number or text of a cell
    RunIdRole,                ///< int: the first run of the row
  };

  explicit ComparisonModel(Session* session, QObject* parent = nullptr);

  /// All seeds of a strategy in one row, with mean ± standard deviation.
  void setSeedsTogether(bool together);
  /// The session's reference masks as rows below the runs.
  void setReferencesShown(bool shown);
  [[nodiscard]] const std::vector<ComparisonRow>& rows() const { return rows_; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

 private:
  void rebuild();
  [[nodiscard]] std::optional<Delta> delta(const ComparisonRow& row) const;
  [[nodiscard]] QVariant plain(const ComparisonRow& row, int column) const;
  [[nodiscard]] QString text(const ComparisonRow& row, int column) const;
  [[nodiscard]] QVariant colour(const ComparisonRow& row, int column) const;
  [[nodiscard]] bool isBaseline(const ComparisonRow& row) const;

  Session* session_;
  bool together_ = false;
  bool references_ = false;
  std::vector<ComparisonRow> rows_;
};

/// What a view shows of a model, in its order, with a heading line: comma-separated (RFC 4180),
/// numbers in full (`role`), a point as decimal mark whatever the locale.
[[nodiscard]] QString csvOf(const QAbstractItemModel& model, int role);

/// Green or orange by "better", readable on the palette's base; the sign and arrow say the same.
[[nodiscard]] QColor betterColor(bool better, bool dark);

}  // namespace gyro::desktop

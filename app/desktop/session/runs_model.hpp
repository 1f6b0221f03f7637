#pragma once

#include <QAbstractTableModel>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// The runs of a session as a table that several views share: one row a run, oldest first.
class RunsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    Name,
    Retained,
    Delta,  ///< retained less the baseline's, where the baseline is of the same layer
    LostWithVectors,
    LostByNm,
    GapGivenOrder,  ///< 1 − retained / bound of the output order; none while it is computed
    GapOverall,     ///< 1 − retained / bound over all permutations
    WeightError,
    OutputError,  ///< none without calibration inputs
    Seconds,
    Steps,
    RowBound,
    UnstructuredBound,
    Seed,
    Strategy,
    StoppedBy,
    Device,   ///< what searched
    Problem,  ///< V, N:M, sparsity, saliency
    Layer,
    Columns
  };
  enum Role {
    SortRole = Qt::UserRole,  ///< the plain number or text of a cell
    RunIdRole,                ///< int
    LayerRole,                ///< QString
  };

  explicit RunsModel(Session* session, QObject* parent = nullptr);

  [[nodiscard]] RunPtr runAt(int row) const;
  [[nodiscard]] int rowOf(int id) const;  ///< −1: none

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

  /// All runs with a header line, comma-separated (RFC 4180), numbers in full.
  [[nodiscard]] QString csv() const;

 private:
  void take();
  [[nodiscard]] QVariant value(const Run& run, int column) const;
  [[nodiscard]] QString text(const Run& run, int column) const;
  [[nodiscard]] std::optional<double> delta(const Run& run) const;

  Session* session_;
  QList<RunPtr> runs_;
};

}  // namespace gyro::desktop

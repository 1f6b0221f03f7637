#pragma once

#include <QWidget>

#include "app/desktop/session/runs_model.hpp"

class QCheckBox;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace gyro::desktop {

class EmptyPage;

/// All runs as a sortable table: choose the current one, pin the baseline, copy as CSV, remove.
class RunsPanel : public QWidget {
  Q_OBJECT
 public:
  RunsPanel(Session* session, RunsModel* model, QWidget* parent = nullptr);

  [[nodiscard]] QTableView* table() const { return table_; }
  [[nodiscard]] QToolButton* pinButton() const { return pin_; }
  /// The runs that are selected, else the current one.
  [[nodiscard]] QList<int> chosenRuns() const;

 signals:
  void runWanted();
  void exportWanted();

 private:
  void buildTable();
  void refresh();
  void select();
  [[nodiscard]] int currentId() const;

  Session* session_;
  RunsModel* model_;
  QSortFilterProxyModel* proxy_;
  QTableView* table_;
  QCheckBox* this_layer_;
  QToolButton* pin_;
  QToolButton* remove_;
  QToolButton* copy_;
  QToolButton* export_;
  QStackedWidget* pages_ = nullptr;
  EmptyPage* empty_;
  bool selecting_ = false;
};

}  // namespace gyro::desktop

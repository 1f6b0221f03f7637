#pragma once

#include <QList>
#include <QPointer>
#include <QWidget>
#include <array>

#include "app/desktop/compare/board.hpp"
#include "app/desktop/compare/difference_job.hpp"
#include "app/desktop/session/session.hpp"

class QAction;
class QComboBox;
class QLayout;
class QLineEdit;
class QTabWidget;
class QTableView;
class QSortFilterProxyModel;

namespace gyro::desktop {

class BatchDialog;
class ComparisonModel;
class DifferencePanel;
class MeasuresPanel;
class ModeBar;
class QualityPlot;
class QuietTable;
class TileBars;

/// Runs against each other: side by side, where their masks differ, and as a table against the
/// pinned baseline.
class ComparePanel : public QWidget {
  Q_OBJECT
 public:
  /// What a picker offers beside the runs.
  static constexpr int kNobody = -1;
  static constexpr int kIdentity = 0;  ///< the order of the file, without a run of its own

  explicit ComparePanel(Session* session, QWidget* parent = nullptr);
  ~ComparePanel() override;

  /// Chooses who is compared: run ids, kIdentity or kNobody.
  void setPick(int pane, int id);
  /// Puts the current run into B, unless it is in one of the panes.
  void showCurrent();
  [[nodiscard]] int pick(int pane) const;
  [[nodiscard]] CompareBoard* board() const { return board_; }
  [[nodiscard]] DifferencePanel* differencePanel() const { return difference_; }
  [[nodiscard]] TileBars* tileBars() const { return bars_; }
  [[nodiscard]] QualityPlot* qualityPlot() const { return quality_; }
  [[nodiscard]] MeasuresPanel* measures() const { return measures_; }
  [[nodiscard]] ModeBar* modeBar() const { return modes_; }
  [[nodiscard]] QAction* referencesAction() const { return references_; }
  /// Modes, differences, links and the rest, by a name for the registry of actions.
  [[nodiscard]] const QList<std::pair<QString, QAction*>>& namedActions() const { return named_; }
  [[nodiscard]] ComparisonModel* model() const { return model_; }
  [[nodiscard]] QTableView* table() const;
  [[nodiscard]] QLineEdit* filter() const { return filter_; }
  /// The table as it is shown: sorted and filtered.
  [[nodiscard]] QString csv() const;
  [[nodiscard]] QAction* linkZoomAction() const { return link_zoom_; }
  [[nodiscard]] QAction* linkCursorAction() const { return link_cursor_; }
  [[nodiscard]] QAction* linkColorAction() const { return link_color_; }

 public slots:
  void setMode(gyro::desktop::CompareMode mode);
  void nextDifference();
  void previousDifference();
  /// Makes a run of the strategy `identity` on the current problem.
  void addIdentityRun();
  /// The dialog that runs many strategies, layers and seeds; modeless, one at a time.
  gyro::desktop::BatchDialog* openBatch();
  void copyCsv();
  void saveCsv();

 private:
  void build();
  QWidget* makeBar();
  QWidget* makeTablePage();
  void makeSteps();
  void addLinks(QLayout* layout);
  QAction* addAct(const QString& id, const QString& text, const QString& tip,
                  const QKeySequence& key);
  void runsChanged();
  void choose();
  void refreshBoard();
  void refreshDifference();
  void refreshQuality();
  void openTableMenu(const QPoint& position);
  [[nodiscard]] RunPtr runOf(int id) const;
  [[nodiscard]] RunPtr picked(int pane) const { return runOf(pick(pane)); }
  [[nodiscard]] RunPtr identityRun() const;

  Session* session_;
  std::array<QComboBox*, CompareBoard::kPanes> picks_{};
  QComboBox* kind_;
  QComboBox* order_;
  CompareBoard* board_;
  DifferencePanel* difference_;
  TileBars* bars_;
  QualityPlot* quality_;
  QTabWidget* tabs_;
  QuietTable* table_;
  QLineEdit* filter_;
  ComparisonModel* model_;
  QSortFilterProxyModel* sorted_;
  ModeBar* modes_;
  MeasuresPanel* measures_;
  QAction* references_ = nullptr;
  QList<std::pair<QString, QAction*>> named_;
  QAction* link_zoom_ = nullptr;
  QAction* link_cursor_ = nullptr;
  QAction* link_color_ = nullptr;
  QPointer<BatchDialog> batch_;
  mutable RunPtr identity_;
  mutable std::shared_ptr<const RunResult> identity_of_;
  RunPtr shown_a_;
  RunPtr shown_b_;
  bool filling_ = false;
};

}  // namespace gyro::desktop

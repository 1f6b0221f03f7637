#pragma once

#include <QWidget>
#include <functional>

#include "app/desktop/benchmark/bench_history.hpp"
#include "app/desktop/benchmark/bench_setup.hpp"

class QComboBox;
class QLabel;
class QStackedWidget;
class QTableView;
class QTabWidget;
class QToolButton;

namespace gyro::desktop {

class BenchModel;
class BenchPlot;
class EmptyPage;
class RooflinePlot;
class TimeBars;
class TradePlot;

/// Measures cells on a device, off the window's thread.
using BenchRun = std::function<Result<BenchReport>(
    const QString& device, const std::vector<BenchCell>& cells, Progress& progress)>;

/// Benchmarks of the HiNM product: the form that runs one, and stored results as bars, roofline,
/// quality against time, table and conditions, with an earlier one as baseline.
class BenchmarkPanel : public QWidget {
  Q_OBJECT
 public:
  /// `folder`: of the history; empty: the user's data folder.
  explicit BenchmarkPanel(Session* session, const QString& folder = {}, QWidget* parent = nullptr);
  ~BenchmarkPanel() override;

  /// What can measure; without devices `reason` says why.
  void setDevices(const QList<BenchDevice>& devices, const QString& reason, BenchRun run);

  [[nodiscard]] BenchHistory* history() const { return history_; }
  [[nodiscard]] BenchSetup* setup() const { return setup_; }
  [[nodiscard]] BenchModel* model() const { return model_; }
  [[nodiscard]] TimeBars* bars() const { return bars_; }
  [[nodiscard]] RooflinePlot* roofline() const { return roofline_; }
  [[nodiscard]] TradePlot* trade() const { return trade_; }
  [[nodiscard]] QTabWidget* tabs() const { return tabs_; }
  [[nodiscard]] StoredReportPtr report() const;    ///< null: none is shown
  [[nodiscard]] StoredReportPtr baseline() const;  ///< null: none

  void showReport(const StoredReportPtr& report);
  void setBaseline(const StoredReportPtr& report);
  /// Reads a results file into the history and shows it.
  void openFile(const QString& path);
  /// Writes the shown report by the ending: .json, .csv, or a picture (.png) of the shown plot.
  [[nodiscard]] Status exportTo(const QString& path) const;

 signals:
  void devicesWanted();  ///< the panel is seen, and nobody has said yet what can measure

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* makeBar();
  QWidget* makePages();
  QWidget* makeTable();
  void run();
  void finish(const Result<BenchReport>& report);
  void fillHistory();
  void refresh();
  void refreshTrade();
  void openDialog();
  void exportDialog();
  void removeShown();
  [[nodiscard]] std::vector<BenchResult> shownResults() const;
  [[nodiscard]] BenchPlot* shownPlot() const;  ///< null: the tab has none

  Session* session_;
  BenchHistory* history_;
  BenchSetup* setup_;
  BenchModel* model_;
  QComboBox* reports_;
  QComboBox* baselines_;
  QComboBox* modes_;
  QComboBox* heights_;
  QComboBox* qualities_;
  QToolButton* export_ = nullptr;
  QToolButton* remove_ = nullptr;
  QStackedWidget* pages_;
  EmptyPage* empty_;
  QTabWidget* tabs_;
  TimeBars* bars_;
  RooflinePlot* roofline_;
  TradePlot* trade_;
  QTableView* table_;
  QLabel* conditions_;
  BenchRun run_;
  bool asked_ = false;  ///< for devices
};

}  // namespace gyro::desktop

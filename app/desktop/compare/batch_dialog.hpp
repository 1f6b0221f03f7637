#pragma once

#include <QDialog>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

#include "app/desktop/session/batch.hpp"

class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace gyro::desktop {

/// Chosen strategies × layers × seeds as one job, with the problem's present settings.
class BatchDialog : public QDialog {
  Q_OBJECT
 public:
  explicit BatchDialog(Session* session, QWidget* parent = nullptr);

  [[nodiscard]] QListWidget* layers() const { return layers_; }
  [[nodiscard]] QListWidget* strategyList() const { return strategies_; }
  [[nodiscard]] QSpinBox* seeds() const { return seeds_; }
  [[nodiscard]] QLineEdit* budgets() const { return budgets_; }
  [[nodiscard]] QPushButton* startButton() const { return start_; }
  [[nodiscard]] QPushButton* cancelButton() const { return cancel_; }
  /// What is chosen; nothing where it cannot work, and complaint() says why.
  [[nodiscard]] std::optional<BatchPlan> plan() const;
  [[nodiscard]] QString complaint() const;
  [[nodiscard]] QString message() const;

 signals:
  void searched(int runs);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void fillLayers();
  void fillStrategies();
  void buildForm();
  void refresh();
  void start();
  void showProgress();
  void ended(int runs);
  [[nodiscard]] std::optional<std::vector<double>> budgetValues() const;

  Session* session_;
  QListWidget* layers_;
  QListWidget* strategies_;
  QSpinBox* seeds_;
  QLineEdit* budgets_;
  QLabel* message_;
  QProgressBar* bar_;
  QPushButton* start_;
  QPushButton* cancel_;
  std::shared_ptr<BatchProgress> seen_;  ///< null unless a batch of this dialog runs
  QTimer timer_;
};

}  // namespace gyro::desktop

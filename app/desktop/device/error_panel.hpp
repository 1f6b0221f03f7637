#pragma once

#include <QWidget>

#include "app/desktop/device/error_model.hpp"
#include "app/desktop/session/pruning_errors.hpp"

class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace gyro::desktop {

class EmptyPage;

/// The pruning error of the current run beside other structures at the same sparsity. The errors of
/// the rows stand beside the heatmap.
class ErrorPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ErrorPanel(Session* session, QWidget* parent = nullptr);

  [[nodiscard]] QTableView* table() const { return table_; }
  [[nodiscard]] ErrorModel* model() const { return model_; }
  [[nodiscard]] QString sentence() const;

 private:
  void refresh();
  [[nodiscard]] QString sentenceOn(const QString& run, const PruningError& error) const;

  Session* session_;
  PruningErrors* errors_;
  ErrorModel* model_;
  QTableView* table_;
  QLabel* sentence_;
  QToolButton* copy_;
  EmptyPage* empty_;
  QStackedWidget* pages_ = nullptr;
};

}  // namespace gyro::desktop

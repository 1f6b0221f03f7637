#pragma once

#include <QWidget>
#include <functional>
#include <map>
#include <string>

#include "app/desktop/session/session.hpp"

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gyro::desktop {

/// Which strategy to run and how: a form out of the strategy's own description.
class StrategyPanel : public QWidget {
  Q_OBJECT
 public:
  explicit StrategyPanel(Session* session, QWidget* parent = nullptr);

  [[nodiscard]] QString strategy() const;
  void setStrategy(const QString& name);
  /// What the form says; parameters at their default are left out.
  [[nodiscard]] RunRequest request() const;
  /// Fills the form with a run's strategy, parameters, seed and limits.
  void setRequest(const RunRequest& request);
  /// Searches go on from there; `origin` goes into their runs' names. Another strategy than the one
  /// that is now chosen begins with its first phase.
  void setStart(std::shared_ptr<const SearchStart> start, const QString& origin);

  [[nodiscard]] QComboBox* strategyBox() const { return strategy_; }
  [[nodiscard]] QLineEdit* seed() const { return seed_; }
  [[nodiscard]] QDoubleSpinBox* budget() const { return budget_; }
  [[nodiscard]] QSpinBox* steps() const { return steps_; }
  [[nodiscard]] QPushButton* runButton() const { return run_; }
  [[nodiscard]] QPushButton* stepButton() const { return step_; }

 public slots:
  void run();
  void runPaused();

 signals:
  void strategyChanged(const QString& name);
  void started();  ///< a search was asked for

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Field {
    QWidget* widget = nullptr;
    std::string default_text;
    std::function<std::string()> text;
    std::function<void(const std::string&)> set;
  };

  void buildForm();
  void rebuildParameters();
  void addParameter(const ParameterInfo& info);
  [[nodiscard]] Field fieldFor(const ParameterInfo& info);
  void refreshButtons();
  void fitDoc();  ///< as many lines as the text has at its width

  Session* session_;
  QComboBox* strategy_;
  QLabel* doc_;
  QFormLayout* form_;
  QWidget* parameters_ = nullptr;
  QFormLayout* parameter_form_ = nullptr;
  std::map<std::string, Field> fields_;
  QLineEdit* seed_;
  QDoubleSpinBox* budget_;
  QSpinBox* steps_;
  QPushButton* run_;
  QPushButton* step_;
  std::shared_ptr<const SearchStart> start_;  ///< null: searches begin by themselves
  QString start_strategy_;                    ///< whose phases `start_` counts
  QString origin_;
};

}  // namespace gyro::desktop

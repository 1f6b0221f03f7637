#pragma once

#include <QWidget>
#include <functional>

#include "app/desktop/session/session.hpp"
#include "core/benchmark/benchmark.hpp"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gyro::desktop {

/// A device that products can be timed on.
struct BenchDevice {
  QString id;
  QString name;
};

/// The form of a benchmark: device, shapes typed or out of the open model, V, sparsities, type,
/// peers. What cannot run is explained below the fields, and the button stays grey.
class BenchSetup : public QWidget {
  Q_OBJECT
 public:
  explicit BenchSetup(Session* session, QWidget* parent = nullptr);

  /// `reason` says why there are none.
  void setDevices(const QList<BenchDevice>& devices, const QString& reason);
  void setRunning(bool running);
  [[nodiscard]] QString device() const;
  [[nodiscard]] Result<std::vector<BenchCell>> cells() const;

  [[nodiscard]] QLineEdit* shapes() const { return shapes_; }
  [[nodiscard]] QLineEdit* vectorSizes() const { return vector_sizes_; }
  [[nodiscard]] QLineEdit* sparsities() const { return sparsities_; }
  [[nodiscard]] QPushButton* runButton() const { return run_; }
  [[nodiscard]] QString noteText() const;

 signals:
  void runWanted();
  void stopWanted();

 private:
  void build();
  void takeShapesOfModel();
  void refresh();
  [[nodiscard]] Result<BenchRequest> request() const;

  Session* session_;
  QComboBox* device_;
  QLineEdit* shapes_;
  QPushButton* from_model_;
  QSpinBox* tokens_;
  QLineEdit* vector_sizes_;
  QLineEdit* sparsities_;
  QComboBox* type_;
  QCheckBox* cold_;
  QCheckBox* warm_;
  QCheckBox* cublas_;
  QCheckBox* cusparselt_;
  QPushButton* run_;
  QLabel* note_;
  QString no_device_;
  bool running_ = false;
};

}  // namespace gyro::desktop

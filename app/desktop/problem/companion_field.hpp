#pragma once

#include <QWidget>

#include "core/model/companions.hpp"

class QLineEdit;
class QToolButton;

namespace gyro::desktop {

/// Where data that belongs to a layer is: a file, typed or picked, and the tensor in it. Empty:
/// beside the weight.
class CompanionField : public QWidget {
  Q_OBJECT
 public:
  explicit CompanionField(const QString& name, QWidget* parent = nullptr);
  ~CompanionField() override;

  [[nodiscard]] CompanionSource source() const;
  void setSource(const CompanionSource& source);
  /// What stands in the empty fields: "beside the weight", "encoder.0.query.input".
  void setPlaceholders(const QString& file, const QString& tensor);

  [[nodiscard]] QLineEdit* file() const { return file_; }
  [[nodiscard]] QLineEdit* tensor() const { return tensor_; }

 signals:
  void edited(const gyro::CompanionSource& source);  ///< by a person

 private:
  void browse();
  void finish();

  QLineEdit* file_;
  QLineEdit* tensor_;
  QToolButton* browse_;
  CompanionSource told_;
};

}  // namespace gyro::desktop

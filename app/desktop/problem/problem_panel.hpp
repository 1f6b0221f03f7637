#pragma once

#include <QWidget>

#include "app/desktop/session/session.hpp"

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;

namespace gyro::desktop {

class CompanionField;
class FieldNote;

/// The settings of the problem: vector size, N:M, sparsity (total and of the vector level, kept
/// together exactly), saliency and the data it needs, what to do with NaN. Every change goes
/// through the session; what cannot work is said under its field.
class ProblemPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ProblemPanel(Session* session, QWidget* parent = nullptr);
  ~ProblemPanel() override;

  [[nodiscard]] QComboBox* vectorSize() const { return vector_size_; }
  [[nodiscard]] QComboBox* pattern() const { return pattern_; }
  [[nodiscard]] QLineEdit* sparsity() const { return sparsity_; }
  [[nodiscard]] QLineEdit* vectorSparsity() const { return vector_sparsity_; }
  [[nodiscard]] QComboBox* saliency() const { return saliency_; }
  [[nodiscard]] CompanionField* calibration() const { return calibration_; }
  [[nodiscard]] CompanionField* scores() const { return scores_; }
  [[nodiscard]] QDoubleSpinBox* riaExponent() const { return ria_exponent_; }
  [[nodiscard]] QComboBox* nonFinite() const { return nonfinite_; }
  [[nodiscard]] FieldNote* vectorSizeNote() const { return vector_size_note_; }
  [[nodiscard]] FieldNote* sparsityNote() const { return sparsity_note_; }
  [[nodiscard]] FieldNote* saliencyNote() const { return saliency_note_; }
  [[nodiscard]] FieldNote* calibrationNote() const { return calibration_note_; }
  [[nodiscard]] FieldNote* scoresNote() const { return scores_note_; }
  [[nodiscard]] FieldNote* nonFiniteNote() const { return nonfinite_note_; }

 private:
  void buildForm();
  void connectFields();
  void refresh();       ///< shows the session's settings
  void refreshSizes();  ///< the vector sizes that divide the layer's rows
  void refreshNotes();  ///< what does not work, and the shape that comes out
  void refreshData();   ///< the fields that the saliency needs, and what they say while empty
  void noteData(Error error);
  void noteShape(const Error& error, int rows);
  void setVectorSize(const QString& text);
  void setPattern(const QString& text);
  void setSparsity(const QString& text);
  void setVectorSparsity(const QString& text);
  template <class Change>
  void edit(Change change);
  /// Rows and columns of the selected layer as out × in, read or not; nothing without one.
  [[nodiscard]] std::optional<MatrixShape> extents() const;

  Session* session_;
  QComboBox* vector_size_;
  QComboBox* pattern_;
  QLineEdit* sparsity_;
  QLineEdit* vector_sparsity_;
  QComboBox* saliency_;
  QDoubleSpinBox* ria_exponent_;
  CompanionField* calibration_;
  CompanionField* scores_;
  QComboBox* nonfinite_;
  FieldNote* vector_size_note_;
  FieldNote* pattern_note_;
  FieldNote* sparsity_note_;
  FieldNote* saliency_note_;
  FieldNote* calibration_note_;
  FieldNote* scores_note_;
  FieldNote* nonfinite_note_;
  QFormLayout* form_;
  QLabel* summary_;
};

}  // namespace gyro::desktop

#pragma once

#include <QDialog>

#include "app/desktop/session/session.hpp"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace gyro::desktop {

/// Which runs go into a permutation file, where to, and whether with the masked weights. Stays open
/// until the file was written, read back and recounted, and shows what came of it.
class ExportDialog : public QDialog {
  Q_OBJECT
 public:
  ExportDialog(Session* session, const QList<int>& chosen, QWidget* parent = nullptr);

  [[nodiscard]] QLineEdit* path() const { return path_; }
  [[nodiscard]] QListWidget* runs() const { return runs_; }
  [[nodiscard]] QCheckBox* withWeight() const { return with_weight_; }
  [[nodiscard]] QPushButton* writeButton() const { return write_; }
  [[nodiscard]] QString resultText() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void buildForm();
  void browse();
  void write();
  void refresh();
  void tell(const QString& text, bool good);
  [[nodiscard]] QList<int> checkedRuns() const;
  [[nodiscard]] QString complaint() const;  ///< why it cannot be written; empty: it can

  Session* session_;
  QListWidget* runs_;
  QLineEdit* path_;
  QCheckBox* with_weight_;
  QLabel* result_;
  QPushButton* write_;
  bool writing_ = false;
};

}  // namespace gyro::desktop

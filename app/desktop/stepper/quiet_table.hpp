#pragma once

#include <QTableView>

namespace gyro::desktop {

/// A table for figures: read-only, rows close together, no frame, whole rows selected; without
/// rows it says what fills it.
class QuietTable : public QTableView {
  Q_OBJECT
 public:
  explicit QuietTable(QWidget* parent = nullptr);
  void setEmptyText(const QString& text);
  [[nodiscard]] QString emptyText() const { return empty_; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString empty_;
};

/// The palette of check boxes that are seen: styles draw their outline from the window's colour,
/// darkened, which on a dark ground is hardly there.
[[nodiscard]] QPalette checkBoxPalette(QPalette palette);
/// Gives it to a list with check boxes. Call again after a change of the palette.
void clearCheckBoxes(QAbstractItemView* view);

}  // namespace gyro::desktop

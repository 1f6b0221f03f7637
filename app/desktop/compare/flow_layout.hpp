#pragma once

#include <QLayout>
#include <QList>

namespace gyro::desktop {

/// Items in a line that wraps where the width ends, so that a bar of many tools fits any window.
class FlowLayout : public QLayout {
 public:
  FlowLayout(QWidget* parent, int margin, int spacing);
  ~FlowLayout() override;

  /// A label and its field, never torn apart.
  void addPair(QWidget* label, QWidget* field);

  void addItem(QLayoutItem* item) override { items_.append(item); }
  [[nodiscard]] int count() const override { return static_cast<int>(items_.size()); }
  [[nodiscard]] QLayoutItem* itemAt(int index) const override { return items_.value(index); }
  QLayoutItem* takeAt(int index) override;
  [[nodiscard]] Qt::Orientations expandingDirections() const override { return {}; }
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize minimumSize() const override;
  [[nodiscard]] QSize sizeHint() const override;
  void setGeometry(const QRect& rect) override;

 private:
  int place(const QRect& rect, bool move) const;

  QList<QLayoutItem*> items_;
};

}  // namespace gyro::desktop

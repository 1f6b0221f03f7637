#pragma once

#include <QStandardItemModel>
#include <QWidget>

#include "app/desktop/session/session.hpp"

class QLabel;
class QPushButton;
class QTableView;

namespace gyro::desktop {

/// The layer's runs judged by measures that they were not optimised for: a row a run, a column a
/// saliency that the layer has data for, and the output error. The best of a column is bold.
class MeasuresPanel : public QWidget {
  Q_OBJECT
 public:
  enum Role { SortRole = Qt::UserRole };  ///< the plain number or text of a cell

  explicit MeasuresPanel(Session* session, QWidget* parent = nullptr);

  [[nodiscard]] const QStandardItemModel* model() const { return model_; }
  [[nodiscard]] QTableView* table() const { return table_; }
  [[nodiscard]] QPushButton* searchButton() const { return search_; }
  [[nodiscard]] QString message() const;
  [[nodiscard]] QString csv() const;

 signals:
  void searchWanted();  ///< a run for every measure

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void refresh();
  void fill(const QList<RunPtr>& runs, const MeasureTable& table);
  void say(const QString& text);
  [[nodiscard]] QList<RunPtr> judged() const;

  Session* session_;
  QLabel* message_;
  QPushButton* search_;
  QTableView* table_;
  QStandardItemModel* model_;
  QList<std::shared_ptr<const Mask>> shown_;
};

}  // namespace gyro::desktop

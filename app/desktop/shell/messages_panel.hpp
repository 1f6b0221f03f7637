#pragma once

#include <QStandardItemModel>
#include <QWidget>

#include "core/base/error.hpp"

class QStackedWidget;
class QTreeView;

namespace gyro::desktop {

/// Everything that went wrong since the start, and what was written: when, what, where, advice.
class MessagesPanel : public QWidget {
  Q_OBJECT
 public:
  explicit MessagesPanel(QWidget* parent = nullptr);

  void add(const Error& error);
  void tell(const QString& what, const QString& where);
  [[nodiscard]] QStandardItemModel* model() const { return model_; }
  /// The selected lines, or all, tab-separated.
  [[nodiscard]] QString asText() const;

 private:
  void append(const QString& icon, const QString& what, const QString& where,
              const QString& advice);

  QStandardItemModel* model_;
  QTreeView* view_;
  QStackedWidget* pages_;
};

}  // namespace gyro::desktop

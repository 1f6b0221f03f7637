#pragma once

#include <QWidget>

#include "app/desktop/session/session.hpp"

class QLabel;
class QLineEdit;
class QStackedWidget;
class QTreeView;

namespace gyro::desktop {

class LayersModel;
class LayersFilter;

/// The tree of layers with its filter; a click or Enter shows a layer.
class LayersPanel : public QWidget {
  Q_OBJECT
 public:
  explicit LayersPanel(Session* session, QWidget* parent = nullptr);

  [[nodiscard]] QTreeView* tree() const { return tree_; }
  [[nodiscard]] QLineEdit* filter() const { return filter_; }
  [[nodiscard]] LayersFilter* model() const { return proxy_; }

 signals:
  void openWanted();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildTree();
  void fitName();  ///< the name takes what the shape beside it leaves of the width
  void fileChanged();
  void layerChanged();
  void activate(const QModelIndex& index);

  Session* session_;
  LayersModel* model_;
  LayersFilter* proxy_;
  QLineEdit* filter_;
  QTreeView* tree_;
  QLabel* summary_;
  QStackedWidget* pages_;
};

}  // namespace gyro::desktop

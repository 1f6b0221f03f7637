#pragma once

#include <QAbstractItemModel>
#include <QHash>
#include <QSortFilterProxyModel>
#include <memory>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// The tensors of the open file as a tree out of their names, split at "/" and ".". Chains without
/// a branch are one node ("attention.self"). What cannot be a layer is greyed, with the reason as
/// tooltip. Built from names and shapes alone.
class LayersModel : public QAbstractItemModel {
  Q_OBJECT
 public:
  enum Column { Name, Shape, Type, Tiles, Identity, Best, Memory, Columns };
  enum Role {
    SortRole = Qt::UserRole,  ///< the plain number or text of a cell
    TensorRole,               ///< full name of the layer; empty for folders and non-layers
    FullNameRole,             ///< full name or path of any node, for the filter
  };

  explicit LayersModel(Session* session, QObject* parent = nullptr);
  ~LayersModel() override;

  [[nodiscard]] QModelIndex indexOf(const QString& tensor) const;

  [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent) const override;
  [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
  [[nodiscard]] int rowCount(const QModelIndex& parent) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

 private:
  struct Node;
  struct Known {
    ProblemSettings settings;
    double identity = 0;
  };

  void rebuild();
  void insert(const QString& name, const TensorInfo* info, const QString& reason);
  void figuresChanged();
  void tellChanged(const QModelIndex& parent);
  [[nodiscard]] Node* nodeAt(const QModelIndex& index) const;
  [[nodiscard]] QModelIndex indexOfNode(Node* node, int column) const;
  [[nodiscard]] QVariant value(const Node& node, int column) const;
  [[nodiscard]] QString text(const Node& node, int column) const;
  [[nodiscard]] QString toolTip(const Node& node, int column) const;

  Session* session_;
  OpenFilePtr file_;
  std::unique_ptr<Node> root_;
  QHash<QString, Node*> nodes_;  ///< layers by full name
  QHash<QString, Known> known_;  ///< retained at identity, by layer
  QHash<QString, double> best_;  ///< best run with the current settings, by layer
};

/// Filters by any part of the full name and keeps the folders above; sorts by plain numbers.
class LayersFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  explicit LayersFilter(QObject* parent = nullptr);
};

/// What showing and searching a layer takes: float weights and saliency, and the picture's pyramid.
[[nodiscard]] double memoryOfLayer(const TensorInfo& info);

}  // namespace gyro::desktop

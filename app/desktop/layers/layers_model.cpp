#include "app/desktop/layers/layers_model.hpp"

#include <QApplication>
#include <QPalette>
#include <QStringList>
#include <algorithm>
#include <vector>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr double kBytesPerWeight = 10;  // float weight, float saliency, two bytes of pyramid

QStringList partsOf(const QString& name) {
  QStringList parts;
  qsizetype from = 0;
  for (qsizetype i = 0; i <= name.size(); ++i) {
    const bool cut = i == name.size() || name[i] == QLatin1Char('/') || name[i] == QLatin1Char('.');
    if (!cut) continue;
    if (i > from) parts.append(name.mid(from, i - from));
    from = i + 1;
  }
  return parts.isEmpty() ? QStringList{name} : parts;
}

QString shapeText(const TensorInfo& info) {
  QStringList extents;
  for (const auto extent : info.shape) extents.append(QString::number(extent));
  return extents.isEmpty() ? QObject::tr("scalar") : extents.join(QStringLiteral(" × "));
}

}  // namespace

struct LayersModel::Node {
  QString label;
  QString full_name;  ///< of the tensor, or the path down to a folder
  QString reason;     ///< why it is not a layer
  const TensorInfo* info = nullptr;
  bool layer = false;
  int rows = 0;
  Node* parent = nullptr;
  int row = 0;
  std::vector<std::unique_ptr<Node>> children;
  QHash<QString, Node*> by_label;

  Node* child(const QString& name) {
    if (Node* found = by_label.value(name)) return found;
    auto made = std::make_unique<Node>();
    made->label = name;
    made->full_name = full_name.isEmpty() ? name : full_name + QLatin1Char('.') + name;
    made->parent = this;
    children.push_back(std::move(made));
    by_label.insert(name, children.back().get());
    return children.back().get();
  }

  /// Joins chains of folders with one child, and numbers the rows.
  void settle() {
    for (std::size_t i = 0; i < children.size(); ++i) {
      auto& child = children[i];
      while (child->children.size() == 1 && child->info == nullptr && child->reason.isEmpty()) {
        auto only = std::move(child->children.front());
        only->label = child->label + QLatin1Char('.') + only->label;
        only->parent = this;
        child = std::move(only);
      }
      child->row = static_cast<int>(i);
      child->settle();
    }
    by_label.clear();
  }
};

LayersModel::LayersModel(Session* session, QObject* parent)
    : QAbstractItemModel(parent), session_(session), root_(std::make_unique<Node>()) {
  connect(session, &Session::fileChanged, this, &LayersModel::rebuild);
  connect(session, &Session::runsChanged, this, &LayersModel::figuresChanged);
  connect(session, &Session::settingsChanged, this, &LayersModel::figuresChanged);
  connect(session, &Session::problemChanged, this, [this] {
    const ProblemPtr problem = session_->problem();
    if (!problem) return;
    known_[toText(problem->layer.info.name)] = {problem->settings, problem->identity_retained};
    figuresChanged();
  });
  rebuild();
}

LayersModel::~LayersModel() = default;

void LayersModel::rebuild() {
  beginResetModel();
  file_ = session_->file();
  root_ = std::make_unique<Node>();
  nodes_.clear();
  known_.clear();
  best_.clear();
  if (file_) {
    QHash<QString, QString> reasons;
    for (const auto& error : file_->layers.skipped) {
      reasons.insert(toText(error.where),
                     toText(Error{error.code, error.what, {}, error.advice}.text()));
    }
    for (const auto& info : file_->file->tensors()) {
      insert(toText(info.name), &info, reasons.take(toText(info.name)));
    }
    for (auto it = reasons.cbegin(); it != reasons.cend(); ++it) insert(it.key(), nullptr, *it);
  }
  root_->settle();
  endResetModel();
}

void LayersModel::insert(const QString& name, const TensorInfo* info, const QString& reason) {
  Node* node = root_.get();
  for (const auto& part : partsOf(name)) node = node->child(part);
  node->full_name = name;
  node->info = info;
  node->reason = reason;
  if (info == nullptr || !reason.isEmpty()) return;
  const auto shape = matrix_shape(*info);
  if (!shape) {
    node->reason = toText(shape.error().text());
    return;
  }
  node->layer = true;
  node->rows = shape->rows;
  nodes_.insert(name, node);
}

void LayersModel::figuresChanged() {
  best_.clear();
  for (const auto& run : session_->runs()) {
    const auto& problem = *run->result.problem;
    if (!(problem.settings == session_->settings())) continue;
    const QString name = toText(problem.layer.info.name);
    best_[name] = std::max(best_.value(name), run->result.metrics->layer.retained_fraction());
  }
  tellChanged({});
}

void LayersModel::tellChanged(const QModelIndex& parent) {
  const int rows = rowCount(parent);
  if (rows == 0) return;
  emit dataChanged(index(0, Tiles, parent), index(rows - 1, Best, parent));
  for (int row = 0; row < rows; ++row) tellChanged(index(row, 0, parent));
}

LayersModel::Node* LayersModel::nodeAt(const QModelIndex& index) const {
  return index.isValid() ? static_cast<Node*>(index.internalPointer()) : root_.get();
}

QModelIndex LayersModel::indexOfNode(Node* node, int column) const {
  return node == nullptr || node == root_.get() ? QModelIndex()
                                                : createIndex(node->row, column, node);
}

QModelIndex LayersModel::indexOf(const QString& tensor) const {
  return indexOfNode(nodes_.value(tensor), 0);
}

QModelIndex LayersModel::index(int row, int column, const QModelIndex& parent) const {
  if (row < 0 || column < 0 || column >= Columns || parent.column() > 0) return {};
  Node* const node = nodeAt(parent);
  if (static_cast<std::size_t>(row) >= node->children.size()) return {};
  return createIndex(row, column, node->children[static_cast<std::size_t>(row)].get());
}

QModelIndex LayersModel::parent(const QModelIndex& child) const {
  return child.isValid() ? indexOfNode(nodeAt(child)->parent, 0) : QModelIndex();
}

int LayersModel::rowCount(const QModelIndex& parent) const {
  return parent.column() > 0 ? 0 : static_cast<int>(nodeAt(parent)->children.size());
}

int LayersModel::columnCount(const QModelIndex& parent) const {
  return parent.column() > 0 ? 0 : Columns;
}

QVariant LayersModel::value(const Node& node, int column) const {
  if (column == Name) return node.label;
  if (node.info == nullptr) return {};
  switch (column) {
    case Shape:
      return QVariant::fromValue<qlonglong>(node.info->count());
    case Type:
      return toText(name_of(node.info->type));
    case Memory:
      return node.layer ? QVariant(memoryOfLayer(*node.info)) : QVariant();
    case Tiles: {
      const int v = session_->settings().vector_size;
      return node.layer && v > 0 && node.rows % v == 0 ? QVariant(node.rows / v) : QVariant();
    }
    case Identity: {
      const auto known = known_.constFind(node.full_name);
      const bool current = known != known_.cend() && known->settings == session_->settings();
      return current ? QVariant(known->identity) : QVariant();
    }
    case Best: {
      const auto best = best_.constFind(node.full_name);
      return best != best_.cend() ? QVariant(*best) : QVariant();
    }
    default:
      return {};
  }
}

QString LayersModel::text(const Node& node, int column) const {
  const QVariant plain = value(node, column);
  if (column == Shape && node.info != nullptr) return shapeText(*node.info);
  if (column == Memory && plain.isValid()) return bytesText(plain.toDouble());
  if (plain.typeId() == QMetaType::Double) return fractionText(plain.toDouble());
  return plain.toString();
}

QString LayersModel::toolTip(const Node& node, int column) const {
  if (!node.reason.isEmpty()) return tr("Not a layer: %1").arg(node.reason);
  if (!node.layer) return {};
  if (column == Tiles && !value(node, Tiles).isValid()) {
    return tr("%1 rows are not a multiple of V = %2")
        .arg(node.rows)
        .arg(session_->settings().vector_size);
  }
  return tr("%1\n%2, %3\nShowing it takes %4")
      .arg(node.full_name, text(node, Shape), text(node, Type), text(node, Memory));
}

QVariant LayersModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Node& node = *nodeAt(index);
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole:
      return text(node, column);
    case Qt::ToolTipRole:
      return toolTip(node, column);
    case SortRole:
      return value(node, column);
    case TensorRole:
      return node.layer ? node.full_name : QString();
    case FullNameRole:
      return node.full_name;
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(
          Qt::Alignment(Qt::AlignVCenter | (column >= Tiles ? Qt::AlignRight : Qt::AlignLeft)));
    case Qt::ForegroundRole:
      return node.reason.isEmpty()
                 ? QVariant()
                 : QVariant(QApplication::palette().brush(QPalette::Disabled, QPalette::Text));
    default:
      return {};
  }
}

QVariant LayersModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
  static const char* const titles[] = {"Layer",    "Shape", "Type",  "V-tiles",
                                       "Identity", "Best",  "Memory"};
  static const char* const tips[] = {
      "Tensors of the file by name",
      "Extents as stored; 2-D weights are out × in, convolutions O × I × kh × kw",
      "How the entries are stored",
      "Tiles of V rows; empty where V does not divide the rows",
      "Saliency retained without any permutation, once the layer was shown",
      "Best saliency retained by a run with the current settings",
      "Memory that showing the layer takes"};
  if (role == Qt::DisplayRole) return tr(titles[section]);
  if (role == Qt::ToolTipRole) return tr(tips[section]);
  return {};
}

Qt::ItemFlags LayersModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  const Node& node = *nodeAt(index);
  if (!node.reason.isEmpty()) return Qt::ItemIsEnabled;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

LayersFilter::LayersFilter(QObject* parent) : QSortFilterProxyModel(parent) {
  setRecursiveFilteringEnabled(true);
  setFilterCaseSensitivity(Qt::CaseInsensitive);
  setFilterRole(LayersModel::FullNameRole);
  setSortRole(LayersModel::SortRole);
}

double memoryOfLayer(const TensorInfo& info) {
  return static_cast<double>(info.count()) * kBytesPerWeight;
}

}  // namespace gyro::desktop

#include "app/desktop/layers/layers_panel.hpp"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/desktop/layers/layers_model.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/empty_page.hpp"

namespace gyro::desktop {
namespace {

constexpr int kNameWidth = 120;   // at least
constexpr int kExpandUpTo = 400;  // tensors; larger trees open folded

}  // namespace

LayersPanel::LayersPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      model_(new LayersModel(session, this)),
      proxy_(new LayersFilter(this)),
      filter_(new QLineEdit),
      tree_(new QTreeView),
      summary_(new QLabel),
      pages_(new QStackedWidget) {
  proxy_->setSourceModel(model_);
  buildTree();
  filter_->setPlaceholderText(tr("Filter by name"));
  filter_->setAccessibleName(tr("Filter layers by name"));
  filter_->setClearButtonEnabled(true);
  summary_->setWordWrap(true);
  summary_->setEnabled(false);

  auto* const list = new QWidget;
  auto* const layout = new QVBoxLayout(list);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addWidget(filter_);
  layout->addWidget(tree_, 1);
  layout->addWidget(summary_);
  auto* const empty = new EmptyPage(tr("Open a checkpoint to see its layers."), tr("Open…"));
  connect(empty, &EmptyPage::wanted, this, &LayersPanel::openWanted);
  pages_->addWidget(empty);
  pages_->addWidget(list);
  auto* const outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(pages_);

  connect(filter_, &QLineEdit::textChanged, this, [this](const QString& text) {
    proxy_->setFilterFixedString(text);
    if (!text.isEmpty()) tree_->expandAll();
  });
  connect(session, &Session::fileChanged, this, &LayersPanel::fileChanged);
  connect(session, &Session::layerChanged, this, &LayersPanel::layerChanged);
  fileChanged();
}

void LayersPanel::buildTree() {
  tree_->setModel(proxy_);
  tree_->setAccessibleName(tr("Layers"));
  tree_->setSortingEnabled(true);
  tree_->setUniformRowHeights(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->setIndentation(12);
  tree_->setTextElideMode(Qt::ElideMiddle);
  tree_->viewport()->installEventFilter(this);
  tree_->sortByColumn(-1, Qt::AscendingOrder);
  QHeaderView* const header = tree_->header();
  header->setStretchLastSection(false);
  header->setSectionsMovable(true);
  header->setMinimumSectionSize(40);
  // Name and figures first: the rest is a scroll away in a narrow dock.
  header->moveSection(header->visualIndex(LayersModel::Identity), 2);
  header->moveSection(header->visualIndex(LayersModel::Best), 3);
  connect(tree_->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex& current) { activate(current); });
  connect(tree_, &QTreeView::activated, this, &LayersPanel::activate);
}

void LayersPanel::fileChanged() {
  const OpenFilePtr file = session_->file();
  pages_->setCurrentIndex(file ? 1 : 0);
  if (!file) return;
  const auto layers = file->layers.layers.size();
  summary_->setText(tr("%1 · %2 layers · %3 other tensors")
                        .arg(toText(file->file->format()))
                        .arg(layers)
                        .arg(file->layers.skipped.size()));
  if (file->file->tensors().size() <= kExpandUpTo) tree_->expandAll();
  for (int column = 1; column < LayersModel::Columns; ++column) {
    tree_->resizeColumnToContents(column);
  }
  for (const int column : {LayersModel::Identity, LayersModel::Best}) {
    tree_->setColumnWidth(column, tree_->fontMetrics().horizontalAdvance("0.00000") + 16);
  }
  fitName();
  layerChanged();
}

void LayersPanel::fitName() {
  int left = tree_->viewport()->width();
  for (const int column : {LayersModel::Shape, LayersModel::Identity, LayersModel::Best}) {
    left -= tree_->columnWidth(column);
  }
  tree_->setColumnWidth(0, qMax(kNameWidth, left));
}

bool LayersPanel::eventFilter(QObject* watched, QEvent* event) {
  if (watched == tree_->viewport() && event->type() == QEvent::Resize) fitName();
  return QWidget::eventFilter(watched, event);
}

void LayersPanel::layerChanged() {
  const QModelIndex source = model_->indexOf(session_->layerName());
  const QModelIndex shown = proxy_->mapFromSource(source);
  if (!shown.isValid()) {
    if (session_->layerName().isEmpty()) tree_->selectionModel()->clear();
    return;
  }
  if (tree_->currentIndex().siblingAtColumn(0) == shown) return;
  tree_->scrollTo(shown);
  tree_->setCurrentIndex(shown);
}

void LayersPanel::activate(const QModelIndex& index) {
  const QString name = index.data(LayersModel::TensorRole).toString();
  if (!name.isEmpty()) session_->selectLayer(name);
}

}  // namespace gyro::desktop

#include "app/desktop/shell/start_page.hpp"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/shell/recent_files.hpp"

namespace gyro::desktop {
namespace {

constexpr int kWidth = 560;
constexpr double kTitleScale = 2.0;

QLabel* quietLabel(const QString& text) {
  auto* const label = new QLabel(text);
  label->setWordWrap(true);
  label->setForegroundRole(QPalette::PlaceholderText);
  return label;
}

}  // namespace

StartPage::StartPage(QWidget* parent)
    : QWidget(parent),
      open_(new QPushButton(QIcon::fromTheme(QStringLiteral("document-open")),
                            tr("Open a checkpoint…"))),
      folder_(
          new QPushButton(QIcon::fromTheme(QStringLiteral("folder-open")), tr("Open a folder…"))),
      sample_(new QPushButton(tr("Open the sample"))),
      recent_title_(quietLabel(tr("Recent"))),
      recent_(new QListWidget) {
  auto* const title = new QLabel(tr("Gyroscope"));
  QFont font = title->font();
  font.setPointSizeF(font.pointSizeF() * kTitleScale);
  title->setFont(font);
  sample_->setDefault(true);
  recent_->setFrameShape(QFrame::NoFrame);
  recent_->setAccessibleName(tr("Recent files"));
  recent_->setTextElideMode(Qt::ElideMiddle);
  recent_->viewport()->setAutoFillBackground(false);

  auto* const buttons = new QHBoxLayout;
  for (auto* button : {sample_, open_, folder_}) buttons->addWidget(button);
  buttons->addStretch();
  auto* const column = new QWidget;
  column->setMaximumWidth(kWidth);
  auto* const layout = new QVBoxLayout(column);
  layout->setSpacing(12);
  layout->addWidget(title);
  layout->addWidget(
      quietLabel(tr("See what pruning to hierarchical N:M sparsity costs a layer, and "
                    "search the permutation that costs least.")));
  layout->addLayout(buttons);
  layout->addWidget(quietLabel(tr("Or drop a file or folder here: safetensors, HDF5, npy, npz.")));
  layout->addWidget(recent_title_);
  layout->addWidget(recent_, 1);
  layout->addStretch();
  auto* const outer = new QHBoxLayout(this);
  outer->setContentsMargins(24, 32, 24, 16);
  outer->addStretch();
  outer->addWidget(column, 4);
  outer->addStretch();

  connect(open_, &QPushButton::clicked, this, &StartPage::openWanted);
  connect(folder_, &QPushButton::clicked, this, &StartPage::folderWanted);
  connect(sample_, &QPushButton::clicked, this, &StartPage::sampleWanted);
  connect(recent_, &QListWidget::itemActivated, this,
          [this](QListWidgetItem* item) { emit fileWanted(item->data(Qt::UserRole).toString()); });
  refresh();
}

void StartPage::refresh() {
  recent_->clear();
  for (const auto& path : recentFiles()) {
    auto* const item =
        new QListWidgetItem(QStringLiteral("%1  —  %2").arg(QFileInfo(path).fileName(), path));
    item->setData(Qt::UserRole, path);
    item->setToolTip(path);
    recent_->addItem(item);
  }
  recent_title_->setVisible(recent_->count() > 0);
  recent_->setVisible(recent_->count() > 0);
}

}  // namespace gyro::desktop

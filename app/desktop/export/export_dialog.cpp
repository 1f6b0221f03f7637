#include "app/desktop/export/export_dialog.hpp"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSet>
#include <QVBoxLayout>

#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/quiet_table.hpp"
#include "core/io/permutation_file.hpp"

namespace gyro::desktop {
namespace {

constexpr int kRunIdRole = Qt::UserRole;
constexpr int kLayerRole = Qt::UserRole + 1;

QString layerOf(const Run& run) {
  return toText(run.result.problem->layer.info.name);
}

QString suggestedPath(const Session& session) {
  const QString base =
      session.file() ? QFileInfo(session.file()->path).completeBaseName() : QStringLiteral("layer");
  return QDir::home().filePath(base + QStringLiteral("-permutation.h5"));
}

}  // namespace

ExportDialog::ExportDialog(Session* session, const QList<int>& chosen, QWidget* parent)
    : QDialog(parent),
      session_(session),
      runs_(new QListWidget),
      path_(new QLineEdit(suggestedPath(*session))),
      with_weight_(new QCheckBox(tr("Write the &masked weights too"))),
      result_(new QLabel),
      write_(new QPushButton(tr("&Write and verify"))) {
  setWindowTitle(tr("Export permutations"));
  for (const auto& run : session->runs()) {
    auto* const item =
        new QListWidgetItem(QStringLiteral("%1 · %2 · retained %3")
                                .arg(layerOf(*run), run->name,
                                     fractionText(run->result.metrics->layer.retained_fraction())));
    item->setData(kRunIdRole, run->id);
    item->setData(kLayerRole, layerOf(*run));
    item->setCheckState(chosen.contains(run->id) ? Qt::Checked : Qt::Unchecked);
    runs_->addItem(item);
  }
  buildForm();
  connect(runs_, &QListWidget::itemChanged, this, &ExportDialog::refresh);
  connect(path_, &QLineEdit::textChanged, this, &ExportDialog::refresh);
  connect(write_, &QPushButton::clicked, this, &ExportDialog::write);
  connect(session, &Session::exported, this, [this](const QString& path, const QString& summary) {
    if (writing_) tell(tr("%1\n%2").arg(path, summary), true);
  });
  connect(session, &Session::failed, this, [this](const Error& error) {
    if (writing_) tell(toText(error.text()), false);
  });
  refresh();
}

void ExportDialog::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) clearCheckBoxes(runs_);
}

void ExportDialog::buildForm() {
  clearCheckBoxes(runs_);
  runs_->setAccessibleName(tr("Runs to export, one for each layer"));
  path_->setAccessibleName(tr("File to write"));
  path_->setMinimumWidth(360);
  result_->setWordWrap(true);
  result_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  result_->setAccessibleName(tr("Result of the export"));
  with_weight_->setToolTip(tr("In original order and the checkpoint's own type"));
  write_->setDefault(true);
  auto* const browse = new QPushButton(tr("&Browse…"));
  connect(browse, &QPushButton::clicked, this, &ExportDialog::browse);
  auto* const file = new QHBoxLayout;
  file->addWidget(path_, 1);
  file->addWidget(browse);
  auto* const form = new QFormLayout;
  form->addRow(tr("&Runs"), runs_);
  form->addRow(tr("File"), file);
  form->addRow({}, with_weight_);
  form->addRow({}, result_);
  auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  buttons->addButton(write_, QDialogButtonBox::ActionRole);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* const layout = new QVBoxLayout(this);
  layout->addLayout(form, 1);
  layout->addWidget(buttons);
}

void ExportDialog::browse() {
  const QString path =
      QFileDialog::getSaveFileName(this, tr("Permutation file"), path_->text(),
                                   tr("HDF5 (*.h5 *.hdf5);;safetensors (*.safetensors)"));
  if (!path.isEmpty()) path_->setText(path);
}

QList<int> ExportDialog::checkedRuns() const {
  QList<int> ids;
  for (int row = 0; row < runs_->count(); ++row) {
    const auto* const item = runs_->item(row);
    if (item->checkState() == Qt::Checked) ids.append(item->data(kRunIdRole).toInt());
  }
  return ids;
}

QString ExportDialog::complaint() const {
  QSet<QString> layers;
  for (int row = 0; row < runs_->count(); ++row) {
    const auto* const item = runs_->item(row);
    if (item->checkState() != Qt::Checked) continue;
    const QString layer = item->data(kLayerRole).toString();
    if (layers.contains(layer))
      return tr("%1 is checked twice; a file has one run a layer.").arg(layer);
    layers.insert(layer);
  }
  if (layers.isEmpty()) return tr("Check the runs to write.");
  const auto format = permutation_format(path_->text().toStdString());
  return format ? QString() : toText(format.error().text());
}

void ExportDialog::refresh() {
  const QString why = complaint();
  const bool replaces = QFileInfo::exists(path_->text());
  write_->setEnabled(why.isEmpty() && !writing_);
  write_->setText(replaces ? tr("&Replace and verify") : tr("&Write and verify"));
  result_->setText(why.isEmpty() && replaces ? tr("This file exists and would be replaced.") : why);
}

void ExportDialog::write() {
  writing_ = true;
  write_->setEnabled(false);
  result_->setText(tr("Writing and verifying…"));
  session_->exportRuns(checkedRuns(), path_->text(), with_weight_->isChecked());
}

void ExportDialog::tell(const QString& text, bool good) {
  writing_ = false;
  write_->setEnabled(true);
  result_->setText((good ? QStringLiteral("\u2713 ") : QStringLiteral("\u26A0 ")) + text);
}

QString ExportDialog::resultText() const {
  return result_->text();
}

}  // namespace gyro::desktop

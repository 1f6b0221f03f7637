#include "app/desktop/problem/companion_field.hpp"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {

CompanionField::CompanionField(const QString& name, QWidget* parent)
    : QWidget(parent), file_(new QLineEdit), tensor_(new QLineEdit), browse_(new QToolButton) {
  file_->setAccessibleName(tr("%1: file").arg(name));
  tensor_->setAccessibleName(tr("%1: tensor").arg(name));
  for (auto* edit : {file_, tensor_}) {
    edit->setMinimumWidth(1);
    edit->setToolTip(edit->accessibleName());
    edit->setClearButtonEnabled(true);
    connect(edit, &QLineEdit::editingFinished, this, &CompanionField::finish);
  }
  browse_->setText(QStringLiteral("…"));
  browse_->setToolTip(tr("Choose the file"));
  browse_->setAccessibleName(tr("%1: choose the file").arg(name));
  connect(browse_, &QToolButton::clicked, this, &CompanionField::browse);
  auto* const first = new QHBoxLayout;
  first->setSpacing(2);
  first->addWidget(file_, 1);
  first->addWidget(browse_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addLayout(first);
  layout->addWidget(tensor_);
  setFocusProxy(file_);
  setSource({});
}

// A field with the keyboard ends its editing when it is destroyed, which is after its panel.
CompanionField::~CompanionField() {
  for (auto* field : findChildren<QWidget*>()) field->disconnect(this);
}

CompanionSource CompanionField::source() const {
  const std::string typed = file_->text().trimmed().toStdString();
  if (!tensor_->text().trimmed().isEmpty()) return {typed, tensor_->text().trimmed().toStdString()};
  // "FILE:TENSOR" in one field is understood as on the command line.
  const auto parsed = parse_companion(typed);
  return parsed ? *parsed : CompanionSource{typed, {}};
}

void CompanionField::setSource(const CompanionSource& source) {
  told_ = source;
  file_->setText(toText(source.file));
  tensor_->setText(toText(source.tensor));
  tensor_->setVisible(!source.file.empty());
}

void CompanionField::setPlaceholders(const QString& file, const QString& tensor) {
  file_->setPlaceholderText(file);
  tensor_->setPlaceholderText(tensor);
}

void CompanionField::browse() {
  const QString path = QFileDialog::getOpenFileName(
      this, file_->accessibleName(), file_->text(),
      tr("Tensors (*.npy *.npz *.h5 *.hdf5 *.safetensors *.index.json);;All files (*)"));
  if (path.isEmpty()) return;
  file_->setText(path);
  tensor_->clear();
  finish();
}

void CompanionField::finish() {
  if (file_->text().trimmed().isEmpty()) tensor_->clear();
  const CompanionSource now = source();
  if (now == told_) return;
  setSource(now);
  emit edited(now);
}

}  // namespace gyro::desktop

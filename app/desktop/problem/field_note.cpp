#include "app/desktop/problem/field_note.hpp"

#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QPushButton>
#include <utility>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {

FieldNote::FieldNote(QWidget* parent)
    : QWidget(parent), text_(new QLabel), button_(new QPushButton) {
  text_->setWordWrap(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 2);
  layout->setSpacing(4);
  layout->addWidget(text_);
  layout->addWidget(button_, 0, Qt::AlignLeft);
  connect(button_, &QPushButton::clicked, this, [this] {
    if (fix_) fix_();
  });
  clear();
}

void FieldNote::clear() {
  text_->clear();
  fix_ = {};
  setVisible(false);
}

void FieldNote::show(const Error& error, const QString& fixText, std::function<void()> fix) {
  QString what = toText(error.what);
  if (!what.isEmpty()) what[0] = what[0].toUpper();
  if (!error.advice.empty()) what += QStringLiteral(". ") + toText(error.advice);
  text_->setText(QStringLiteral("\u26A0 ") + what);
  text_->setAccessibleName(what);
  fix_ = std::move(fix);
  button_->setText(fixText);
  button_->setVisible(!fixText.isEmpty());
  setVisible(true);
}

QString FieldNote::text() const {
  return text_->text();
}

}  // namespace gyro::desktop

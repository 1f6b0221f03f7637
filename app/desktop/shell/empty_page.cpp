#include "app/desktop/shell/empty_page.hpp"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace gyro::desktop {

EmptyPage::EmptyPage(const QString& text, const QString& action, QWidget* parent)
    : QWidget(parent), text_(new QLabel(text)), button_(new QPushButton(action)) {
  text_->setAlignment(Qt::AlignCenter);
  text_->setWordWrap(true);
  text_->setForegroundRole(QPalette::PlaceholderText);
  button_->setVisible(!action.isEmpty());
  auto* const layout = new QVBoxLayout(this);
  layout->addStretch();
  layout->addWidget(text_);
  layout->addWidget(button_, 0, Qt::AlignCenter);
  layout->addStretch();
  connect(button_, &QPushButton::clicked, this, &EmptyPage::wanted);
}

void EmptyPage::setText(const QString& text) {
  text_->setText(text);
}

void EmptyPage::setAction(const QString& action) {
  button_->setText(action);
  button_->setVisible(!action.isEmpty());
}

}  // namespace gyro::desktop

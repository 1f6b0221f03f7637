#include "app/desktop/shell/error_bar.hpp"

#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <utility>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr int kIconSize = 20;

}  // namespace

ErrorBar::ErrorBar(QWidget* parent)
    : QFrame(parent),
      icon_(new QLabel),
      text_(new QLabel),
      action_(new QPushButton),
      messages_(new QPushButton(tr("All messages"))) {
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::AlternateBase);
  setAccessibleName(tr("Message"));
  text_->setWordWrap(true);
  text_->setTextFormat(Qt::PlainText);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  auto* const close = new QToolButton;
  close->setAutoRaise(true);
  close->setText(QStringLiteral("×"));
  close->setAccessibleName(tr("Close the message"));
  messages_->setFlat(true);

  auto* const layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 4, 6, 4);
  layout->addWidget(icon_, 0, Qt::AlignVCenter);
  layout->addWidget(text_, 1);
  layout->addWidget(action_);
  layout->addWidget(messages_);
  layout->addWidget(close);
  connect(close, &QToolButton::clicked, this, &QWidget::hide);
  connect(messages_, &QPushButton::clicked, this, &ErrorBar::messagesWanted);
  connect(action_, &QPushButton::clicked, this, [this] {
    hide();
    if (run_) std::exchange(run_, {})();
  });
  hide();
}

void ErrorBar::put(const QString& icon, const QString& text, const QString& action,
                   std::function<void()> run) {
  icon_->setPixmap(QIcon::fromTheme(icon).pixmap(kIconSize));
  text_->setText(text);
  run_ = std::move(run);
  action_->setText(action);
  action_->setVisible(!action.isEmpty());
  QFrame::show();
}

void ErrorBar::show(const Error& error, const QString& action, std::function<void()> run) {
  messages_->show();
  put(QStringLiteral("dialog-warning"), toText(error.text()), action, std::move(run));
}

void ErrorBar::tell(const QString& text, const QString& action, std::function<void()> run) {
  messages_->hide();
  put(QStringLiteral("dialog-information"), text, action, std::move(run));
}

QString ErrorBar::text() const {
  return text_->text();
}

}  // namespace gyro::desktop

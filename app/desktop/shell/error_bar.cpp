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
  close->setToolTip(tr("Close the message"));
  close->setAccessibleName(close->toolTip());
  messages_->setFlat(true);

  auto* const layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 4, 6, 4);
  layout->addWidget(icon_, 0, Qt::AlignVCenter);
  layout->addWidget(text_, 1);
  for (std::size_t i = 0; i < kMostOffers; ++i) {
    buttons_[i] = new QPushButton;
    layout->addWidget(buttons_[i]);
    connect(buttons_[i], &QPushButton::clicked, this, [this, i] { take(i); });
  }
  layout->addWidget(messages_);
  layout->addWidget(close);
  connect(close, &QToolButton::clicked, this, &QWidget::hide);
  connect(messages_, &QPushButton::clicked, this, &ErrorBar::messagesWanted);
  hide();
}

void ErrorBar::take(std::size_t offer) {
  hide();
  const auto offers = std::exchange(offers_, {});
  if (offer < offers.size()) offers[offer].run();
}

void ErrorBar::put(const QString& icon, const QString& text, std::vector<Offer> offers) {
  icon_->setPixmap(QIcon::fromTheme(icon).pixmap(kIconSize));
  text_->setText(text);
  offers_ = std::move(offers);
  for (std::size_t i = 0; i < kMostOffers; ++i) {
    buttons_[i]->setVisible(i < offers_.size());
    if (i < offers_.size()) buttons_[i]->setText(offers_[i].text);
  }
  QFrame::show();
}

void ErrorBar::show(const Error& error, std::vector<Offer> offers) {
  messages_->show();
  put(QStringLiteral("dialog-warning"), toText(error.text()), std::move(offers));
}

void ErrorBar::tell(const QString& text) {
  messages_->hide();
  put(QStringLiteral("dialog-information"), text, {});
}

QString ErrorBar::text() const {
  return text_->text();
}

}  // namespace gyro::desktop

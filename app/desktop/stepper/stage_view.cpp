#include "app/desktop/stepper/stage_view.hpp"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStackedLayout>

namespace gyro::desktop {
namespace {

QString singular(const std::string& plural, const QString& fallback) {
  QString text = QString::fromStdString(plural);
  if (text.isEmpty()) return fallback;
  if (text.endsWith(QLatin1Char('s'))) text.chop(1);
  return text;
}

/// A line that ends in "…" where there is no room for the rest.
class ElidedLabel : public QLabel {
 public:
  using QLabel::QLabel;

 protected:
  void paintEvent(QPaintEvent* /*event*/) override {
    QPainter painter(this);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text(), Qt::ElideRight, width()));
  }
};

}  // namespace

const PhaseInfo* StageContext::phase() const {
  if (strategy == nullptr || !moment || !moment->step) return nullptr;
  const auto index = static_cast<std::size_t>(moment->step->phase);
  return index < strategy->phases.size() ? &strategy->phases[index] : nullptr;
}

QString StageContext::channelName() const {
  return singular(phase() != nullptr ? phase()->moved : std::string(), QObject::tr("channel"));
}

QString StageContext::partitionName() const {
  return singular(phase() != nullptr ? phase()->partition : std::string(),
                  QObject::tr("partition"));
}

StageView::StageView(Stage stage, QWidget* parent)
    : QWidget(parent),
      stage_(stage),
      heading_(new QLabel(nameOf(stage))),
      figures_(new ElidedLabel),
      message_(new QLabel),
      body_(new QWidget),
      stack_(new QStackedLayout) {
  auto* top = new QHBoxLayout;
  top->setSpacing(10);
  top->addWidget(heading_);
  top->addWidget(figures_, 1);
  figures_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  message_->setWordWrap(true);
  message_->setAlignment(Qt::AlignCenter);
  message_->setMargin(12);
  message_->setForegroundRole(QPalette::PlaceholderText);
  stack_->addWidget(body_);
  stack_->addWidget(message_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);
  layout->setSpacing(2);
  layout->addLayout(top);
  layout->addLayout(stack_, 1);
  setMinimumSize(170, 120);
  setAccessibleName(nameOf(stage));
  setCurrent(false);
}

void StageView::setCurrent(bool current) {
  QFont font = heading_->font();
  font.setBold(current);
  heading_->setFont(font);
  heading_->setText((current ? QStringLiteral("▸ ") : QString()) + nameOf(stage_));
}

void StageView::setMessage(const QString& text) {
  message_->setText(text);
  stack_->setCurrentWidget(text.isEmpty() ? body_ : static_cast<QWidget*>(message_));
  figures_->setVisible(text.isEmpty());
}

QString StageView::message() const {
  return message_->text();
}

void StageView::setFigures(const QString& text) {
  figures_->setText(text);
  figures_->setToolTip(text);
}

QString StageView::figures() const {
  return figures_->text();
}

void StageView::show(const StageContext& context) {
  if (!context.detail) return;  // the last one stays until the next is there
  if (context.detail->error) {
    clear();
    return setMessage(QString::fromStdString(context.detail->error->text()));
  }
  const QString missing = fill(context);
  if (!missing.isEmpty()) clear();
  setMessage(missing);
}

}  // namespace gyro::desktop

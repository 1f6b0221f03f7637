#include "app/desktop/shell/status_line.hpp"

namespace gyro::desktop {
namespace {

constexpr int kToldMs = 10000;

}  // namespace

StatusLine::StatusLine(QWidget* parent) : QLabel(parent) {
  setTextFormat(Qt::PlainText);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  told_timer_.setSingleShot(true);
  told_timer_.setInterval(kToldMs);
  connect(&told_timer_, &QTimer::timeout, this, [this] {
    told_.clear();
    refresh();
  });
}

void StatusLine::setReadout(const QString& text) {
  readout_ = text;
  refresh();
}

void StatusLine::tell(const QString& text) {
  told_ = text;
  told_timer_.start();
  refresh();
}

void StatusLine::setTip(const QString& text) {
  tip_ = text;
  refresh();
}

void StatusLine::refresh() {
  setText(!tip_.isEmpty() ? tip_ : !told_.isEmpty() ? told_ : readout_);
}

}  // namespace gyro::desktop

#include "app/desktop/stepper/transport.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QStyle>
#include <QToolButton>
#include <algorithm>
#include <limits>

namespace gyro::desktop {
namespace {

QIcon iconOf(const QString& name, const QWidget* widget) {
  static const QHash<QString, QStyle::StandardPixmap> fallbacks{
      {"media-skip-backward", QStyle::SP_MediaSkipBackward},
      {"media-seek-backward", QStyle::SP_MediaSeekBackward},
      {"media-playback-start", QStyle::SP_MediaPlay},
      {"media-playback-pause", QStyle::SP_MediaPause},
      {"media-seek-forward", QStyle::SP_MediaSeekForward},
      {"media-skip-forward", QStyle::SP_MediaSkipForward},
      {"go-next", QStyle::SP_ArrowForward},
      {"go-previous", QStyle::SP_ArrowBack}};
  if (name.isEmpty()) return {};
  return QIcon::fromTheme(name, widget->style()->standardIcon(fallbacks.value(name)));
}

int asInt(std::size_t value) {
  return static_cast<int>(std::min<std::size_t>(value, std::numeric_limits<int>::max()));
}

}  // namespace

Transport::Transport(StepPlayer* player, QWidget* scope, QWidget* parent)
    : QWidget(parent),
      player_(player),
      scope_(scope),
      slider_(new QSlider(Qt::Horizontal)),
      number_(new QSpinBox),
      count_(new QLabel),
      speed_(new QComboBox) {
  makeActions();
  makeBar();
  connect(slider_, &QSlider::valueChanged, this,
          [this](int value) { player_->seek(static_cast<std::size_t>(value)); });
  connect(number_, &QSpinBox::valueChanged, this,
          [this](int value) { player_->seek(static_cast<std::size_t>(value)); });
  connect(speed_, &QComboBox::currentIndexChanged, this,
          [this] { player_->setSpeed(speed_->currentData().toDouble()); });
  for (const auto signal : {&StepPlayer::traceChanged, &StepPlayer::grew, &StepPlayer::moved,
                            &StepPlayer::playingChanged}) {
    connect(player_, signal, this, &Transport::refresh);
  }
  player_->setSpeed(speed_->currentData().toDouble());
  refresh();
}

QAction* Transport::add(const QString& text, const QString& icon, const QKeySequence& key,
                        std::function<void()> run) {
  auto* action = new QAction(iconOf(icon, this), text, this);
  action->setShortcut(key);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  action->setToolTip(
      key.isEmpty() ? text
                    : QStringLiteral("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText)));
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  scope_->addAction(action);
  return action;
}

void Transport::makeActions() {
  const auto jump = [this](Landmark landmark, int direction) {
    return [this, landmark, direction] { player_->toLandmark(landmark, direction); };
  };
  auto* p = player_;
  actions_.first = add(tr("First step"), "media-skip-backward", Qt::Key_Home, [p] { p->first(); });
  actions_.back = add(tr("Step back"), "media-seek-backward", Qt::Key_Left, [p] { p->back(); });
  actions_.play = add(tr("Play"), "media-playback-start", Qt::Key_Space, [p] { p->togglePlay(); });
  actions_.play->setCheckable(true);
  actions_.forward =
      add(tr("Step forward"), "media-seek-forward", Qt::Key_Right, [p] { p->forward(); });
  actions_.last = add(tr("Last step"), "media-skip-forward", Qt::Key_End, [p] { p->last(); });
  actions_.previousStage = add(tr("Previous part of the step"), "go-previous", Qt::Key_Comma,
                               [p] { p->previousStage(); });
  actions_.nextStage = add(tr("Next part of the step: sample, cluster, assign, judge"), "go-next",
                           Qt::Key_Period, [p] { p->nextStage(); });
  actions_.nextAccepted =
      add(tr("To the next accepted move"), {}, Qt::Key_N, jump(Landmark::AcceptedMove, 1));
  actions_.previousAccepted =
      add(tr("To the previous accepted move"), {}, Qt::Key_P, jump(Landmark::AcceptedMove, -1));
  actions_.nextPhase = add(tr("To the next phase"), {}, Qt::Key_PageDown, jump(Landmark::Phase, 1));
  actions_.previousPhase =
      add(tr("To the previous phase"), {}, Qt::Key_PageUp, jump(Landmark::Phase, -1));
  actions_.nextTile = add(tr("To the next tile"), {}, QKeySequence(Qt::SHIFT | Qt::Key_PageDown),
                          jump(Landmark::Tile, 1));
  actions_.previousTile = add(tr("To the previous tile"), {},
                              QKeySequence(Qt::SHIFT | Qt::Key_PageUp), jump(Landmark::Tile, -1));
}

QToolButton* Transport::jumpMenu() {
  auto* button = new QToolButton;
  button->setText(tr("Jump"));
  button->setToolTip(tr("To the next or previous accepted move, phase or tile"));
  button->setPopupMode(QToolButton::InstantPopup);
  button->setAutoRaise(true);
  auto* menu = new QMenu(button);
  menu->addActions({actions_.nextAccepted, actions_.previousAccepted});
  menu->addSeparator();
  menu->addActions({actions_.nextPhase, actions_.previousPhase});
  menu->addSeparator();
  menu->addActions({actions_.nextTile, actions_.previousTile});
  button->setMenu(menu);
  return button;
}

void Transport::makeBar() {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);
  layout->setSpacing(2);
  for (auto* action : {actions_.first, actions_.back, actions_.play, actions_.forward,
                       actions_.last, actions_.previousStage, actions_.nextStage}) {
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    layout->addWidget(button);
    if (action == actions_.last) layout->addSpacing(8);
  }
  layout->addWidget(jumpMenu());
  slider_->setAccessibleName(tr("Step of the search"));
  slider_->setMinimumWidth(120);
  layout->addWidget(slider_, 1);
  number_->setAccessibleName(tr("Step number"));
  number_->setKeyboardTracking(false);
  number_->setButtonSymbols(QAbstractSpinBox::NoButtons);
  number_->setAlignment(Qt::AlignRight);
  layout->addWidget(number_);
  layout->addWidget(count_);
  for (const double rate : {1.0, 3.0, 10.0, 30.0, 100.0, 1000.0, 10000.0}) {
    speed_->addItem(tr("%1 steps/s").arg(rate), rate);
  }
  speed_->setCurrentIndex(2);
  speed_->setToolTip(tr("Speed of playing"));
  speed_->setAccessibleName(tr("Speed of playing"));
  layout->addWidget(speed_);
}

void Transport::addTool(QWidget* tool) {
  layout()->addWidget(tool);
}

void Transport::refresh() {
  const int size = asInt(player_->size());
  const Cursor cursor = player_->cursor();
  const QSignalBlocker quietSlider(slider_);
  const QSignalBlocker quietNumber(number_);
  slider_->setRange(0, size);
  slider_->setPageStep(std::max(1, size / 20));
  slider_->setValue(asInt(cursor.position));
  number_->setRange(0, size);
  if (!number_->hasFocus() || !player_->playing()) {
    number_->setValue(asInt(cursor.position));
  }
  count_->setText(tr("of %1").arg(size));
  const bool live = player_->isLive();
  const bool any = player_->trace() != nullptr;
  const bool atEnd = cursor.position >= player_->size();
  for (auto* action : {actions_.first, actions_.back, actions_.previousStage}) {
    action->setEnabled(any && (cursor.position > 0 || cursor.stage != Stage::Outcome));
  }
  for (auto* action : {actions_.forward, actions_.nextStage}) {
    action->setEnabled(live || (any && !atEnd));
  }
  actions_.last->setEnabled(any && (live || !atEnd));
  actions_.play->setEnabled(live || (any && size > 0));
  const bool playing = player_->playing();
  actions_.play->setChecked(playing);
  actions_.play->setIcon(iconOf(playing ? "media-playback-pause" : "media-playback-start", this));
  actions_.play->setText(live ? (playing ? tr("Hold the search") : tr("Let the search go on"))
                              : (playing ? tr("Pause") : tr("Play")));
  actions_.play->setToolTip(QStringLiteral("%1 (Space)").arg(actions_.play->text()));
  for (QWidget* widget : std::initializer_list<QWidget*>{slider_, number_}) {
    widget->setEnabled(any && size > 0);
  }
  speed_->setEnabled(!live);
}

}  // namespace gyro::desktop

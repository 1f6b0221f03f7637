#include "app/desktop/compare/mode_bar.hpp"

#include <QAction>
#include <QActionGroup>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QToolButton>

namespace gyro::desktop {
namespace {

constexpr double kFirstRate = 2;  // changes a second
constexpr double kLowestRate = 0.5;
constexpr double kHighestRate = 10;

struct ModeText {
  const char* id;
  const char* text;
  const char* tip;
  CompareMode mode;
  Qt::Key key;
};

constexpr ModeText kModes[] = {
    {"grid", "Grid", "All side by side", CompareMode::Grid, Qt::Key_G},
    {"only-a", "Only", "Only A", CompareMode::OnlyA, Qt::Key_A},
    {"only-b", "Only", "Only B", CompareMode::OnlyB, Qt::Key_B},
    {"split", "Split", "A left and B right of a divider", CompareMode::Split, Qt::Key_S},
    {"flicker", "Flicker", "A and B by turns in one place", CompareMode::Flicker, Qt::Key_K},
    {"difference", "Difference", "Where the masks differ", CompareMode::Difference, Qt::Key_D},
};

}  // namespace

ModeBar::ModeBar(QWidget* parent)
    : QFrame(parent), group_(new QActionGroup(this)), rate_(new QDoubleSpinBox) {
  setFrameShape(QFrame::StyledPanel);
  setAccessibleName(tr("How runs are laid out"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->setSpacing(0);
  for (const auto& mode : kModes) {
    const QString letter = QKeySequence(mode.key).toString();
    auto* action = new QAction(tr(mode.tip), group_);
    action->setIconText(QStringLiteral("%1 %2").arg(tr(mode.text), letter));
    action->setToolTip(QStringLiteral("%1 (%2)").arg(tr(mode.tip), letter));
    action->setShortcut(mode.key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setCheckable(true);
    action->setData(static_cast<int>(mode.mode));
    action->setChecked(mode.mode == CompareMode::Grid);
    connect(action, &QAction::triggered, this,
            [this, which = mode.mode] { emit modeChosen(which); });
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setAccessibleName(action->text());
    layout->addWidget(button);
    named_.append({QLatin1String(mode.id), action});
  }
  rate_->setRange(kLowestRate, kHighestRate);
  rate_->setValue(kFirstRate);
  rate_->setDecimals(1);
  rate_->setSingleStep(kLowestRate);
  rate_->setSuffix(tr(" /s"));
  rate_->setAccessibleName(tr("Changes a second"));
  rate_->setToolTip(tr("How often A and B change places while they flicker"));
  rate_->setVisible(false);
  layout->addWidget(rate_);
  connect(rate_, &QDoubleSpinBox::valueChanged, this, &ModeBar::rateChanged);
}

void ModeBar::setMode(CompareMode mode) {
  for (auto* action : group_->actions()) {
    if (action->data().toInt() == static_cast<int>(mode)) action->setChecked(true);
  }
  rate_->setVisible(mode == CompareMode::Flicker);
}

}  // namespace gyro::desktop

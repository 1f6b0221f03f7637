#include "app/desktop/shell/actions.hpp"

#include <QIcon>
#include <QMenu>
#include <QWidget>
#include <utility>

namespace gyro::desktop {

ActionRegistry::ActionRegistry(QWidget* window) : QObject(window), window_(window) {}

QAction* ActionRegistry::add(const Spec& spec, std::function<void()> run) {
  auto* const action = new QAction(spec.text, this);
  action->setShortcut(spec.shortcut);
  if (!spec.tip.isEmpty()) action->setStatusTip(spec.tip);
  QString tip = spec.tip.isEmpty() ? QString(spec.text).remove(QLatin1Char('&')) : spec.tip;
  if (!spec.shortcut.isEmpty()) {
    tip += QStringLiteral(" (%1)").arg(spec.shortcut.toString(QKeySequence::NativeText));
  }
  action->setToolTip(tip);
  if (!spec.icon.isEmpty()) {
    icons_.insert(action, spec.icon);
    action->setIcon(QIcon::fromTheme(spec.icon));
  }
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  window_->addAction(action);
  return adopt(spec.id, action);
}

QAction* ActionRegistry::adopt(const QString& id, QAction* action) {
  action->setObjectName(id);
  by_id_.insert(id, action);
  all_.append(action);
  return action;
}

void ActionRegistry::fill(QMenu* menu, const QStringList& ids) const {
  for (const auto& id : ids) {
    if (id == QLatin1String("-")) {
      menu->addSeparator();
    } else if (QAction* action = by_id_.value(id)) {
      menu->addAction(action);
    }
  }
}

void ActionRegistry::refreshIcons() {
  for (auto it = icons_.cbegin(); it != icons_.cend(); ++it) {
    it.key()->setIcon(QIcon::fromTheme(it.value()));
  }
}

QString ActionRegistry::shortcutsAsHtml() const {
  QString rows;
  for (QAction* action : all_) {
    const QString keys = QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText);
    if (keys.isEmpty()) continue;
    rows += QStringLiteral("<tr><td style='padding-right:24px'>%1</td><td>%2</td></tr>")
                .arg(QString(action->text()).remove(QLatin1Char('&')).toHtmlEscaped(),
                     keys.toHtmlEscaped());
  }
  return QStringLiteral("<table cellspacing='4'>%1</table>").arg(rows);
}

}  // namespace gyro::desktop

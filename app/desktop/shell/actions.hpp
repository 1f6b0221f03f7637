#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QObject>
#include <QString>
#include <functional>

class QMenu;

namespace gyro::desktop {

/// Every action of the window by a stable id, in the order it was added: menus, toolbar and the
/// shortcut page are fed from here, and nowhere else are actions made.
class ActionRegistry : public QObject {
  Q_OBJECT
 public:
  explicit ActionRegistry(QWidget* window);

  struct Spec {
    QString id;    ///< "file.open"; the part before the point is the menu
    QString text;  ///< with mnemonic
    QString icon;  ///< a name of the freedesktop icon set; empty: none
    QKeySequence shortcut;
    QString tip;
  };
  QAction* add(const Spec& spec, std::function<void()> run);
  /// Takes over an action that a widget owns (a view's "fit").
  QAction* adopt(const QString& id, QAction* action);

  [[nodiscard]] QAction* operator[](const QString& id) const { return by_id_.value(id); }
  [[nodiscard]] const QList<QAction*>& all() const { return all_; }
  [[nodiscard]] QString idOf(QAction* action) const { return by_id_.key(action); }
  /// Fills a menu with ids; "-" is a separator.
  void fill(QMenu* menu, const QStringList& ids) const;
  /// Icons anew, after the palette changed from light to dark or back.
  void refreshIcons();
  /// Two columns, what and keys, of every action that has keys.
  [[nodiscard]] QString shortcutsAsHtml() const;

 private:
  QWidget* window_;
  QList<QAction*> all_;
  QHash<QString, QAction*> by_id_;
  QHash<QAction*, QString> icons_;
};

}  // namespace gyro::desktop

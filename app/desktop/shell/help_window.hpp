#pragma once

#include <QDialog>

class QListWidget;
class QTextBrowser;

namespace gyro::desktop {

/// The help pages of resources/help, beside a list of their titles.
class HelpWindow : public QDialog {
  Q_OBJECT
 public:
  explicit HelpWindow(QWidget* parent = nullptr);

  /// Shows a page by its name without suffix ("hinm").
  void showPage(const QString& name);
  /// The page that the window writes itself: every action with its keys.
  void setShortcuts(const QString& html);
  [[nodiscard]] QTextBrowser* browser() const { return browser_; }
  [[nodiscard]] QListWidget* contents() const { return contents_; }

 private:
  void showRow(int row);

  QListWidget* contents_;
  QTextBrowser* browser_;
  QString shortcuts_;
};

}  // namespace gyro::desktop

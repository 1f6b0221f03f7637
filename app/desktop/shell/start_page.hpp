#pragma once

#include <QWidget>

class QListWidget;
class QLabel;
class QPushButton;

namespace gyro::desktop {

/// What the window shows before a file is open: open, the sample, recent files, where to drop.
class StartPage : public QWidget {
  Q_OBJECT
 public:
  explicit StartPage(QWidget* parent = nullptr);
  void refresh();  ///< reads the recent files anew
  [[nodiscard]] QPushButton* sampleButton() const { return sample_; }
  [[nodiscard]] QListWidget* recent() const { return recent_; }

 signals:
  void openWanted();
  void folderWanted();
  void sampleWanted();
  void fileWanted(const QString& path);

 private:
  QPushButton* open_;
  QPushButton* folder_;
  QPushButton* sample_;
  QLabel* recent_title_;
  QListWidget* recent_;
};

}  // namespace gyro::desktop

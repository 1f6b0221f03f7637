#pragma once

#include <QPixmap>
#include <QString>
#include <functional>
#include <optional>

#include "core/base/result.hpp"

namespace gyro::desktop {

class MainWindow;

/// The whole path with the window's own widgets: open, look, run, step, compare, export, read back.
/// Leaves numbered pictures of the window and the permutation file in a folder. Also works without
/// a display (QT_QPA_PLATFORM=offscreen).
class Tour {
 public:
  struct Options {
    QString file;    ///< empty: the sample
    QString layer;   ///< empty: the first that the settings fit
    QString folder;  ///< made if it does not exist
  };

  /// `say` hears one line for every thing that was written or done.
  Tour(MainWindow& window, Options options, std::function<void(const QString&)> say);
  [[nodiscard]] Status run();

 private:
  [[nodiscard]] Status open();
  [[nodiscard]] Status look();
  [[nodiscard]] Status search();
  [[nodiscard]] Status step();
  [[nodiscard]] Status compare();
  [[nodiscard]] Status exportAndReload();
  [[nodiscard]] Status picture(const QString& name);  ///< of the window, once it is drawn
  [[nodiscard]] Status save(const QPixmap& picture, const QString& name);
  /// Lets the window work until `ready`; fails after a while or when an error arrives.
  [[nodiscard]] Status until(const QString& what, const std::function<bool()>& ready);
  [[nodiscard]] QString fittingLayer() const;

  MainWindow& window_;
  Options options_;
  std::function<void(const QString&)> say_;
  std::optional<Error> error_;
  int pictures_ = 0;
};

}  // namespace gyro::desktop

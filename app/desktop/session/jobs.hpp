#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"

namespace gyro::desktop {

/// Long work off the window's thread, newest wins: starting a job in a slot ("open", "layer",
/// "problem", "search") cancels the one before it there, whose result is then dropped.
class Jobs : public QObject {
  Q_OBJECT
 public:
  explicit Jobs(QObject* parent = nullptr);
  ~Jobs() override;  ///< cancels all and waits for them

  /// Runs `work` on another thread and hands what it returned to `done` on this one, unless a newer
  /// job took the slot meanwhile. `work` gets the job's Progress and must heed its cancel.
  template <class T>
  void start(const QString& slot, const QString& title, std::function<T(Progress&)> work,
             std::function<void(T)> done, std::shared_ptr<Progress> progress = nullptr) {
    auto box = std::make_shared<std::optional<T>>();
    launch(
        slot, title, [work = std::move(work), box](Progress& p) { box->emplace(work(p)); },
        [done = std::move(done), box] { done(std::move(**box)); }, std::move(progress));
  }

  /// Asks the job in the slot to stop; what it returns still arrives (the best so far).
  void cancel(const QString& slot);
  /// Asks the job in the slot to stop and drops what it returns.
  void drop(const QString& slot);
  [[nodiscard]] bool busy(const QString& slot) const;

  struct Active {
    QString slot;
    QString title;
    std::shared_ptr<Progress> progress;
  };
  /// The running jobs, newest last, for the status bar.
  [[nodiscard]] QList<Active> active() const;

 signals:
  void changed();  ///< a job began or ended
  /// Work threw (out of memory): its `done` is not called.
  void crashed(const gyro::Error& error);

 private:
  void launch(const QString& slot, const QString& title, std::function<void(Progress&)> work,
              std::function<void()> done, std::shared_ptr<Progress> progress);
  void finish(int ticket, const std::function<void()>& done, const std::optional<Error>& error);

  struct Private;
  std::unique_ptr<Private> d_;
};

}  // namespace gyro::desktop

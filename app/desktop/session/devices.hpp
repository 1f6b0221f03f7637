#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <memory>
#include <optional>

#include "app/desktop/session/jobs.hpp"
#include "app/desktop/session/runner.hpp"
#include "core/device/device_info.hpp"

namespace gyro::desktop {

/// Which device searches and errors are computed on, and which there are: the CPU in this program,
/// the devices that a local worker finds, and those of a worker that a command starts elsewhere.
/// Workers are started when they are first needed, here to list what there is.
class Devices : public QObject {
  Q_OBJECT
 public:
  explicit Devices(Jobs* jobs, QObject* parent = nullptr);
  ~Devices() override;

  static constexpr auto kCpu = "cpu";

  /// What one worker has, or why that is not known.
  struct Place {
    std::vector<DeviceInfo> devices;  ///< empty: not asked yet, or `error`
    std::optional<Error> error;
    bool asking = false;
  };
  [[nodiscard]] const Place& here() const { return here_; }
  [[nodiscard]] const Place& elsewhere() const { return elsewhere_; }

  /// kCpu, or as remote::parse_worker() reads it: "worker:#cuda:0", "worker:ssh host …#cuda:0".
  [[nodiscard]] QString chosen() const { return chosen_; }
  [[nodiscard]] QString chosenName() const { return name_; }  ///< for people: "NVIDIA H200"
  [[nodiscard]] QString command() const { return command_; }  ///< of the worker elsewhere, or empty
  [[nodiscard]] bool cpuWhenLost() const { return cpu_when_lost_; }
  /// The chosen device for a job that starts now.
  [[nodiscard]] Runner runner() const;

  [[nodiscard]] static QString idHere(const DeviceInfo& device);
  [[nodiscard]] QString idElsewhere(const DeviceInfo& device) const;

  /// Reads the choice from the settings, and writes it there whenever it changes.
  void remember();

 public slots:
  void choose(const QString& id, const QString& name);
  /// A command line that starts a worker; empty: none. A device of the one before is given up.
  void setCommand(const QString& command);
  void setCpuWhenLost(bool on);
  void refresh();  ///< asks the workers what they have now

 signals:
  void changed();  ///< anything of the above

 private:
  void ask(Place& place, const QString& slot, const std::shared_ptr<remote::WorkerClient>& worker);
  void save();

  Jobs* jobs_;
  std::shared_ptr<remote::WorkerClient> worker_here_;
  std::shared_ptr<remote::WorkerClient> worker_elsewhere_;  ///< null: no command
  Place here_;
  Place elsewhere_;
  QString chosen_ = QString::fromLatin1(kCpu);
  QString name_;
  QString command_;
  bool cpu_when_lost_ = false;
  bool remembers_ = false;
};

}  // namespace gyro::desktop

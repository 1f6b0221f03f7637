#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QUndoStack>
#include <memory>

#include "app/desktop/session/jobs.hpp"
#include "app/desktop/session/live_search.hpp"
#include "core/io/tensor.hpp"
#include "core/model/layer.hpp"
#include "core/model/problem.hpp"
#include "core/model/run.hpp"

namespace gyro::desktop {

/// A checkpoint that is open: names, shapes and types; its data stays in the file.
struct OpenFile {
  QString path;
  std::shared_ptr<const TensorFile> file;
  LayerList layers;
};
using OpenFilePtr = std::shared_ptr<const OpenFile>;
using ProblemPtr = std::shared_ptr<const Problem>;

/// A finished run in the table, by an id that is never used again.
struct Run {
  int id = 0;
  QString name;  ///< "gyro · seed 1", unique among the runs of a layer
  RunResult result;
};
using RunPtr = std::shared_ptr<const Run>;

/// What a person works on. Changes only through the commands below, each an entry of undoStack()
/// where it changes the document; long ones run as newest-wins jobs and report here when done.
class Session : public QObject {
  Q_OBJECT
 public:
  explicit Session(QObject* parent = nullptr);
  ~Session() override;

  [[nodiscard]] OpenFilePtr file() const { return file_; }         ///< null before the first
  [[nodiscard]] QString layerName() const { return layer_name_; }  ///< empty: none selected
  [[nodiscard]] const ProblemSettings& settings() const { return settings_; }
  [[nodiscard]] NonFinite nonFinite() const { return nonfinite_; }
  [[nodiscard]] ProblemPtr problem() const { return problem_; }  ///< null until it is computed
  /// The weights of the selected layer, also when the settings do not fit it; null until read.
  [[nodiscard]] std::shared_ptr<const Layer> layer() const { return layer_; }
  [[nodiscard]] const QList<RunPtr>& runs() const {
    return runs_;
  }                                        ///< of all layers, oldest first
  [[nodiscard]] RunPtr run(int id) const;  ///< null if there is none
  [[nodiscard]] RunPtr currentRun() const { return run(current_run_); }
  [[nodiscard]] RunPtr baseline() const { return run(baseline_); }
  [[nodiscard]] std::shared_ptr<LiveSearch> live() const { return live_; }  ///< null when none runs

  [[nodiscard]] QUndoStack* undoStack() { return &undo_; }
  [[nodiscard]] Jobs* jobs() { return &jobs_; }

 public slots:
  void openFile(const QString& path);
  void openSample();
  void selectLayer(const QString& name);
  void setSettings(const gyro::ProblemSettings& settings);
  void setNonFinite(gyro::NonFinite nonfinite);
  /// Searches the current problem; a finished run becomes the current one. `paused`: begin held,
  /// so that the phases can be done by hand.
  void startRun(const gyro::RunRequest& request, bool paused = false);
  void stopRun();  ///< cancels the search; its best so far becomes a run
  void setCurrentRun(int id);
  void setBaseline(int id);  ///< −1: none
  void removeRun(int id);
  /// Writes runs to a permutation file, verifies it and reports through exported() or failed().
  void exportRuns(const QList<int>& ids, const QString& path, bool with_weight);

 signals:
  void fileChanged();
  void layerChanged();    ///< name or weights
  void problemChanged();  ///< problem() is new or gone
  void settingsChanged();
  void runsChanged();
  void currentRunChanged();
  void baselineChanged();
  void liveChanged();  ///< a search started or ended
  void exported(const QString& path, const QString& summary);
  void failed(const gyro::Error& error);  ///< for the messages panel and, if modal, a dialog

 private:
  OpenFilePtr file_;
  QString layer_name_;
  std::shared_ptr<const Layer> layer_;
  ProblemSettings settings_;
  NonFinite nonfinite_ = NonFinite::Refuse;
  ProblemPtr problem_;
  QList<RunPtr> runs_;
  int current_run_ = -1;
  int baseline_ = -1;
  int next_run_ = 1;
  std::shared_ptr<LiveSearch> live_;
  Jobs jobs_;
  QUndoStack undo_;
};

}  // namespace gyro::desktop

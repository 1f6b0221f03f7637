#pragma once

#include <QList>
#include <QMap>
#include <QObject>
#include <QSet>
#include <QString>
#include <QUndoStack>
#include <memory>
#include <optional>

#include "app/desktop/session/devices.hpp"
#include "app/desktop/session/jobs.hpp"
#include "app/desktop/session/live_search.hpp"
#include "core/io/tensor.hpp"
#include "core/model/hand_move.hpp"
#include "core/model/layer.hpp"
#include "core/model/measures.hpp"
#include "core/model/problem.hpp"
#include "core/model/run.hpp"

namespace gyro::desktop {

struct BatchPlan;
class BatchProgress;
class PruningErrors;

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

/// A step of a run that a person wants to find again.
struct Bookmark {
  int position = 0;  ///< as in Replay
  QString name;      ///< may be empty

  bool operator==(const Bookmark&) const = default;
};

/// What a person marked in the steps of a run.
struct StepMarks {
  QList<Bookmark> bookmarks;  ///< by position, each once
  int range_first = -1;       ///< positions between which to play; −1: not set
  int range_last = -1;

  [[nodiscard]] bool empty() const {
    return bookmarks.isEmpty() && range_first < 0 && range_last < 0;
  }
  bool operator==(const StepMarks&) const = default;
};

/// All that a person's work consists of: a value, cheap to copy. Commands hold one before and one
/// after, so that undo is exact whatever changed.
struct Document {
  OpenFilePtr file;
  QString layer_name;
  ProblemSettings settings;
  NonFinite nonfinite = NonFinite::Refuse;
  QList<RunPtr> runs;  ///< of all layers, oldest first
  int current_run = -1;
  int baseline = -1;
  QMap<int, StepMarks> marks;  ///< by run id; runs without any are left out

  bool operator==(const Document&) const = default;
  [[nodiscard]] RunPtr run(int id) const;           ///< null if there is none
  [[nodiscard]] QList<RunPtr> runsOfLayer() const;  ///< of layer_name
};

/// What a person works on. Changes only through the commands below, each an entry of undoStack()
/// where it changes the document; long ones run as newest-wins jobs and report here when done.
class Session : public QObject {
  Q_OBJECT
 public:
  explicit Session(QObject* parent = nullptr);
  ~Session() override;

  [[nodiscard]] const Document& document() const { return doc_; }
  [[nodiscard]] OpenFilePtr file() const { return doc_.file; }         ///< null before the first
  [[nodiscard]] QString layerName() const { return doc_.layer_name; }  ///< empty: none selected
  [[nodiscard]] const ProblemSettings& settings() const { return doc_.settings; }
  [[nodiscard]] NonFinite nonFinite() const { return doc_.nonfinite; }
  [[nodiscard]] ProblemPtr problem() const { return problem_; }  ///< null until it is computed
  /// Why there is no problem although a layer is selected: its data or the settings do not work.
  [[nodiscard]] const std::optional<Error>& problemError() const { return problem_error_; }
  /// What no permutation at all keeps of the current problem; null until it is computed.
  [[nodiscard]] std::shared_ptr<const RunResult> identity() const { return identity_; }
  /// The weights of the selected layer, also when the settings do not fit it; null until read.
  [[nodiscard]] std::shared_ptr<const Layer> layer() const { return layer_; }
  [[nodiscard]] const QList<RunPtr>& runs() const { return doc_.runs; }
  [[nodiscard]] RunPtr run(int id) const { return doc_.run(id); }  ///< null if there is none
  [[nodiscard]] RunPtr currentRun() const { return run(doc_.current_run); }
  [[nodiscard]] RunPtr baseline() const { return run(doc_.baseline); }
  [[nodiscard]] StepMarks marks(int run) const { return doc_.marks.value(run); }
  /// The reference masks of the current problem as runs with ids below kReference; empty until
  /// wantReferences() was called and they are made.
  [[nodiscard]] const QList<RunPtr>& references() const { return references_; }
  [[nodiscard]] RunPtr reference(int id) const;  ///< null: not made, or not of this shape
  static constexpr int kReference = -100;        ///< the id of the first; the next has one less
  [[nodiscard]] std::shared_ptr<LiveSearch> live() const { return live_; }  ///< null when none runs

  /// Changes a permutation by hand. A run that was made by hand is replaced by what it becomes;
  /// any other (`id` −1: none) is left and a new run begun. Every move is an entry of the undo
  /// stack. Returns what the new run retains.
  Result<double> moveByHand(const RunResult& base, int id, const HandMove& move);

  [[nodiscard]] QUndoStack* undoStack() { return &undo_; }
  [[nodiscard]] Jobs* jobs() { return &jobs_; }
  [[nodiscard]] Devices* devices() { return &devices_; }
  [[nodiscard]] PruningErrors* pruningErrors() const { return pruning_errors_; }

 public slots:
  /// Opens a checkpoint, or a folder's first one. A permutation file is read into the open
  /// checkpoint as runs. On failure the document stays as it was.
  void openFile(const QString& path);
  void openSample();
  void selectLayer(const QString& name);
  void setSettings(const gyro::ProblemSettings& settings);
  void setNonFinite(gyro::NonFinite nonfinite);
  /// Searches the current problem; a finished run becomes the current one. `paused`: begin held,
  /// so that the phases can be done by hand; `origin` goes into the run's name.
  void startRun(const gyro::RunRequest& request, bool paused = false, const QString& origin = {});
  /// Searches again on the CPU what was lost with its worker: after searchLost().
  void searchOnCpu();
  void searchAgain();  ///< the same on the chosen device
  void stopRun();      ///< cancels the search; its best so far becomes a run
  /// Does all searches of a plan on the current settings as one job, and adds their runs as one
  /// entry of the undo stack. `seen`: how far it is.
  void startBatch(const gyro::desktop::BatchPlan& plan,
                  const std::shared_ptr<gyro::desktop::BatchProgress>& seen);
  void stopBatch();  ///< cancels the batch; the runs that had ended are kept
  /// Runs the request once for every saliency that the layer has data for, as one job.
  void startForMeasures(const gyro::RunRequest& request);
  void setMarks(int run, const gyro::desktop::StepMarks& marks, const QString& text);
  void wantReferences();  ///< keeps references() up to date from now on
  void setCurrentRun(int id);
  void setBaseline(int id);  ///< −1: none
  void removeRun(int id);
  /// Writes runs to a permutation file, verifies it and reports through exported() or failed().
  void exportRuns(const QList<int>& ids, const QString& path, bool with_weight);
  /// Searched here and in no file yet, the identity left out.
  [[nodiscard]] QList<RunPtr> unwrittenRuns() const;
  /// Reads a permutation file, checks every record against the open checkpoint and adds the runs.
  void importRuns(const QString& path);

 signals:
  void fileChanged();
  void layerChanged();    ///< name or weights
  void problemChanged();  ///< problem() is new or gone, or problemError() changed
  void identityChanged();
  void settingsChanged();
  void runsChanged();
  void currentRunChanged();
  void baselineChanged();
  void marksChanged();
  void referencesChanged();
  void liveChanged();  ///< a search started or ended
  /// A search ended because its worker did; searchOnCpu() or searchAgain() begins it anew.
  void searchLost(const gyro::Error& error);
  void noted(const QString& text);  ///< something that a person should know, no failure
  void batchEnded(int runs);        ///< startBatch() is over and brought so many
  void exported(const QString& path, const QString& summary);
  void failed(const gyro::Error& error);  ///< for the messages panel and the error bar

 public:
  void report(const Error& error);  ///< failed(), unless a person cancelled

 private:
  friend class DocumentCommand;
  void change(const QString& text, Document after);
  void apply(const Document& to);
  void acceptFile(const OpenFilePtr& file);
  void loadLayer();
  void computeProblem();
  void judgeIdentity();
  void clearProblem();
  void addRuns(const QString& text, const QList<RunPtr>& runs);
  [[nodiscard]] QString freeName(const QString& base, const QString& layer,
                                 const QList<RunPtr>& beside) const;
  [[nodiscard]] RunPtr makeRun(RunResult result, const QList<RunPtr>& beside,
                               const QString& origin = {});
  /// A search and, once its worker was lost, why.
  struct LostSearch {
    RunRequest request;
    bool paused = false;
    QString origin;
    Error error;
  };
  void startRunOn(const Runner& runner, const RunRequest& request, bool paused,
                  const QString& origin);
  void loseSearch(const LostSearch& search, const Error& error, const Error& told);
  void finishSearch(Result<RunResult> result, const QString& origin);
  void makeReferences();
  void completeRuns();
  void replaceSilently(const RunPtr& old, const RunPtr& now);

  Document doc_;
  QSet<int> in_files_;  ///< runs that were exported, or read
  std::shared_ptr<const Layer> layer_;
  ProblemPtr problem_;
  std::shared_ptr<const RunResult> identity_;
  std::optional<Error> problem_error_;
  int next_run_ = 1;
  std::shared_ptr<LiveSearch> live_;
  std::optional<LostSearch> lost_;  ///< the last one
  QList<RunPtr> references_;
  bool references_wanted_ = false;
  RunPtr completing_;
  QList<RunPtr> incomplete_;  ///< runs whose bounds a person did not wait for
  QUndoStack undo_;
  Jobs jobs_;
  Devices devices_{&jobs_};
  PruningErrors* pruning_errors_;
};

}  // namespace gyro::desktop

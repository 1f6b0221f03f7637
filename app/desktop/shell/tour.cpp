#include "app/desktop/shell/tour.hpp"

#include <QAction>
#include <QBuffer>
#include <QCheckBox>
#include <QCoreApplication>
#include <QDir>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPushButton>
#include <QThread>
#include <QTreeView>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/desktop/export/export_dialog.hpp"
#include "app/desktop/layers/layers_model.hpp"
#include "app/desktop/layers/layers_panel.hpp"
#include "app/desktop/problem/strategy_panel.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "app/desktop/shell/pane_grid.hpp"
#include "app/desktop/shell/start_page.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"
#include "core/base/advice.hpp"
#include "core/io/safe_write.hpp"

namespace gyro::desktop {
namespace {

constexpr int kPatienceMs = 300'000;
constexpr int kSliceMs = 20;
constexpr int kSettleMs = 400;

Error failure(const QString& what) {
  return {ErrorCode::Internal, what.toStdString(), "tour", advice::kDefect};
}

/// Works off events for a moment, so that pictures are built and painted.
void settle(int ms = kSettleMs) {
  QElapsedTimer timer;
  timer.start();
  while (timer.elapsed() < ms) {
    QCoreApplication::processEvents(QEventLoop::AllEvents, kSliceMs);
    QThread::msleep(2);
  }
}

}  // namespace

Tour::Tour(MainWindow& window, Options options, std::function<void(const QString&)> say)
    : window_(window), options_(std::move(options)), say_(std::move(say)) {}

Status Tour::run() {
  std::error_code error;
  std::filesystem::create_directories(options_.folder.toStdString(), error);
  if (error) {
    return fail(ErrorCode::WriteFailed, "the folder cannot be made: " + error.message(),
                options_.folder.toStdString(), "Choose a folder that you may write to.");
  }
  const auto heard = QObject::connect(window_.session(), &Session::failed, &window_,
                                      [this](const Error& error) { error_ = error; });
  Status status;
  for (auto part : {&Tour::open, &Tour::look, &Tour::search, &Tour::step, &Tour::compare,
                    &Tour::exportAndReload}) {
    status = (this->*part)();
    if (!status) break;
  }
  QObject::disconnect(heard);
  return status;
}

Status Tour::until(const QString& what, const std::function<bool()>& ready) {
  QElapsedTimer timer;
  timer.start();
  while (!ready()) {
    if (error_) return fail(*error_);
    if (timer.elapsed() > kPatienceMs) {
      return fail(ErrorCode::Unavailable, (what + " took too long").toStdString(), "tour",
                  "Run it again when the machine has less to do.");
    }
    QCoreApplication::processEvents(QEventLoop::AllEvents, kSliceMs);
    QThread::msleep(2);
  }
  return {};
}

Status Tour::picture(const QString& name) {
  settle();
  const auto building = [this] {
    for (int i = 0; i < window_.panes()->count(); ++i) {
      if (window_.panes()->pane(i)->view()->building()) return true;
    }
    return false;
  };
  GYRO_CHECK(until("drawing", [&] { return !building(); }));
  settle(kSliceMs);
  return save(window_.grab(), name);
}

Status Tour::save(const QPixmap& picture, const QString& name) {
  const QString path =
      QDir(options_.folder)
          .filePath(
              QStringLiteral("%1-%2.png").arg(++pictures_, 2, 10, QLatin1Char('0')).arg(name));
  QBuffer png;
  if (!png.open(QIODevice::WriteOnly) || !picture.save(&png, "PNG")) {
    return fail(failure("a picture cannot be made"));
  }
  const QByteArray& bytes = png.data();
  GYRO_CHECK(replace_file(
      path.toStdString(),
      [&](FileSink& sink) {
        return sink.write(
            std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
      },
      [](const std::string& /*written*/) { return Status(); }));
  say_(path);
  return {};
}

Status Tour::open() {
  GYRO_CHECK(picture("start"));
  if (options_.file.isEmpty()) {
    window_.startPage()->sampleButton()->click();
  } else {
    window_.session()->openFile(options_.file);
  }
  return until("opening", [this] { return window_.session()->file() != nullptr; });
}

QString Tour::fittingLayer() const {
  const ProblemSettings& settings = window_.session()->settings();
  for (const auto& info : window_.session()->file()->layers.layers) {
    const auto shape = matrix_shape(info);
    if (shape && make_shape(shape->rows, shape->cols, settings.vector_size, settings.nm,
                            settings.sparsity)) {
      return toText(info.name);
    }
  }
  return {};
}

Status Tour::look() {
  const QString name = options_.layer.isEmpty() ? fittingLayer() : options_.layer;
  auto* const filter = window_.layers()->model();
  const auto found = filter->match(filter->index(0, 0), LayersModel::TensorRole, name, 1,
                                   Qt::MatchExactly | Qt::MatchRecursive);
  if (name.isEmpty() || found.isEmpty()) {
    return fail(ErrorCode::NotFound, "there is no such layer", name.toStdString(),
                "Give its full name as the window's tree shows it.");
  }
  window_.layers()->tree()->setCurrentIndex(found.first());
  GYRO_CHECK(until("reading", [this] { return window_.session()->identity() != nullptr; }));
  say_(QObject::tr("%1: retained without a permutation %2")
           .arg(name, fractionText(window_.session()->problem()->identity_retained)));
  return picture("weight-and-mask");
}

Status Tour::search() {
  window_.strategy()->setStrategy(QStringLiteral("gyro"));
  window_.strategy()->budget()->setValue(0);  // to its own end: the same on every machine
  window_.strategy()->runButton()->click();
  const auto* const session = window_.session();
  GYRO_CHECK(until("gyro", [=] { return session->currentRun() != nullptr && !session->live(); }));
  say_(QObject::tr("gyro: retained %1")
           .arg(fractionText(session->currentRun()->result.metrics->layer.retained_fraction())));
  window_.panes()->pane(0)->show(PaneKind::KeptWeight, HeatmapOrder::Permuted);
  window_.panes()->pane(1)->show(PaneKind::Mask, HeatmapOrder::Packed);
  return picture("gyro");
}

Status Tour::step() {
  window_.arrange(Arrangement::Step);
  const auto actions = window_.stepper()->transportActions();
  if (actions.size() < 5) return fail(failure("the stepper has no transport"));
  enum { kFirst, kBack, kPlay, kForward };
  settle();
  actions[kFirst]->trigger();
  settle();
  for (int i = 0; i < 6; ++i) {
    actions[kForward]->trigger();
    settle();
  }
  say_(window_.stepper()->sentence());
  GYRO_CHECK(picture("step-forward"));
  actions[kBack]->trigger();
  settle();
  say_(window_.stepper()->sentence());
  return picture("step-back");
}

Status Tour::compare() {
  const auto* const session = window_.session();
  const int gyro = session->currentRun()->id;
  (*window_.actions())["run.identity"]->trigger();
  GYRO_CHECK(until("identity", [=] { return session->runs().size() == 2; }));
  (*window_.actions())["run.baseline"]->trigger();
  window_.session()->setCurrentRun(gyro);
  window_.panes()->pane(0)->show(PaneKind::KeptWeight, HeatmapOrder::Permuted);
  window_.arrange(Arrangement::Compare);
  GYRO_CHECK(picture("compare"));
  window_.arrange(Arrangement::Explore);
  return picture("runs");
}

Status Tour::exportAndReload() {
  const auto* const session = window_.session();
  const double kept = session->currentRun()->result.metrics->layer.retained_fraction();
  const QString path = QDir(options_.folder).absoluteFilePath(QStringLiteral("permutation.h5"));
  ExportDialog* const dialog = window_.openExport();
  dialog->path()->setText(path);
  bool written = false;
  const auto heard = QObject::connect(
      session, &Session::exported, &window_,
      [&written](const QString&, const QString& summary) { written = !summary.isEmpty(); });
  dialog->writeButton()->click();
  const Status exported = until("exporting", [&] { return written; });
  QObject::disconnect(heard);
  GYRO_CHECK(exported);
  say_(dialog->resultText());
  settle();
  GYRO_CHECK(save(dialog->grab(), QStringLiteral("export")));
  dialog->close();
  const auto before = session->runs().size();
  window_.session()->openFile(path);
  GYRO_CHECK(until("reading back", [=] { return session->runs().size() > before; }));
  const double again = session->runs().last()->result.metrics->layer.retained_fraction();
  if (again != kept) return fail(failure("the file keeps another saliency than the run"));
  say_(QObject::tr("read back: retained %1").arg(fractionText(again)));
  return {};
}

}  // namespace gyro::desktop

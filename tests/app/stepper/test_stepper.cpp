#include <QAction>
#include <QInputDialog>
#include <QLineEdit>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QTimer>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/stepper/assignment_view.hpp"
#include "app/desktop/stepper/clustering_view.hpp"
#include "app/desktop/stepper/objective_curve.hpp"
#include "app/desktop/stepper/projection_plot.hpp"
#include "app/desktop/stepper/sampling_view.hpp"
#include "app/desktop/stepper/step_player.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"
#include "app/desktop/stepper/transport.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/app/stepper/small_session.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestStepper : public QObject {
  Q_OBJECT

  std::unique_ptr<testing::SmallSession> small_;
  std::unique_ptr<StepperPanel> panel_;

  Session& session() { return small_->session; }
  StepPlayer& player() { return *panel_->player(); }

  bool shows(std::size_t position, Stage stage = Stage::Outcome) {
    return QTest::qWaitFor(
        [&] {
          return panel_->moment() && panel_->moment()->cursor == Cursor{position, stage} &&
                 (!panel_->moment()->step || panel_->detail());
        },
        20000);
  }

  void grabAs(const QString& name) {
    const QString folder = qEnvironmentVariable("GYRO_GRABS");
    if (folder.isEmpty()) return;
    QTest::qWait(300);
    panel_->grab().save(QDir(folder).filePath(name));
  }

 private slots:
  void init() {
    small_ = std::make_unique<testing::SmallSession>();
    panel_ = std::make_unique<StepperPanel>(&session());
    panel_->resize(1360, 420);
    panel_->show();
    QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
    panel_->activateWindow();
    panel_->setFocus();
  }

  void cleanup() {
    session().stopRun();
    QVERIFY(QTest::qWaitFor([&] { return !session().live(); }, 20000));
    panel_.reset();
    small_.reset();
  }

  void emptySaysWhatFillsIt() {
    QVERIFY(panel_->sentence().contains("Open a checkpoint"));
    QVERIFY(!panel_->samplingView()->message().isEmpty());
    for (const auto* action : panel_->transportActions()) QVERIFY(!action->isEnabled());
    QVERIFY(small_->open());
    QVERIFY(small_->run("identity"));
    QVERIFY(panel_->sentence().contains("no steps"));
    grabAs("stepper-empty.png");
  }

  void keysStepAndStatesAreThoseOfAReplay() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const auto trace = session().currentRun()->result.trace;
    const std::size_t size = trace->steps.size();
    QVERIFY(size > 20);
    QVERIFY(shows(size));
    QVERIFY(panel_->moment()->state == session().currentRun()->result.search.permutation ||
            canonical(panel_->moment()->state, trace->shape) ==
                canonical(session().currentRun()->result.search.permutation, trace->shape));
    auto replay = Replay::open(*trace, view_of(*session().problem()->saliency)).value();
    const auto press = [&](Qt::Key key) { QTest::keyClick(panel_.get(), key); };
    press(Qt::Key_Home);
    QVERIFY(shows(0));
    QVERIFY(panel_->moment()->state == replay.seek(0));
    std::size_t at = 0;
    for (const auto key : {Qt::Key_Right, Qt::Key_Right, Qt::Key_Right, Qt::Key_Left, Qt::Key_Right,
                           Qt::Key_Right, Qt::Key_Left, Qt::Key_Left}) {
      press(key);
      at += key == Qt::Key_Right ? 1 : -1;
      QVERIFY(shows(at));
      QVERIFY(panel_->moment()->state == replay.seek(at));
      QCOMPARE(panel_->transport()->slider()->value(), static_cast<int>(at));
    }
    press(Qt::Key_End);
    QVERIFY(shows(size));
    QVERIFY(panel_->moment()->state == replay.seek(size));
    press(Qt::Key_Home);
    press(Qt::Key_N);
    const auto next = find_landmark(*trace, 0, 1, Landmark::AcceptedMove);
    QVERIFY(next.has_value());
    QVERIFY(shows(*next));
    QVERIFY(panel_->sentence().contains("accepted"));
  }

  void partsOfAStepAreRevealedOneByOne() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const auto trace = session().currentRun()->result.trace;
    player().first();
    QVERIFY(shows(0));
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(0, Stage::Sampling));
    const MomentDetailPtr held = panel_->detail();
    const StepDetail& detail = held->detail;
    QCOMPARE(panel_->samplingView()->markedRows().size(),
             static_cast<qsizetype>(detail.sampled.size()));
    QCOMPARE(panel_->samplingView()->list()->model()->rowCount(),
             static_cast<int>(detail.sampled.size()));
    QVERIFY(!panel_->clusteringView()->message().isEmpty());
    QVERIFY(!panel_->assignmentView()->message().isEmpty());
    QVERIFY(detail.cluster_of.size() == detail.sampled.size());
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(0, Stage::Clustering));
    QVERIFY(panel_->clusteringView()->message().isEmpty());
    QVERIFY(!panel_->assignmentView()->message().isEmpty());
    grabAs("stepper-clustering.png");
    panel_->clusteringView()->selectCluster(1);
    const auto ones = std::count(detail.cluster_of.begin(), detail.cluster_of.end(), 1);
    QCOMPARE(panel_->clusteringView()->projection()->selectedPoints(), static_cast<int>(ones));
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(0, Stage::Assignment));
    QVERIFY(panel_->assignmentView()->message().isEmpty());
    QCOMPARE(panel_->assignmentView()->heatmap()->source()->rows(), int(detail.cost.rows()));
    QCOMPARE(panel_->assignmentView()->heatmap()->marks().cells.size(), detail.assignment.size());
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(1));
    grabAs("stepper-outcome.png");
    QTest::keyClick(panel_.get(), Qt::Key_Comma);
    QVERIFY(shows(0, Stage::Assignment));
    QCOMPARE(trace->steps[0].phase, 0);
  }

  void vectorsOfATileFillTheViewsToo() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const auto trace = session().currentRun()->result.trace;
    player().first();
    player().toLandmark(Landmark::Phase, 1);
    player().nextStage();
    const auto at = player().cursor().position;
    QVERIFY(shows(at, Stage::Sampling));
    QVERIFY(trace->steps[at].tile >= 0);
    QCOMPARE(panel_->samplingView()->heatmap()->marks().columns.size(),
             panel_->detail()->detail.sampled.size());
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(at, Stage::Assignment));  // no clustering in this phase
    QVERIFY(panel_->clusteringView()->message().contains("without clustering"));
    grabAs("stepper-vectors.png");
  }

  void boundsAreNotDrawnOverTheVectorLevel() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const auto& steps = session().currentRun()->result.trace->steps;
    const auto first = std::find_if(steps.begin(), steps.end(),
                                    [](const SearchStep& step) { return step.phase > 0; });
    QVERIFY(first != steps.begin() && first != steps.end());
    const auto& lines = panel_->curve()->boundLines();
    QCOMPARE(lines.size(), std::size_t{2});
    QTRY_VERIFY(lines[0]->dataCount() > 0);
    for (const auto* line : lines) {
      QCOMPARE(line->data()->begin()->key, double(first - steps.begin()));
    }
    QVector<QString> labels = panel_->curve()->xAxis->tickVectorLabels();
    for (const auto& label : labels) QVERIFY2(!label.contains('.'), qPrintable(label));
  }

  void clickOnTheCurveSeeks() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    auto* curve = panel_->curve();
    const auto size = player().size();
    QTest::qWait(50);
    const double target = std::floor(double(size) / 2);
    const QPoint place(int(std::lround(curve->xAxis->coordToPixel(target))), curve->height() / 2);
    const auto expected =
        static_cast<std::size_t>(std::lround(curve->xAxis->pixelToCoord(place.x())));
    QTest::mouseClick(curve, Qt::LeftButton, {}, place);
    QVERIFY(shows(expected));
    QCOMPARE(panel_->transport()->stepNumber()->value(), static_cast<int>(expected));
    panel_->transport()->stepNumber()->setValue(7);
    QVERIFY(shows(7));
    panel_->transport()->slider()->setValue(3);
    QVERIFY(shows(3));
  }

  void playingRunsToTheEndAndBookmarksLoop() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    player().setSpeed(100000);
    player().first();
    QTest::keyClick(panel_.get(), Qt::Key_Space);
    QVERIFY(player().playing());
    QVERIFY(QTest::qWaitFor([&] { return !player().playing(); }, 10000));
    QVERIFY(shows(player().size()));
    for (const std::size_t mark : {std::size_t{3}, std::size_t{6}}) {
      player().seek(mark);
      QTest::keyClick(panel_.get(), Qt::Key_B);
    }
    QCOMPARE(panel_->marks().bookmarks, (QList<Bookmark>{{3, {}}, {6, {}}}));
    player().seek(4);
    panel_->setLooping(true);
    player().togglePlay();
    for (int i = 0; i < 20; ++i) {
      QTest::qWait(20);
      QVERIFY(player().cursor().position >= 3 && player().cursor().position <= 6);
    }
    player().pause();
  }

  void bookmarksAreNamedAndBelongToTheRun() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const int id = session().currentRun()->id;
    const int undoable = session().undoStack()->count();
    player().seek(5);
    QTimer::singleShot(0, panel_.get(), [this] {
      auto* const dialog = panel_->findChild<QInputDialog*>();
      QVERIFY(dialog != nullptr);
      QTest::keyClicks(dialog->findChild<QLineEdit*>(), "first gain");
      QTest::keyClick(dialog, Qt::Key_Return);
    });
    QTest::keyClick(panel_.get(), Qt::Key_F2);
    QTRY_COMPARE(session().marks(id).bookmarks, (QList<Bookmark>{{5, "first gain"}}));
    QTRY_VERIFY(panel_->findChild<QInputDialog*>() == nullptr);
    panel_->activateWindow();
    panel_->setFocus();
    QTRY_VERIFY(panel_->hasFocus());
    player().seek(2);
    QTest::keyClick(panel_.get(), Qt::Key_B);
    player().seek(9);
    QTest::keyClick(panel_.get(), Qt::Key_B, Qt::ShiftModifier);
    QCOMPARE(player().cursor().position, std::size_t{2});
    QTest::keyClick(panel_.get(), Qt::Key_B, Qt::ShiftModifier);
    QCOMPARE(player().cursor().position, std::size_t{5});
    QTest::keyClick(panel_.get(), Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(player().cursor().position, std::size_t{2});
    grabAs("stepper-bookmarks.png");
    QTest::keyClick(panel_.get(), Qt::Key_B);
    QCOMPARE(session().marks(id).bookmarks.size(), qsizetype{1});
    session().undoStack()->undo();
    QCOMPARE(session().marks(id).bookmarks.size(), qsizetype{2});
    // Another run has its own; coming back brings them back.
    QVERIFY(small_->run("gyro", 2));
    QVERIFY(panel_->marks().empty());
    session().setCurrentRun(id);
    QCOMPARE(panel_->marks().bookmarks.size(), qsizetype{2});
    session().undoStack()->setIndex(undoable);
    QVERIFY(session().marks(id).empty());
  }

  void theMarkedRangeIsPlayedInACircle() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const int id = session().currentRun()->id;
    player().setSpeed(1000);
    player().seek(4);
    QTest::keyClick(panel_.get(), Qt::Key_BracketLeft);
    player().seek(8);
    QTest::keyClick(panel_.get(), Qt::Key_BracketRight);
    QCOMPARE(session().marks(id).range_first, 4);
    QCOMPARE(session().marks(id).range_last, 8);
    player().togglePlay();
    for (int i = 0; i < 15; ++i) {
      QTest::qWait(20);
      QVERIFY(player().cursor().position >= 4 && player().cursor().position <= 8);
    }
    QVERIFY(player().playing());
    player().pause();
    // A beginning behind the end makes the end go.
    player().seek(10);
    QTest::keyClick(panel_.get(), Qt::Key_BracketLeft);
    QCOMPARE(session().marks(id).range_last, -1);
    QCOMPARE(player().range()->second, player().size());
    QTest::keyClick(panel_.get(), Qt::Key_Backslash);
    QVERIFY(session().marks(id).empty());
    QVERIFY(!player().range().has_value());
  }

  void aForkBeginsWithTheStateThatIsShown() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    const RunPtr first = session().currentRun();
    const auto& trace = *first->result.trace;
    auto replay = Replay::open(trace, view_of(*session().problem()->saliency)).value();
    std::optional<std::pair<std::size_t, std::shared_ptr<const SearchStart>>> wanted;
    connect(panel_.get(), &StepperPanel::forkWanted, panel_.get(),
            [&](int id, std::size_t at, const std::shared_ptr<const SearchStart>& start) {
              QCOMPARE(id, first->id);
              wanted = {at, start};
            });
    player().toLandmark(Landmark::Phase, -1);
    const std::size_t at = player().cursor().position + 2;  // in the input permutation
    player().seek(at);
    QVERIFY(shows(at));
    QTest::keyClick(panel_.get(), Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(wanted.has_value());
    QCOMPARE(wanted->first, at);
    QVERIFY(wanted->second->permutation == replay.seek(at));
    QCOMPARE(wanted->second->phase, trace.steps[at].phase);
    RunRequest request = first->result.request;
    request.parameters["input_patience"] = "40";
    request.start = wanted->second;
    session().startRun(request, false, "from step 7");
    QTRY_COMPARE_WITH_TIMEOUT(session().runs().size(), qsizetype{2}, 60000);
    const RunPtr second = session().currentRun();
    QCOMPARE(second->name, QString("gyro · seed 1 · from step 7"));
    QVERIFY(second->result.trace->start == replay.seek(at));
    QVERIFY(second->result.search.permutation.output_order ==
            first->result.search.permutation.output_order);
    QVERIFY(
        second->result.search.retained_saliency >=
        retained_saliency(view_of(*session().problem()->saliency), trace.shape, replay.seek(at)));
  }

  void aHeldSearchIsDoneByHand() {
    QVERIFY(small_->open());
    RunRequest request;
    request.strategy = "gyro";
    session().startRun(request, true);
    QVERIFY(session().live() != nullptr);
    QVERIFY(QTest::qWaitFor([&] { return player().trace() != nullptr; }, 10000));
    QCOMPARE(player().size(), std::size_t{0});
    QVERIFY(!player().playing());
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(0, Stage::Sampling));
    QCOMPARE(player().size(), std::size_t{1});
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(0, Stage::Clustering));
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(0, Stage::Assignment));
    QTest::keyClick(panel_.get(), Qt::Key_Period);
    QVERIFY(shows(1));
    QTest::keyClick(panel_.get(), Qt::Key_Right);
    QVERIFY(shows(2));
    QCOMPARE(session().live()->stepCount(), std::size_t{2});
    grabAs("stepper-live.png");
    QTest::keyClick(panel_.get(), Qt::Key_Left);
    QVERIFY(shows(1));
    QTest::keyClick(panel_.get(), Qt::Key_Space);  // let it go on
    QVERIFY(QTest::qWaitFor([&] { return !session().live(); }, 60000));
    QVERIFY(session().currentRun() != nullptr);
    QCOMPARE(player().trace(), session().currentRun()->result.trace);
    auto replay = Replay::open(*player().trace(), view_of(*session().problem()->saliency)).value();
    player().seek(2);
    QVERIFY(shows(2));
    QVERIFY(panel_->moment()->state == replay.seek(2));
  }

  void darkAndTall() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    QPalette dark;
    for (const auto role :
         {QPalette::Window, QPalette::Base, QPalette::Button, QPalette::AlternateBase}) {
      dark.setColor(role, QColor(35, 38, 41));
    }
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
      dark.setColor(role, QColor(230, 230, 230));
    }
    dark.setColor(QPalette::PlaceholderText, QColor(150, 150, 150));
    panel_->setPalette(dark);
    panel_->resize(900, 800);
    player().seek(1);
    QVERIFY(shows(1));
    const QImage picture = panel_->curve()->grab().toImage();
    QVERIFY(qGray(picture.pixel(picture.width() - 3, picture.height() - 3)) < 100);
    grabAs("stepper-dark-tall.png");
  }
};

QTEST_MAIN(TestStepper)
#include "test_stepper.moc"

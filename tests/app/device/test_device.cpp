
#include <QAbstractItemModelTester>
#include <QAction>
#include <QDockWidget>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <csignal>

#include "app/desktop/device/device_menu.hpp"
#include "app/desktop/device/error_panel.hpp"
#include "app/desktop/device/worker_dialog.hpp"
#include "app/desktop/session/pruning_errors.hpp"
#include "app/desktop/shell/error_bar.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "app/desktop/shell/messages_panel.hpp"
#include "app/desktop/shell/pane_grid.hpp"
#include "tests/app/checkpoint.hpp"

using namespace gyro;
using namespace gyro::desktop;

/// The window over a worker with each of the modules in tests/core/device/fake_module.cpp.
class TestDevice : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString path_;

  static void use(const QString& mode) {
    qputenv("GYRO_MODULE_PATH", QStringLiteral(FAKE_MODULES "/libgyro_%1.so").arg(mode).toUtf8());
  }
  void openLayer(MainWindow& window) {
    connect(window.session(), &Session::failed, this,
            [](const Error& error) { qWarning("%s", error.text().c_str()); });
    window.resize(1366, 768);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    window.session()->openFile(path_);
    QTRY_VERIFY(window.session()->file());
    window.session()->selectLayer(QStringLiteral("block.0.query.weight"));
    QTRY_VERIFY(window.session()->identity());
  }
  static QAction* actionWith(const QMenu* menu, const QString& text) {
    for (QAction* action : menu->actions()) {
      if (action->text().contains(text)) return action;
    }
    return nullptr;
  }
  /// Opens the menu as a person does, waits for the devices and chooses one.
  static void choose(MainWindow& window, const QString& device) {
    emit window.deviceMenu()->aboutToShow();
    QTRY_VERIFY_WITH_TIMEOUT(!window.session()->devices()->here().asking &&
                                 window.session()->devices()->here().devices.size() > 1,
                             20'000);
    for (const auto& info : window.session()->devices()->here().devices) {
      if (QString::fromStdString(info.id) != device) continue;
      QAction* const action = actionWith(window.deviceMenu(), QString::fromStdString(info.name));
      QVERIFY(action && action->isEnabled());
      action->trigger();
    }
    QCOMPARE(window.session()->devices()->chosen(), QStringLiteral("worker:#%1").arg(device));
  }
  static RunRequest gyro() {
    RunRequest request;
    request.strategy = "gyro";
    return request;
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("gyroscope-test-device"));
    path_ = folder_.filePath(QStringLiteral("small.safetensors"));
    auto inputs = gyro::testing::NamedMatrix{
        "block.0.query.input", {20, 96}, gyro::testing::noise(20 * 96, 9)};
    QVERIFY(gyro::testing::writeFile(
        path_,
        gyro::testing::safetensors(
            {{"block.0.query.weight", {128, 96}, gyro::testing::noise(128 * 96, 1)}, inputs})));
  }
  void cleanup() { QSettings().clear(); }

  void aSearchRunsOnTheChosenDevice() {
    use(QStringLiteral("fake"));
    MainWindow window(false);
    openLayer(window);
    QVERIFY(window.deviceButton()->text() == QLatin1String("CPU"));
    choose(window, QStringLiteral("fake:0"));
    QVERIFY(window.deviceButton()->text() != QLatin1String("CPU"));
    window.session()->startRun(gyro());
    QVERIFY(window.session()->live());
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
    const RunPtr run = window.session()->runs().first();
    QCOMPARE(run->result.device, std::string("fake:0"));
    QVERIFY(run->result.trace && !run->result.trace->steps.empty());
    const auto model = window.runsModel();
    QCOMPARE(model->index(0, RunsModel::Device).data().toString(), QStringLiteral("fake:0"));
  }

  void aHeldSearchIsSteppedThere() {
    use(QStringLiteral("fake"));
    MainWindow window(false);
    openLayer(window);
    choose(window, QStringLiteral("fake:0"));
    window.session()->startRun(gyro(), true);
    const auto live = window.session()->live();
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
          Trace known;
          return live->update(known);
        }(),
        20'000);
    QCOMPARE(live->stepCount(), std::size_t{0});
    for (std::size_t step = 1; step <= 3; ++step) {
      live->advance();
      QTRY_COMPARE(live->stepCount(), step);
    }
    live->resume();
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
  }

  void theErrorIsComputedAndShown() {
    use(QStringLiteral("fake"));
    MainWindow window(false);
    openLayer(window);
    QAbstractItemModelTester tester(window.pruningError()->model());
    choose(window, QStringLiteral("fake:0"));
    window.panes()->setCount(1);  // wide enough for strips
    auto* const view = window.panes()->active()->view();
    QTRY_VERIFY(!view->rowStrips().empty());
    const auto before = view->rowStrips().size();
    (*window.actions())["run.error"]->trigger();
    auto* const panel = window.pruningError();
    QTRY_VERIFY_WITH_TIMEOUT(panel->model()->rowCount() > 4, 20'000);
    QVERIFY(panel->isVisible());
    QVERIFY2(panel->sentence().contains(QLatin1String("fake:0")), qPrintable(panel->sentence()));
    const auto identity = window.session()->identity();
    const auto cell = panel->model()->index(0, ErrorModel::WeightError);
    QCOMPARE(cell.data(ErrorModel::SortRole).toDouble(), identity->weight_error);
    QVERIFY(panel->model()->index(0, ErrorModel::OutputError).data(ErrorModel::SortRole).isValid());
    QVERIFY(panel->model()->csv().contains(QLatin1String("\"Dense\",0,0")));
    QCOMPARE(view->rowStrips().size(), before + 2);
    const auto error = window.session()->pruningErrors()->of(*identity);
    QCOMPARE(view->rowStrips()[before]->data().values[5], error->errors.weight.row(5));
    QCOMPARE(view->rowStrips()[before + 1]->data().values[5], error->errors.output.row(5));
    // Another run has none yet.
    window.session()->startRun(gyro());
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
    QCOMPARE(panel->model()->rowCount(), 0);
  }

  void aStrategyThatTheDeviceLacksRunsHere() {
    use(QStringLiteral("fake"));
    MainWindow window(false);
    openLayer(window);
    choose(window, QStringLiteral("fake:0"));
    RunRequest request;
    request.strategy = "identity";
    window.session()->startRun(request);
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
  }

  void aCrashCostsTheSearchAndNothingElse() {
    use(QStringLiteral("crash"));
    MainWindow window(false);
    openLayer(window);
    choose(window, QStringLiteral("crash:0"));
    QSignalSpy lost(window.session(), &Session::searchLost);
    window.session()->startRun(gyro());
    QTRY_COMPARE_WITH_TIMEOUT(lost.size(), 1, 20'000);
    QVERIFY(!window.session()->live());
    QVERIFY(window.errorBar()->isVisible());
    QVERIFY2(window.errorBar()->text().contains(QLatin1String("signal 11")),
             qPrintable(window.errorBar()->text()));
    QVERIFY(window.session()->problem());
    for (const auto* said : {"gyro on ", "as they were", "The next call starts it again"}) {
      QVERIFY2(window.errorBar()->text().contains(QLatin1String(said)),
               qPrintable(window.errorBar()->text()));
    }
    QVERIFY(window.errorBar()->actionButton(1)->isVisible());
    window.errorBar()->actionButton(1)->click();  // on the device again
    QTRY_COMPARE_WITH_TIMEOUT(lost.size(), 2, 20'000);
    window.errorBar()->actionButton()->click();
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
    const auto& run = window.session()->runs().first()->result;
    QCOMPARE(run.device, std::string("cpu"));
    QVERIFY(run.device_note.find("signal 11") != std::string::npos);
  }

  void whenSetTheSearchGoesOnOnTheCpu() {
    use(QStringLiteral("crash"));
    MainWindow window(false);
    openLayer(window);
    choose(window, QStringLiteral("crash:0"));
    (*window.actions())["device.fallback"]->trigger();
    QVERIFY(window.session()->devices()->cpuWhenLost());
    window.session()->startRun(gyro());
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
    QCOMPARE(window.session()->runs().first()->result.device, std::string("cpu"));
    QVERIFY(window.messages()->asText().contains(QLatin1String("signal 11")));
  }

  void whatCannotBeUsedIsShownWithTheReason() {
    use(QStringLiteral("deviceless"));
    MainWindow window(false);
    openLayer(window);
    emit window.deviceMenu()->aboutToShow();
    QTRY_VERIFY_WITH_TIMEOUT(actionWith(window.deviceMenu(), QStringLiteral("cannot be used")),
                             20'000);
    QAction* const action = actionWith(window.deviceMenu(), QStringLiteral("cannot be used"));
    QVERIFY(action && !action->isEnabled() && !action->toolTip().isEmpty());
  }

  void aWorkerElsewhereIsTriedAndChosen() {
    use(QStringLiteral("fake"));
    MainWindow window(false);
    openLayer(window);
    auto* dialog = window.openWorker();
    dialog->command()->setText(QStringLiteral("echo no such host >&2; exit 255"));
    dialog->tryButton()->click();
    QTRY_VERIFY2_WITH_TIMEOUT(dialog->answer().contains(QLatin1String("no such host")),
                              qPrintable(dialog->answer()), 20'000);
    dialog->command()->setText(QStringLiteral("exec \"$GYRO_BIN_DIR/gyro-worker\""));
    dialog->tryButton()->click();
    QTRY_VERIFY2_WITH_TIMEOUT(dialog->answer().startsWith(QLatin1String("It answers")),
                              qPrintable(dialog->answer()), 20'000);
    dialog->accept();
    auto* const devices = window.session()->devices();
    const auto& there = devices->elsewhere().devices;
    devices->choose(devices->idElsewhere(there.front()), QStringLiteral("there"));
    window.session()->startRun(gyro());
    QTRY_COMPARE_WITH_TIMEOUT(window.session()->runs().size(), 1, 20'000);
    const auto& device = window.session()->runs().first()->result.device;
    QVERIFY2(device.starts_with("worker:") && device.ends_with("/cpu"), device.c_str());
    devices->setCommand({});
    QCOMPARE(devices->chosen(), QLatin1String(Devices::kCpu));
  }

  void theChoiceIsRemembered() {
    use(QStringLiteral("fake"));
    {
      MainWindow window(true);
      window.session()->devices()->setCommand(QStringLiteral("somewhere"));
      window.session()->devices()->setCpuWhenLost(true);
      window.session()->devices()->choose(QStringLiteral("worker:#fake:0"),
                                          QStringLiteral("Fake device"));
    }
    MainWindow window(true);
    const auto* const devices = window.session()->devices();
    QCOMPARE(devices->chosen(), QStringLiteral("worker:#fake:0"));
    QCOMPARE(devices->chosenName(), QStringLiteral("Fake device"));
    QCOMPARE(devices->command(), QStringLiteral("somewhere"));
    QVERIFY(devices->cpuWhenLost());
    QVERIFY(window.deviceButton()->text().startsWith(QLatin1String("Fake")));
  }
};

QTEST_MAIN(TestDevice)
#include "test_device.moc"

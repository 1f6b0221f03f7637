#include <QAction>
#include <QDir>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QMimeData>
#include <QPointer>
#include <QPushButton>
#include <QScreen>
#include <QSet>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QStatusBar>
#include <QStatusTipEvent>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QTreeView>
#include <QWheelEvent>

#include "app/desktop/compare/compare_panel.hpp"
#include "app/desktop/export/export_dialog.hpp"
#include "app/desktop/heatmap/color_panel.hpp"
#include "app/desktop/layers/layers_model.hpp"
#include "app/desktop/layers/layers_panel.hpp"
#include "app/desktop/problem/field_note.hpp"
#include "app/desktop/problem/fork_dialog.hpp"
#include "app/desktop/problem/problem_panel.hpp"
#include "app/desktop/problem/strategy_panel.hpp"
#include "app/desktop/shell/error_bar.hpp"
#include "app/desktop/shell/hand_moves.hpp"
#include "app/desktop/shell/help_window.hpp"
#include "app/desktop/shell/look_panel.hpp"
#include "app/desktop/shell/loss_panel.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "app/desktop/shell/messages_panel.hpp"
#include "app/desktop/shell/pane_grid.hpp"
#include "app/desktop/shell/runs_panel.hpp"
#include "app/desktop/stepper/step_player.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"
#include "core/io/permutation_file.hpp"
#include "tests/app/checkpoint.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestWindow : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString path_;

  QString write(const QString& name, const QByteArray& bytes) {
    QString path = folder_.filePath(name);
    gyro::testing::writeFile(path, bytes);
    return path;
  }
  void show(MainWindow& window) {
    window.resize(1366, 768);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
  }
  /// Clicks a layer in the tree.
  void clickLayer(MainWindow& window, const QString& name) {
    QTreeView* const tree = window.layers()->tree();
    const auto found = tree->model()->match(tree->model()->index(0, 0), LayersModel::TensorRole,
                                            name, 1, Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(found.size(), 1);
    tree->scrollTo(found[0]);
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(found[0]).center());
    QTRY_COMPARE(window.session()->layerName(), name);
  }
  static void grabAs(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("GYRO_GRABS");
    if (folder.isEmpty()) return;
    QTest::qWait(400);
    widget.grab().save(QDir(folder).filePath(name));
  }
  void openSmall(MainWindow& window) {
    show(window);
    window.session()->openFile(path_);
    QTRY_VERIFY(window.session()->file());
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    path_ = write("small.safetensors", gyro::testing::smallCheckpoint());
  }

  void wholePath() {
    MainWindow window(false);
    openSmall(window);
    Session* const session = window.session();
    clickLayer(window, "block.0.query.weight");
    QTRY_VERIFY(session->identity());

    // Look: the wheel zooms, the readout follows the cursor.
    HeatmapView* const view = window.panes()->pane(0)->view();
    QTRY_VERIFY(!view->building());
    const QRectF all = view->visibleCells();
    const QPointF middle = QRectF(view->rect()).center();
    QWheelEvent wheel(middle, view->mapToGlobal(middle), {}, {0, 240}, {}, {}, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(view, &wheel);
    QVERIFY(view->visibleCells().width() < all.width());
    QTest::mouseMove(view, middle.toPoint());
    QTRY_VERIFY(!window.statusText().isEmpty());

    // Two strategies.
    window.strategy()->setStrategy("gyro");
    QTest::mouseClick(window.strategy()->runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(session->runs().size(), qsizetype{1}, 60000);
    QTRY_VERIFY(!session->live());
    const int gyro_run = session->currentRun()->id;
    QTest::keyClick(&window, Qt::Key_I, Qt::ControlModifier);
    QTRY_COMPARE(session->runs().size(), qsizetype{2});
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(session->baseline());
    QCOMPARE(session->baseline()->name, QString("identity"));
    QTableView* const table = window.runs()->table();
    const QModelIndex first = table->model()->index(0, RunsModel::Name);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(first).center());
    QCOMPARE(session->currentRun()->id, gyro_run);

    // Step forward and back.
    QTest::keyClick(&window, Qt::Key_F6);
    QVERIFY(window.panes()->active()->followsStep());
    const auto transport = window.stepper()->transportActions();
    QTRY_VERIFY(transport[0]->isEnabled());
    transport[0]->trigger();
    QTRY_VERIFY(window.stepper()->moment() && window.stepper()->moment()->cursor.position == 0);
    transport[3]->trigger();
    transport[3]->trigger();
    transport[3]->trigger();
    transport[3]->trigger();
    QTRY_VERIFY(window.stepper()->moment()->cursor.position >= 1);
    QTRY_VERIFY(!window.stepper()->sentence().isEmpty());
    transport[0]->trigger();
    QTRY_COMPARE(window.stepper()->moment()->cursor.position, std::size_t{0});

    // Compare.
    QTest::keyClick(&window, Qt::Key_F7);
    QVERIFY(window.dock("compare")->isVisible());
    QTest::keyClick(&window, Qt::Key_F5);
    QVERIFY(window.dock("problem")->isVisible());

    // Export, and read it back.
    QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
    auto* const dialog = window.findChild<ExportDialog*>();
    QVERIFY(dialog != nullptr);
    const QString out = folder_.filePath("whole-path.h5");
    dialog->path()->selectAll();
    QTest::keyClicks(dialog->path(), out);
    QSignalSpy exported(session, &Session::exported);
    QTest::mouseClick(dialog->writeButton(), Qt::LeftButton);
    QTRY_COMPARE(exported.size(), 1);
    QVERIFY(dialog->resultText().contains(out));
    dialog->close();
    const auto records = read_permutations(out.toStdString());
    QVERIFY(records.has_value());
    QCOMPARE(records->size(), std::size_t{1});
    QCOMPARE(records->front().strategy, std::string("gyro"));
    session->openFile(out);
    QTRY_COMPARE(session->runs().size(), qsizetype{3});
    QCOMPARE(session->runs()[2]->result.metrics->layer.retained,
             session->run(gyro_run)->result.metrics->layer.retained);
    QCOMPARE(window.messages()->model()->rowCount(), 1);  // the export, and no error
  }

  void brokenFilesSayWhy_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray good = gyro::testing::smallCheckpoint();
    QTest::newRow("cut off") << "cut.safetensors" << good.left(good.size() / 2);
    QByteArray huge = good;
    huge[6] = '\x7f';
    QTest::newRow("huge length") << "huge.safetensors" << huge;
    QByteArray lying = good;
    lying.replace("[128,96]", "[128,97]");
    QTest::newRow("lying header") << "lying.safetensors" << lying;
    QTest::newRow("no file of tensors") << "text.h5" << QByteArray("once upon a time");
    QTest::newRow("empty") << "empty.npy" << QByteArray();
    QTest::newRow("broken HDF5") << "broken.h5"
                                 << QByteArray("\x89HDF\r\n\x1a\n") + QByteArray(90, 'x');
  }
  void brokenFilesSayWhy() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    QTRY_VERIFY(window.session()->problem());
    const QString path = write(name, bytes);
    window.session()->openFile(path);
    QTRY_VERIFY(window.errorBar()->isVisible());
    QVERIFY2(window.errorBar()->text().contains(name), qPrintable(window.errorBar()->text()));
    QCOMPARE(window.messages()->model()->rowCount(), 1);
    QCOMPARE(window.session()->file()->path, path_);
    QVERIFY(window.session()->problem());
  }

  void aFileThatIsNotThere() {
    MainWindow window(false);
    show(window);
    window.session()->openFile(folder_.filePath("nowhere.safetensors"));
    QTRY_VERIFY(window.errorBar()->isVisible());
    QVERIFY(window.errorBar()->text().contains("nowhere.safetensors"));
    QVERIFY(!window.session()->file());
  }

  void nanIsRefusedUntilZeroIsChosen() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.1.broken.weight");
    QTRY_VERIFY(window.errorBar()->isVisible());
    QVERIFY(window.errorBar()->text().contains("2 of 4096"));
    QVERIFY(!window.session()->problem());
    QVERIFY(!window.strategy()->runButton()->isEnabled());
    QTest::mouseClick(window.errorBar()->actionButton(), Qt::LeftButton);
    QTRY_VERIFY(window.session()->problem());
    QVERIFY(window.strategy()->runButton()->isEnabled());
    QVERIFY(!window.errorBar()->isVisible());
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(!window.session()->problem());
  }

  void aDroppedFileOpens() {
    const QTemporaryDir models;
    const QString inside = models.filePath("model.safetensors");
    QVERIFY(QFile::copy(path_, inside));
    MainWindow window(false);
    show(window);
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(models.path())});
    QDragEnterEvent enter({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &drop);
    QTRY_VERIFY(window.session()->file());
    QCOMPARE(window.session()->file()->path, inside);
  }

  void panesFromOneToFour() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    QTRY_VERIFY(window.session()->identity());
    for (const int count : {1, 4, 3, 2}) {
      window.panes()->setCount(count);
      QCOMPARE(window.panes()->count(), count);
    }
    HeatmapPane* const pane = window.panes()->pane(0);
    for (const auto kind :
         {PaneKind::Saliency, PaneKind::Mask, PaneKind::KeptWeight, PaneKind::LostSaliency,
          PaneKind::TileId, PaneKind::TileFlow, PaneKind::TileOverlap, PaneKind::VectorIndex}) {
      for (const auto order :
           {HeatmapOrder::Original, HeatmapOrder::Permuted, HeatmapOrder::Packed}) {
        pane->show(kind, order);
        QVERIFY2(pane->view()->source(), qPrintable(pane->kindBox()->currentText()));
        QTRY_VERIFY(!pane->view()->building());
      }
    }
  }

  void layoutComesBack() {
    MainWindow window(false);
    show(window);
    const QByteArray first = window.saveState(1);
    window.dock("layers")->hide();
    QVERIFY(window.restoreState(first, 1));
    QVERIFY(window.dock("layers")->isVisible());
    QVERIFY(!window.restoreState(first, 2));
    for (auto* dock : window.findChildren<QDockWidget*>()) QVERIFY(!dock->objectName().isEmpty());
  }

  void theFirstSizeFitsTheScreen() {
    MainWindow window(false);
    const int room = window.screen()->availableSize().width();
    QVERIFY2(window.width() <= std::max(room, window.minimumSizeHint().width()),
             qPrintable(QString::number(window.width())));
  }

  void theStatusBarSaysOneThing() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    QTRY_VERIFY(window.session()->identity());
    HeatmapPane* const pane = window.panes()->pane(0);
    pane->show(PaneKind::Mask, HeatmapOrder::Permuted);
    QTRY_VERIFY(!pane->view()->building());
    pane->view()->setFocus();
    pane->view()->setCursor(3, 5);
    QTest::keyClick(pane->view(), Qt::Key_R);
    QTest::keyClick(pane->view(), Qt::Key_Down);
    const QString told = window.statusText();
    QVERIFY2(told.contains("share tile"), qPrintable(told));
    QStatusTipEvent tip(QStringLiteral("a tip"));
    QApplication::sendEvent(&window, &tip);
    QCOMPARE(window.statusText(), QString("a tip"));
    QStatusTipEvent none({});
    QApplication::sendEvent(&window, &none);
    QCOMPARE(window.statusText(), told);
    // Nothing is painted under it.
    QVERIFY(window.statusBar()->currentMessage().isEmpty());
  }

  void steppingEndsWithItsArrangement() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    QTRY_VERIFY(window.session()->identity());
    HeatmapPane* const pane = window.panes()->active();
    pane->show(PaneKind::LostSaliency, HeatmapOrder::Original);
    for (const auto key : {Qt::Key_F5, Qt::Key_F7, Qt::Key_F8}) {
      QTest::keyClick(&window, Qt::Key_F6);
      QVERIFY(pane->followsStep());
      QCOMPARE(pane->kind(), PaneKind::Mask);
      QTest::keyClick(&window, key);
      QVERIFY(!pane->followsStep());
      QCOMPARE(pane->kind(), PaneKind::LostSaliency);
      QCOMPARE(pane->order(), HeatmapOrder::Original);
    }
    // What a person chose meanwhile stays.
    QTest::keyClick(&window, Qt::Key_F6);
    pane->show(PaneKind::Saliency, HeatmapOrder::Original);
    QTest::keyClick(&window, Qt::Key_F5);
    QCOMPARE(pane->kind(), PaneKind::Saliency);
  }

  void aTabThatIsClickedGivesItsPanelTheKeyboard() {
    MainWindow window(false);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QTabBar* bar = nullptr;
    int stepper = -1;
    for (auto* const each : window.findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
      for (int i = 0; i < each->count(); ++i) {
        if (each->tabText(i) != "Stepper") continue;
        bar = each;
        stepper = i;
      }
    }
    QVERIFY(bar);
    QTest::mouseClick(bar, Qt::LeftButton, {}, bar->tabRect(stepper).center());
    QTRY_COMPARE(window.focusWidget(), window.findChild<StepperPanel*>());
  }

  void theColourDockShowsTheColoursInUse() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    QTRY_VERIFY(window.session()->identity());
    HeatmapPane* const pane = window.panes()->active();
    const ColorPanel* const colors = window.look()->colors();
    pane->show(PaneKind::Weight, HeatmapOrder::Original);
    QVERIFY(colors->keysText().isEmpty());
    pane->show(PaneKind::Mask, HeatmapOrder::Original);
    for (const auto state : {MaskState::Kept, MaskState::LostByNm, MaskState::DroppedWithVector}) {
      QVERIFY2(colors->keysText().contains(nameOf(state)), qPrintable(colors->keysText()));
    }
    pane->show(PaneKind::TileId, HeatmapOrder::Permuted);
    QVERIFY(colors->keysText().contains("0"));
    pane->show(PaneKind::Saliency, HeatmapOrder::Original);
    QVERIFY(colors->keysText().isEmpty());
  }

  void everyActionIsNamedAndShortcutsAreOwnedOnce() {
    MainWindow window(false);
    QHash<QString, QString> owners;  // by keys, with the panel that they work in
    QSet<QString> everywhere;
    QSet<QString> somewhere;
    for (QAction* action : window.actions()->all()) {
      QVERIFY(!action->text().isEmpty());
      const QString id = window.actions()->idOf(action);
      QVERIFY(!id.isEmpty());
      const bool in_panel = action->shortcutContext() == Qt::WidgetWithChildrenShortcut;
      const QString panel = in_panel ? id.section(QLatin1Char('.'), 0, 0) : QString();
      for (const auto& keys : action->shortcuts()) {
        const QString owned = keys.toString() + QLatin1Char(' ') + panel;
        QVERIFY2(!owners.contains(owned),
                 qPrintable(action->text() + " and " + owners.value(owned)));
        owners.insert(owned, action->text());
        (in_panel ? somewhere : everywhere).insert(keys.toString());
      }
    }
    QVERIFY2(!somewhere.intersects(everywhere),
             qPrintable(QStringList((somewhere & everywhere).values()).join(' ')));
  }

  void rowsAndVectorsAreSwappedWithKeys() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    Session* const session = window.session();
    QTRY_VERIFY(session->identity());
    const HinmShape shape = session->problem()->shape;
    HeatmapPane* const pane = window.panes()->pane(0);
    HeatmapView* const view = pane->view();
    pane->show(PaneKind::Mask, HeatmapOrder::Permuted);
    QTRY_VERIFY(!view->building());
    view->setFocus();
    view->setCursor(3, 5);
    QTest::keyClick(view, Qt::Key_R);
    QVERIFY(window.statusText().contains("Row 3 is picked"));
    QCOMPARE(view->marks().rows, std::vector<int>{3});
    view->setCursor(7, 5);  // in the same tile
    QTest::keyClick(view, Qt::Key_R);
    QVERIFY(window.statusText().contains("share tile"));
    QVERIFY(session->runs().isEmpty());
    view->setCursor(3, 5);
    QTest::keyClick(view, Qt::Key_R);
    view->setCursor(shape.vector_size + 1, 5);
    QTest::keyClick(view, Qt::Key_R);
    QCOMPARE(session->runs().size(), 1);
    RunPtr run = session->currentRun();
    QCOMPARE(run->name, QString("manual"));
    QCOMPARE(run->result.search.permutation.output_order[3], shape.vector_size + 1);
    QVERIFY(window.statusText().contains("→"));
    grabAs(window, "window-by-hand.png");
    QVERIFY(view->marks().empty());
    QCOMPARE(view->cursor()->originalRow, 3);  // the pane shows it at once

    // A kept vector for a dropped one, in packed order by its place.
    pane->show(PaneKind::Mask, HeatmapOrder::Permuted);
    const auto kept = run->result.search.permutation.tile_vectors(shape, 0);
    const auto of = [&](MaskState state) {
      int column = 0;
      while ((std::find(kept.begin(), kept.end(), column) != kept.end()) !=
             (state == MaskState::Kept)) {
        ++column;
      }
      return column;
    };
    const int in = of(MaskState::Kept);
    const int out = of(MaskState::DroppedWithVector);
    view->setCursor(0, in);
    QTest::keyClick(view, Qt::Key_V);
    view->setCursor(0, out);
    QTest::keyClick(view, Qt::Key_V);
    run = session->currentRun();
    QCOMPARE(run->result.search.steps, std::int64_t{2});
    const auto now = run->result.search.permutation.tile_vectors(shape, 0);
    QVERIFY(std::find(now.begin(), now.end(), out) != now.end());
    QVERIFY(std::find(now.begin(), now.end(), in) == now.end());
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(session->currentRun()->result.search.steps, std::int64_t{1});
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(session->runs().isEmpty());
  }

  void rowsAndVectorsAreDragged() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    Session* const session = window.session();
    QTRY_VERIFY(session->identity());
    const HinmShape shape = session->problem()->shape;
    window.panes()->setCount(1);
    HeatmapPane* const pane = window.panes()->pane(0);
    HeatmapView* const view = pane->view();
    pane->show(PaneKind::Mask, HeatmapOrder::Packed);
    QTRY_VERIFY(!view->building());
    const auto at = [&](int row, int column) {
      return QPointF(view->columnAxis()->coordToPixel(column + 0.5),
                     view->rowAxis()->coordToPixel(row + 0.5))
          .toPoint();
    };
    const auto drag = [&](QPoint from, QPoint to) {
      QTest::mousePress(view, Qt::LeftButton, {}, from);
      QTest::mouseMove(view, (from + to) / 2);
      QTest::mouseMove(view, to);
      QString told = window.statusText();
      QTest::mouseRelease(view, Qt::LeftButton, {}, to);
      return told;
    };
    drag(at(2, 2), at(shape.vector_size + 2, 2));
    QVERIFY(session->runs().isEmpty());  // a drag pans
    view->fit();
    view->setFocus();
    QTest::keyClick(view, Qt::Key_M);
    QVERIFY(window.panes()->handMoves()->dragAction()->isChecked());
    const QRectF region = view->visibleCells();
    const CellInfo row = view->source()->cell(2, 2);
    const CellInfo other = view->source()->cell(shape.vector_size + 2, 2);
    const QString told = drag(at(2, 2), at(shape.vector_size + 2, 2));
    QVERIFY2(told.contains("swap rows") && told.contains("→"), qPrintable(told));
    QCOMPARE(view->visibleCells(), region);
    QCOMPARE(session->runs().size(), 1);
    QCOMPARE(session->currentRun()->result.search.permutation.output_order[2], other.originalRow);
    QTRY_VERIFY(!view->building());
    drag(at(1, 0), at(1, shape.nm.m));
    QCOMPARE(session->currentRun()->result.search.steps, std::int64_t{2});
    QCOMPARE(session->undoStack()->undoText().left(12), QString("swap columns"));
    QCOMPARE(view->source()->cell(shape.vector_size + 2, 2).originalRow, row.originalRow);
  }

  void aStepIsForkedWithOtherParameters() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    Session* const session = window.session();
    QTRY_VERIFY(session->identity());
    RunRequest request;
    request.strategy = "gyro";
    request.parameters["patience"] = "5";
    session->startRun(request);
    QTRY_COMPARE_WITH_TIMEOUT(session->runs().size(), qsizetype{1}, 60000);
    QTest::keyClick(&window, Qt::Key_F6);
    window.stepper()->player()->seek(3);
    QTRY_VERIFY(window.stepper()->moment() && window.stepper()->moment()->cursor.position == 3);
    window.stepper()->fork();
    const QPointer<ForkDialog> dialog = window.findChild<ForkDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    grabAs(*dialog, "window-fork.png");
    grabAs(window, "window-step.png");
    QCOMPARE(dialog->form()->strategy(), QString("gyro"));
    QCOMPARE(dialog->form()->request().parameters.at("patience"), std::string("5"));
    QVERIFY(dialog->form()->request().start != nullptr);
    dialog->form()->setStrategy("ovw");
    QVERIFY(!dialog->form()->runButton()->isEnabled());
    QVERIFY(!dialog->form()->runButton()->toolTip().isEmpty());
    dialog->form()->setStrategy("gyro");
    QTest::mouseClick(dialog->form()->runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(session->runs().size(), qsizetype{2}, 60000);
    QVERIFY(session->currentRun()->name.contains("from step 3"));
    QVERIFY(!dialog);  // it closed, and is gone
  }

  void aPaneShowsReferenceMasks() {
    MainWindow window(false);
    openSmall(window);
    clickLayer(window, "block.0.query.weight");
    Session* const session = window.session();
    QTRY_VERIFY(session->identity());
    HeatmapPane* const pane = window.panes()->pane(0);
    pane->show(PaneKind::Mask, HeatmapOrder::Permuted, Session::kReference);
    QTRY_VERIFY(pane->view()->source());
    const Mask& mask = *session->references().first()->result.mask;
    for (int c = 0; c < mask.cols(); ++c) {
      QCOMPARE(pane->view()->source()->cell(9, c).value, mask.at(9, c) ? 1.0F : 0.0F);
    }
    QVERIFY(pane->movable() == nullptr);
    window.compare()->referencesAction()->trigger();
    QTest::keyClick(&window, Qt::Key_F7);
    grabAs(window, "window-compare.png");
    pane->show(PaneKind::TileFlow, HeatmapOrder::Permuted, Session::kReference);
    QVERIFY(!pane->view()->source());
    pane->show(PaneKind::Mask, HeatmapOrder::Permuted);
    QVERIFY(pane->view()->source());
  }

  void lightAndDarkChangeLive() {
    MainWindow window(false);
    openSmall(window);
    const QColor before = window.palette().color(QPalette::Window);
    // Qt tells widgets of a new palette only while the application's own loop runs.
    const auto darkAfter = [&](Appearance appearance) {
      QTimer::singleShot(0, &window, [&window, appearance] {
        window.setAppearance(appearance);
        QTimer::singleShot(0, qApp, &QCoreApplication::quit);
      });
      QApplication::exec();
      return isDark(window.palette());
    };
    const auto plotIsDark = [&] {
      return window.loss()->bars()->xAxis->tickLabelColor().lightness() > 128;
    };
    QVERIFY(darkAfter(Appearance::Dark));
    QVERIFY(plotIsDark());
    QVERIFY(!darkAfter(Appearance::Light));
    QVERIFY(!plotIsDark());
    const bool system_dark = darkAfter(Appearance::System);
    QCOMPARE(system_dark, before.lightness() < 128);
  }

  void helpPagesAreThere() {
    MainWindow window(false);
    show(window);
    for (const char* page : {"tour", "hinm", "views", "strategies", "files", "shortcuts"}) {
      HelpWindow* const help = window.help(page);
      QVERIFY2(help->browser()->toPlainText().size() > 200, page);
    }
  }
};

QTEST_MAIN(TestWindow)
#include "test_window.moc"

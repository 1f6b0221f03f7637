#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QMouseEvent>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "app/desktop/compare/batch_dialog.hpp"
#include "app/desktop/compare/compare_panel.hpp"
#include "app/desktop/compare/comparison_model.hpp"
#include "app/desktop/compare/difference_panel.hpp"
#include "app/desktop/compare/measures_panel.hpp"
#include "app/desktop/compare/mode_bar.hpp"
#include "app/desktop/compare/quality_plot.hpp"
#include "app/desktop/compare/tile_bars.hpp"
#include "app/desktop/heatmap/view.hpp"
#include "tests/app/stepper/small_session.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestCompare : public QObject {
  Q_OBJECT

  std::unique_ptr<testing::SmallSession> small_;
  std::unique_ptr<ComparePanel> panel_;

  Session& session() { return small_->session; }

  void grabAs(const QString& name) {
    const QString folder = qEnvironmentVariable("GYRO_GRABS");
    if (folder.isEmpty()) return;
    QTest::qWait(300);
    panel_->grab().save(QDir(folder).filePath(name));
  }

  static void check(QListWidget* list, const QStringList& names) {
    for (int row = 0; row < list->count(); ++row) {
      const bool wanted = names.contains(list->item(row)->data(Qt::UserRole).toString());
      list->item(row)->setCheckState(wanted ? Qt::Checked : Qt::Unchecked);
    }
  }

  bool differenceReady() {
    return QTest::qWaitFor([this] { return panel_->differencePanel()->difference() != nullptr; },
                           20000);
  }

 private slots:
  void init() {
    small_ = std::make_unique<testing::SmallSession>();
    panel_ = std::make_unique<ComparePanel>(&session());
    panel_->resize(1360, 460);
    panel_->show();
    QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
    panel_->activateWindow();
    panel_->setFocus();
  }

  void cleanup() {
    panel_.reset();
    small_.reset();
  }

  void identityIsThereToCompareWith() {
    QVERIFY(small_->open());
    QVERIFY(panel_->pick(0) == ComparePanel::kIdentity);
    grabAs("compare-empty.png");
    QVERIFY(small_->run("gyro"));
    QCOMPARE(panel_->pick(1), session().runs().first()->id);
    QVERIFY(panel_->board()->view(0)->isVisible() && panel_->board()->view(1)->isVisible());
    QVERIFY(!panel_->board()->view(2)->isVisible());
    panel_->addIdentityRun();
    QVERIFY(QTest::qWaitFor([&] { return session().runs().size() == 2; }, 20000));
    QCOMPARE(session().runs().last()->result.request.strategy, std::string("identity"));
  }

  void differenceCountsAreThoseOfPlainLoops() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    QVERIFY(differenceReady());
    const auto& difference = *panel_->differencePanel()->difference();
    const Mask& a = *session().identity()->mask;
    const Mask& b = *session().runs().first()->result.mask;
    MaskDifference plain;
    for (int r = 0; r < a.rows(); ++r) {
      for (int c = 0; c < a.cols(); ++c) {
        plain.both += a.at(r, c) && b.at(r, c) ? 1 : 0;
        plain.only_a += a.at(r, c) && !b.at(r, c) ? 1 : 0;
        plain.only_b += !a.at(r, c) && b.at(r, c) ? 1 : 0;
        plain.neither += !a.at(r, c) && !b.at(r, c) ? 1 : 0;
      }
    }
    QVERIFY(difference.all == plain);
    QVERIFY(plain.only_a > 0);
    std::int64_t tiles = 0;
    for (const auto& tile : difference.tiles) tiles += tile.differing();
    QCOMPARE(tiles, plain.differing());
    const auto* model = panel_->differencePanel()->tiles()->model();
    QCOMPARE(model->rowCount(), session().problem()->shape.tiles());
    for (int r = 0; r < 5; ++r) {
      for (int c = 0; c < a.cols(); ++c) {
        const int row = difference.order[static_cast<std::size_t>(r)];
        const float value = difference.source->cell(r, c).value;
        if (!a.at(row, c) && !b.at(row, c)) {
          QVERIFY(std::isnan(value));
        } else {
          QCOMPARE(value, float(b.at(row, c)) - float(a.at(row, c)));
        }
      }
    }
  }

  void nextDifferenceGoesThroughThemAll() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("magnitude"));
    QVERIFY(differenceReady());
    const auto& difference = *panel_->differencePanel()->difference();
    QTest::keyClick(panel_.get(), Qt::Key_N);
    QVERIFY(panel_->board()->mode() == CompareMode::Difference);
    QVERIFY(panel_->board()->difference()->isVisible());
    const auto first = panel_->differencePanel()->cell();
    QVERIFY(first.has_value());
    std::int64_t seen = 1;
    while (seen <= difference.all.differing()) {
      panel_->nextDifference();
      const auto cell = *panel_->differencePanel()->cell();
      if (cell == *first) break;  // round again
      const int row = difference.order[static_cast<std::size_t>(cell.position)];
      QVERIFY(agreement_of(*difference.a->result.mask, *difference.b->result.mask, row, cell.col) !=
              MaskAgreement::Both);
      ++seen;
    }
    QCOMPARE(seen, difference.all.differing());
    panel_->previousDifference();
    QVERIFY(panel_->board()->difference()->cursor().has_value());
    grabAs("compare-difference.png");
  }

  void viewsZoomTogetherUntilUnlinked() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    auto* a = panel_->board()->view(0);
    auto* b = panel_->board()->view(1);
    a->showCells(QRectF(10, 8, 30, 16));
    QCOMPARE(b->visibleCells(), a->visibleCells());
    QVERIFY(panel_->board()->link()->colorModel() == a->colorModel());
    QVERIFY(a->colorModel() == b->colorModel());
    panel_->linkZoomAction()->trigger();
    const QRectF stays = b->visibleCells();
    a->showCells(QRectF(0, 0, 20, 10));
    QCOMPARE(b->visibleCells(), stays);
    panel_->linkColorAction()->trigger();
    QVERIFY(a->colorModel() != b->colorModel());
    grabAs("compare-grid.png");
  }

  void letterKeysChangeTheMode() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    auto* board = panel_->board();
    const auto visible = [&](int pane) { return board->view(pane)->isVisible(); };
    QTest::keyClick(panel_.get(), Qt::Key_A);
    QVERIFY(visible(0) && !visible(1));
    QTest::keyClick(panel_.get(), Qt::Key_B);
    QVERIFY(!visible(0) && visible(1));
    QTest::keyClick(panel_.get(), Qt::Key_S);
    QVERIFY(visible(0) && visible(1));
    QCOMPARE(board->view(0)->geometry(), board->view(1)->geometry());
    board->setDivider(0.25);
    QCOMPARE(board->view(1)->mask().boundingRect().left(), board->width() / 4);
    grabAs("compare-split.png");
    QTest::keyClick(panel_.get(), Qt::Key_K);
    const bool before = visible(1);
    QVERIFY(QTest::qWaitFor([&] { return visible(1) != before; }, 3000));
    QTest::keyClick(panel_.get(), Qt::Key_D);
    QVERIFY(board->difference()->isVisible() && !visible(0));
    QTest::keyClick(panel_.get(), Qt::Key_G);
    QVERIFY(visible(0) && visible(1));
    QVERIFY(board->view(1)->mask().isEmpty());
  }

  void modesSayTheirLettersAndTheDividerIsDragged() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    auto* board = panel_->board();
    QStringList texts;
    for (auto* button : panel_->modeBar()->findChildren<QToolButton*>()) {
      QVERIFY(!button->accessibleName().isEmpty());
      texts.append(button->text());
    }
    QCOMPARE(texts,
             QStringList({"Grid G", "Only A", "Only B", "Split S", "Flicker K", "Difference D"}));
    QTest::keyClick(panel_.get(), Qt::Key_S);
    QWidget* const divider = board->dividerHandle();
    QVERIFY(divider->isVisible());
    const QPoint grip = divider->rect().center();
    QTest::mousePress(divider, Qt::LeftButton, {}, grip);
    const QPoint quarter = divider->mapFrom(board, QPoint(board->width() / 4, grip.y()));
    QMouseEvent drag(QEvent::MouseMove, quarter, divider->mapToGlobal(quarter), Qt::NoButton,
                     Qt::LeftButton, {});
    QApplication::sendEvent(divider, &drag);
    QTest::mouseRelease(divider, Qt::LeftButton, {}, grip);
    QVERIFY(std::abs(board->divider() - 0.25) < 0.01);
    const double there = board->divider();
    divider->setFocus();
    QTest::keyClick(divider, Qt::Key_Right);
    QVERIFY(board->divider() > there);
    QVERIFY(!panel_->modeBar()->rate()->isVisible());
    QTest::keyClick(panel_.get(), Qt::Key_K);
    QVERIFY(panel_->modeBar()->rate()->isVisible());
    panel_->modeBar()->rate()->setValue(10);
    int changes = 0;
    bool shown = board->view(1)->isVisible();
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 1500) {
      QTest::qWait(10);
      if (board->view(1)->isVisible() == shown) continue;
      shown = !shown;
      ++changes;
    }
    QVERIFY2(changes >= 5, qPrintable(QString::number(changes)));  // two a second would be three
    QTest::keyClick(panel_.get(), Qt::Key_G);
  }

  void referencesStandBesideTheRuns() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    auto* model = panel_->model();
    panel_->referencesAction()->trigger();
    QTRY_COMPARE(model->rowCount(), 5);
    const RunPtr unstructured = session().references().first();
    QCOMPARE(unstructured->name, QString("reference: unstructured"));
    QVERIFY(std::abs(unstructured->result.search.retained_saliency -
                     session().problem()->unstructured_bound) < 1e-12);
    const auto cell = [&](int column) { return model->index(1, column); };
    QCOMPARE(cell(ComparisonModel::Retained).data(ComparisonModel::SortRole).toDouble(),
             unstructured->result.search.retained_saliency);
    for (const int column : {ComparisonModel::GapOverall, ComparisonModel::Seconds}) {
      QCOMPARE(cell(column).data().toString(), QString("–"));
    }
    // The runs' own gaps follow once their bounds are known.
    const auto gap = [&] {
      return model->index(0, ComparisonModel::GapOverall).data(ComparisonModel::SortRole);
    };
    QTRY_VERIFY(gap().isValid());
    const RunResult& run = session().runs().first()->result;
    QCOMPARE(gap().toDouble(), Bounds::gap(run.search.retained_saliency, run.bounds->overall));
    panel_->setPick(2, unstructured->id);
    QCOMPARE(panel_->pick(2), unstructured->id);
    QVERIFY(panel_->board()->view(2)->isVisible());
    QVERIFY(panel_->board()->view(2)->source() != nullptr);
    grabAs("compare-references.png");
    // Another problem has other references.
    ProblemSettings settings = session().settings();
    settings.vector_size = 16;
    session().setSettings(settings);
    QVERIFY(session().references().isEmpty());
    QTRY_COMPARE(session().references().size(), qsizetype{4});
    QCOMPARE(session().references().first()->result.problem, session().problem());
    panel_->referencesAction()->trigger();
    QCOMPARE(model->rowCount(), 1);
  }

  void runsAreJudgedByOtherMeasures() {
    QVERIFY(small_->open());
    RunRequest request;
    request.strategy = "magnitude";
    session().startForMeasures(request);
    QTRY_COMPARE_WITH_TIMEOUT(session().runs().size(), qsizetype{2}, 20000);
    QCOMPARE(session().runs()[0]->name, QString("magnitude · magnitude"));
    QCOMPARE(session().runs()[1]->name, QString("magnitude · squared"));
    auto* const measures = panel_->measures();
    auto* const tabs = panel_->findChild<QTabWidget*>();
    tabs->setCurrentWidget(measures);
    QTRY_COMPARE(measures->model()->rowCount(), 2);
    QCOMPARE(measures->model()->columnCount(), 5);  // run, for, two saliencies, output error
    const auto value = [&](int row, int column) {
      return measures->model()->index(row, column).data(MeasuresPanel::SortRole).toDouble();
    };
    for (int row = 0; row < 2; ++row) {
      QCOMPARE(value(row, 2 + row), session().runs()[row]->result.search.retained_saliency);
      QVERIFY(!measures->model()->index(row, 4).data(MeasuresPanel::SortRole).isValid());
    }
    QVERIFY(measures->message().contains("no calibration"));
    QVERIFY(measures->csv().startsWith("Run,Optimised for,by magnitude,by squared,output error"));
    QSignalSpy wanted(measures, &MeasuresPanel::searchWanted);
    QTest::mouseClick(measures->searchButton(), Qt::LeftButton);
    QCOMPARE(wanted.size(), 1);
    grabAs("compare-measures.png");
    session().undoStack()->undo();
    QTRY_COMPARE(measures->model()->rowCount(), 0);
  }

  void tableShowsTheChangeAgainstTheBaseline() {
    QVERIFY(small_->open());
    auto* model = panel_->model();
    QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(small_->run("identity"));
    QVERIFY(small_->run("random", 1));
    QVERIFY(small_->run("random", 2));
    QVERIFY(small_->run("gyro"));
    QCOMPARE(model->rowCount(), 4);
    QVERIFY(!model->index(0, ComparisonModel::Change).data(ComparisonModel::SortRole).isValid());
    session().setBaseline(session().runs().first()->id);
    const auto retained = [&](int run) {
      return session().runs()[run]->result.metrics->layer.retained_fraction();
    };
    const QModelIndex change = model->index(3, ComparisonModel::Change);
    QCOMPARE(change.data(ComparisonModel::SortRole).toDouble(), retained(3) - retained(0));
    QVERIFY(retained(3) > retained(0));
    QVERIFY(change.data().toString().startsWith("▲ +"));
    QCOMPARE(change.data(Qt::ForegroundRole).value<QColor>(), betterColor(true, false));
    const QModelIndex percent = model->index(1, ComparisonModel::ChangePercent);
    QCOMPARE(percent.data(ComparisonModel::SortRole).toDouble(),
             100 * (retained(1) - retained(0)) / retained(0));
    QVERIFY(model->index(0, 0).data().toString().contains("◆"));
    QCOMPARE(model->index(0, ComparisonModel::Change).data().toString(), QString("= 0"));
    panel_->setPick(2, session().runs()[1]->id);
    panel_->setPick(3, session().runs()[2]->id);
    QCOMPARE(panel_->tileBars()->barCount(), 8);
    grabAs("compare-table.png");

    model->setSeedsTogether(true);
    QCOMPARE(model->rowCount(), 3);
    const double mean = (retained(1) + retained(2)) / 2;
    QCOMPARE(model->index(1, ComparisonModel::Retained).data(ComparisonModel::SortRole).toDouble(),
             mean);
    const double sd = std::abs(retained(1) - retained(2)) / std::sqrt(2.0);
    QVERIFY(std::abs(model->rows()[1].retained.deviation - sd) < 1e-12);
    QCOMPARE(model->rows()[1].seeds, QString("1, 2"));
    model->setSeedsTogether(false);
  }

  void csvIsWhatIsShown() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("identity"));
    QVERIFY(small_->run("magnitude"));
    panel_->copyCsv();
    const QString csv = QGuiApplication::clipboard()->text();
    const QStringList lines = csv.split("\r\n", Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith("Run,Retained,± sd,Δ,Δ %,\"Lost, vectors\",\"Lost, N:M\""));
    for (const auto& run : session().runs()) {
      const double retained = run->result.metrics->layer.retained_fraction();
      QVERIFY(csv.contains(QString::number(retained, 'g', 17)));
    }
    panel_->filter()->setText("magnitu");
    QStringList kept = panel_->csv().split("\r\n", Qt::SkipEmptyParts);
    QVERIFY(kept.size() >= 2);
    panel_->filter()->setText("no such run");
    kept = panel_->csv().split("\r\n", Qt::SkipEmptyParts);
    QCOMPARE(kept.size(), 1);
    panel_->filter()->clear();
    panel_->table()->sortByColumn(ComparisonModel::Retained, Qt::AscendingOrder);
    const auto* shown = panel_->table()->model();
    QVERIFY(shown->index(0, ComparisonModel::Retained).data(ComparisonModel::SortRole).toDouble() <=
            shown->index(1, ComparisonModel::Retained).data(ComparisonModel::SortRole).toDouble());
  }

  void deltasHaveSignAndArrow() {
    QCOMPARE(textOf(0.01234, 5), QString("▲ +0.01234"));
    QCOMPARE(textOf(-0.5, 2, " %"), QString("▼ −0.50 %"));
    QCOMPARE(deltaOf(2, 1, true).better.value(), true);
    QCOMPARE(deltaOf(2, 1, false).better.value(), false);
    QVERIFY(!deltaOf(1, 1, true).better.has_value());
    QCOMPARE(deltaOf(3, 2, true).percent, 50.0);
    QCOMPARE(spreadOf({1, 2, 3}).deviation, 1.0);
  }

  void outputErrorHasAColumnAlsoWithoutInputs() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("identity"));
    const QModelIndex cell = panel_->model()->index(0, ComparisonModel::OutputError);
    QCOMPARE(cell.data().toString(), QString("–"));
    QVERIFY(!cell.data(ComparisonModel::SortRole).isValid());
    const QModelIndex weight = panel_->model()->index(0, ComparisonModel::WeightError);
    QCOMPARE(weight.data(ComparisonModel::SortRole).toDouble(),
             session().runs().first()->result.weight_error);
  }

  void allAtOnceIsOneEntryOfTheUndoStack() {
    QVERIFY(small_->open());
    BatchDialog* const dialog = panel_->openBatch();
    check(dialog->strategyList(), {"identity", "random"});
    check(dialog->layers(), {"layer.weight", "other.weight"});
    dialog->seeds()->setValue(2);
    dialog->budgets()->setText("0.5, 1");
    const int before = session().undoStack()->count();
    QSignalSpy ended(dialog, &BatchDialog::searched);
    QTest::mouseClick(dialog->startButton(), Qt::LeftButton);
    QVERIFY(ended.wait(60000));
    // Two layers × two budgets × (identity once, random with two seeds).
    QCOMPARE(session().runs().size(), qsizetype{12});
    QCOMPARE(session().document().runsOfLayer().size(), qsizetype{6});
    QCOMPARE(session().undoStack()->count(), before + 1);
    // One curve a strategy, one point a budget: the mean over its seeds.
    QCOMPARE(panel_->qualityPlot()->graphCount(), 2);
    const auto random = panel_->qualityPlot()->graph(1)->data();
    QCOMPARE(random->size(), 2);
    double mean = 0;
    for (const auto& run : session().document().runsOfLayer()) {
      const RunRequest& request = run->result.request;
      if (request.strategy != "random" || request.budget_seconds != 0.5) continue;
      mean += run->result.metrics->layer.retained_fraction() / 2;
    }
    QVERIFY(mean > 0);
    grabAs("compare-quality.png");
    QVERIFY(std::abs(random->at(0)->value - mean) < 1e-12 ||
            std::abs(random->at(1)->value - mean) < 1e-12);
    session().undoStack()->undo();
    QVERIFY(session().runs().isEmpty());
    QCOMPARE(panel_->qualityPlot()->graphCount(), 0);
    dialog->close();
  }

  void aForkIsACurveOfItsOwn() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("gyro"));
    QCOMPARE(panel_->qualityPlot()->graphCount(), 1);
    const RunPtr parent = session().currentRun();
    auto start = std::make_shared<SearchStart>();
    start->permutation = parent->result.search.permutation;
    RunRequest request = parent->result.request;
    request.start = start;
    session().startRun(request, false, "from step 3");
    QTRY_COMPARE_WITH_TIMEOUT(session().runs().size(), qsizetype{2}, 60000);
    QTRY_COMPARE(panel_->qualityPlot()->graphCount(), 2);
    QSet<QString> names;
    for (int i = 0; i < 2; ++i) {
      QCOMPARE(panel_->qualityPlot()->graph(i)->dataCount(), 1);
      names.insert(panel_->qualityPlot()->graph(i)->name());
    }
    QVERIFY(names.contains("gyro"));
    QVERIFY(names.contains(session().currentRun()->name));
  }

  void aBatchThatIsStoppedKeepsWhatHadEnded() {
    QVERIFY(small_->open());
    BatchDialog* const dialog = panel_->openBatch();
    check(dialog->layers(), {"layer.weight"});
    check(dialog->strategyList(), {"identity", "gyroscope"});
    dialog->seeds()->setValue(1);
    dialog->budgets()->setText("3600");
    QSignalSpy ended(dialog, &BatchDialog::searched);
    QTest::mouseClick(dialog->startButton(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(dialog->message().contains("1 of 2"), 20000);
    QTest::mouseClick(dialog->cancelButton(), Qt::LeftButton);
    QVERIFY(!ended.isEmpty() || ended.wait(5000));
    QCOMPARE(session().runs().size(), qsizetype{1});
    QCOMPARE(session().runs().first()->result.request.strategy, std::string("identity"));
    dialog->close();
  }

  void aPlanThatCannotWorkSaysWhy() {
    QVERIFY(small_->open());
    BatchDialog* const dialog = panel_->openBatch();
    QVERIFY(dialog->startButton()->isEnabled());
    dialog->budgets()->setText("soon");
    QVERIFY(!dialog->startButton()->isEnabled());
    QVERIFY(!dialog->message().isEmpty());
    dialog->budgets()->clear();
    QVERIFY(dialog->startButton()->isEnabled());
    check(dialog->strategyList(), {});
    QVERIFY(!dialog->plan());
    dialog->close();
  }
};

QTEST_MAIN(TestCompare)
#include "test_compare.moc"

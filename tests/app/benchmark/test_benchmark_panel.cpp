#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include "app/desktop/benchmark/bench_model.hpp"
#include "app/desktop/benchmark/benchmark_panel.hpp"
#include "app/desktop/benchmark/cell_names.hpp"
#include "app/desktop/benchmark/roofline_plot.hpp"
#include "app/desktop/benchmark/time_bars.hpp"
#include "app/desktop/benchmark/trade_plot.hpp"
#include "core/benchmark/report_file.hpp"
#include "tests/app/stepper/small_session.hpp"
#include "tests/core/benchmark/sample_report.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestBenchmarkPanel : public QObject {
  Q_OBJECT

  std::unique_ptr<desktop::testing::SmallSession> small_;
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<BenchmarkPanel> panel_;

  void makePanel() {
    panel_ = std::make_unique<BenchmarkPanel>(&small_->session, folder_->filePath("history"));
    panel_->resize(1360, 440);
    panel_->show();
    QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
  }

  /// An entry of the history, the example apart.
  int stored() const {
    const auto& all = panel_->history()->reports();
    return static_cast<int>(std::count_if(all.begin(), all.end(),
                                          [](const auto& entry) { return !entry->isExample(); }));
  }

  QString write(const BenchReport& report, const QString& name = "r.json") const {
    QString path = folder_->filePath(name);
    if (!write_report(path.toStdString(), report)) return {};
    return path;
  }

  /// Pixels of a colour in a picture of the plot.
  static int count(QCustomPlot* plot, const QColor& color) {
    const QImage image = plot->toPixmap(600, 300).toImage();
    int out = 0;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) out += image.pixelColor(x, y) == color;
    }
    return out;
  }

 private slots:
  void init() {
    small_ = std::make_unique<desktop::testing::SmallSession>();
    folder_ = std::make_unique<QTemporaryDir>();
    makePanel();
  }
  void cleanup() {
    panel_.reset();
    small_.reset();
  }

  void withoutAGpuItSaysSoAndOpensStoredResults() {
    panel_->setDevices({}, "There is no NVIDIA card.", {});
    QVERIFY(!panel_->setup()->runButton()->isEnabled());
    QVERIFY(panel_->setup()->noteText().contains("no NVIDIA card"));
    panel_->openFile(write(gyro::testing::sample_report()));
    QCOMPARE(stored(), 1);
    QVERIFY(panel_->report() && panel_->report()->report == gyro::testing::sample_report());
    QCOMPARE(panel_->model()->rowCount(), 4);
    panel_->openFile(folder_->filePath("r.json"));  // the same again
    QCOMPARE(stored(), 1);
  }

  void aBrokenFileIsReported() {
    QSignalSpy failed(&small_->session, &Session::failed);
    QFile file(folder_->filePath("broken.json"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{}") == 2);
    file.close();
    panel_->openFile(file.fileName());
    QCOMPARE(failed.size(), 1);
    QCOMPARE(stored(), 0);
  }

  void theHistoryOutlivesThePanel() {
    panel_->openFile(write(gyro::testing::sample_report()));
    BenchReport later = gyro::testing::sample_report(0.5);
    later.time = "2026-11-26T10:00:00Z";
    panel_->openFile(write(later, "later.json"));
    makePanel();
    QCOMPARE(stored(), 2);
    QVERIFY(panel_->history()->reports().first()->report == later);
    QVERIFY(panel_->history()->remove(panel_->history()->reports().first()));
    makePanel();
    QCOMPARE(stored(), 1);
  }

  void theTableComparesWithTheBaseline() {
    QAbstractItemModelTester tester(panel_->model(),
                                    QAbstractItemModelTester::FailureReportingMode::QtTest);
    panel_->openFile(write(gyro::testing::sample_report()));
    BenchReport faster = gyro::testing::sample_report(0.5);
    faster.time = "2026-11-26T10:00:00Z";
    panel_->openFile(write(faster, "faster.json"));
    QVERIFY(panel_->report()->report == faster);
    const auto cell = [this](int row, int column, int role = Qt::DisplayRole) {
      return panel_->model()->index(row, column).data(role);
    };
    QCOMPARE(cell(0, BenchModel::Change).toString(), QString("–"));
    panel_->setBaseline(panel_->history()->reports()[1]);
    QCOMPARE(cell(0, BenchModel::Change, BenchModel::SortRole).toDouble(), -80.0);
    QCOMPARE(cell(0, BenchModel::ChangePercent, BenchModel::SortRole).toDouble(), -50.0);
    QVERIFY(cell(0, BenchModel::Change, Qt::ForegroundRole).isValid());
    QCOMPARE(cell(0, BenchModel::Speedup).toString(), QString("2.50"));
    QCOMPARE(cell(3, BenchModel::Hinm).toString(), QString("–"));
    QVERIFY(cell(3, BenchModel::Note).toString().contains("the product is wrong"));
    // 2·4096·4096·8192 FLOP in 80 µs
    QCOMPARE(cell(0, BenchModel::DenseRate, BenchModel::SortRole).toDouble(),
             2.0 * 4096 * 4096 * 8192 / 80e-6 * 1e-12);
  }

  void cellsAreNamedAsTheRoomAllows() {
    const auto cell = [](std::int64_t n, double sparsity) {
      BenchResult out;
      out.m = 4096;
      out.k = 4096;
      out.n = n;
      out.vector_size = 128;
      out.sparsity = sparsity;
      return out;
    };
    const std::vector<BenchResult> cells = {cell(512, 0.75), cell(512, 0.875), cell(512, 0.9375),
                                            cell(16, 0.75), cell(16, 0.875)};
    const QFontMetrics metrics(QApplication::font());
    const int size = metrics.horizontalAdvance(QStringLiteral("4096×4096×512"));

    const auto wide = cellNames(cells, 5 * (size + 20), metrics);
    QVERIFY(wide.level);
    QCOMPARE(wide.at.size(), 5);
    QCOMPARE(wide.at.value(1), QString("4096×4096×512\nV128 · 87.5 %"));

    const auto shared = cellNames(cells, 5 * (size / 2 + 10), metrics);
    QVERIFY(shared.level);
    QCOMPARE(shared.at.value(0), QString("75"));
    QCOMPARE(shared.at.value(1), QString("87.5\n4096×4096×512\nV128 · % sparse"));
    QCOMPARE(shared.at.value(3.5), QString("\n4096×4096×16\nV128 · % sparse"));

    const auto narrow = cellNames(cells, size, metrics);
    QVERIFY(!narrow.level);
    QCOMPARE(narrow.at, wide.at);
    QVERIFY(cellNames({}, 100, metrics).at.isEmpty());
  }

  void barsAreAsHighAsTheTimes() {
    auto results = resultsOf(gyro::testing::sample_report(), CacheState::Cold);
    QCOMPARE(results.size(), std::size_t{3});
    TimeBars bars;
    bars.resize(600, 300);
    bars.setResults(results);
    QVERIFY(!bars.isEmpty());
    QCOMPARE(*bars.heightOf(0, Contender::Hinm), 160.0);
    QCOMPARE(*bars.heightOf(1, Contender::Cublas), 225.0);
    QVERIFY(!bars.heightOf(2, Contender::Hinm));
    QVERIFY(!bars.heightOf(0, Contender::Cusparselt));
    bars.setShow(TimeBars::Show::Speedup);
    QCOMPARE(*bars.heightOf(0, Contender::Hinm), 2.5);
    QCOMPARE(*bars.heightOf(0, Contender::Cublas), 1.0);
    bars.setResults({});
    QVERIFY(bars.isEmpty());
  }

  void thePictureHasTheHeightsOfTheData() {
    BenchReport report = gyro::testing::sample_report();
    auto first = report.results[0];
    first.cublas_masked = {};
    TimeBars bars;
    bars.setResults({first});
    auto* const hinm = qobject_cast<QCPBars*>(bars.plottable(0));
    QVERIFY(hinm);
    const double hinm_pixels = count(&bars, hinm->brush().color());
    QCPBars* cublas = nullptr;
    for (int i = 1; i < bars.plottableCount(); ++i) {
      if (auto* other = qobject_cast<QCPBars*>(bars.plottable(i))) cublas = other;
    }
    QVERIFY(cublas && hinm->brush().color() != cublas->brush().color());
    const double ratio = count(&bars, cublas->brush().color()) / hinm_pixels;
    QVERIFY2(std::abs(ratio - 2.5) < 0.15, qPrintable(QString::number(ratio)));
  }

  void theRooflineStandsWhereTheNumbersSay() {
    const auto report = gyro::testing::sample_report();
    const auto point = rooflinePoint(report.results[0], Contender::Hinm);
    const ProductWork work = work_of(report.results[0].shape(), 8192);
    QVERIFY(point);
    QCOMPARE(point->rate, work.tensor_flop / 160e-6 * 1e-12);
    QCOMPARE(point->intensity, work.tensor_flop / work.bytes);
    QVERIFY(point->low < point->rate && point->rate < point->high);
    QVERIFY(!rooflinePoint(report.results[0], Contender::Cusparselt));
    const auto roofs = roofsOf(report.ceilings, report.results);
    QCOMPARE(roofs.size(), std::size_t{4});
    const auto gather = std::find_if(roofs.begin(), roofs.end(),
                                     [](const Roof& roof) { return roof.name.contains("128"); });
    QVERIFY(gather != roofs.end());
    QCOMPARE(gather->level, 7.0 * 128);
    RooflinePlot plot;
    plot.setResults(resultsOf(report, CacheState::Cold), report.ceilings);
    QVERIFY(!plot.isEmpty());
    QCOMPARE(plot.graphCount(), 3 + 4);
    plot.setResults({}, report.ceilings);
    QVERIFY(plot.isEmpty());
  }

  void runsMeetTheTimesOfTheirProducts() {
    QVERIFY(small_->open());
    QVERIFY(small_->run("identity"));
    QVERIFY(small_->run("gyro"));
    const HinmShape shape = small_->session.problem()->shape;
    auto result = gyro::testing::sample_result(shape.rows, shape.cols, 64, shape.kept, 12);
    result.vector_size = shape.vector_size;
    auto other = result;
    other.kept -= 4;
    const auto points = tradePoints(small_->session.runs(), {result, other}, Quality::Retained);
    QCOMPARE(points.size(), std::size_t{1});
    QCOMPARE(points[0].us, 12.0);
    QCOMPARE(points[0].quality,
             small_->session.runs()[1]->result.metrics->layer.retained_fraction());
    QVERIFY(tradePoints(small_->session.runs(), {result}, Quality::OutputError).empty());
    BenchReport report = gyro::testing::sample_report();
    report.results = {result, other};
    panel_->openFile(write(report));
    QVERIFY(!panel_->trade()->isEmpty());
  }

  void theFormSaysWhatCannotRun() {
    auto* const setup = panel_->setup();
    panel_->setDevices({{"cuda:0", "Some card"}}, {},
                       [](const QString&, const auto&, Progress&) -> Result<BenchReport> {
                         return gyro::testing::sample_report();
                       });
    QVERIFY(setup->runButton()->isEnabled());
    setup->shapes()->setText("4096x4096");
    QVERIFY(!setup->runButton()->isEnabled() && setup->noteText().contains("4096x4096"));
    setup->shapes()->setText("4096x4096x128, 128x64x1");
    setup->sparsities()->setText("0.75 0.2");
    QVERIFY(!setup->runButton()->isEnabled() && setup->noteText().contains("0.5"));
    setup->sparsities()->setText("0.75");
    setup->vectorSizes()->setText("64, 96");
    QVERIFY(!setup->runButton()->isEnabled());
    setup->vectorSizes()->setText("64, 128");
    QVERIFY(setup->runButton()->isEnabled());
    QCOMPARE(setup->cells()->size(), std::size_t{8});
  }

  void aRunIsShownAndKept() {
    std::vector<BenchCell> asked;
    panel_->setDevices({{"cuda:0", "Some card"}}, {},
                       [&](const QString&, const auto& cells, Progress&) -> Result<BenchReport> {
                         asked = cells;
                         return gyro::testing::sample_report();
                       });
    QTest::mouseClick(panel_->setup()->runButton(), Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([this] { return stored() == 1; }, 10000));
    QCOMPARE(asked.size(), std::size_t{4});
    QVERIFY(panel_->report()->report == gyro::testing::sample_report());
    QSignalSpy failed(&small_->session, &Session::failed);
    panel_->setDevices({{"cuda:0", "Some card"}}, {},
                       [](const QString&, const auto&, Progress&) -> Result<BenchReport> {
                         return fail(ErrorCode::Unavailable, "the device is lost");
                       });
    QTest::mouseClick(panel_->setup()->runButton(), Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return failed.size() == 1; }, 10000));
    QCOMPARE(stored(), 1);
  }

  void resultsAreWrittenByTheEnding() {
    QVERIFY(!panel_->exportTo(folder_->filePath("x.json")) || panel_->report());
    panel_->openFile(write(gyro::testing::sample_report()));
    for (const auto* name : {"x.json", "x.csv", "x.png"}) {
      QVERIFY(panel_->exportTo(folder_->filePath(name)));
    }
    QVERIFY(*read_report(folder_->filePath("x.json").toStdString()) ==
            gyro::testing::sample_report());
    QVERIFY(!QImage(folder_->filePath("x.png")).isNull());
    QVERIFY(!panel_->exportTo(folder_->filePath("x.doc")));
    QVERIFY(!panel_->exportTo(folder_->filePath("none/x.png")));
  }
};

QTEST_MAIN(TestBenchmarkPanel)
#include "test_benchmark_panel.moc"

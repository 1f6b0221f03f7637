#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include "app/desktop/layers/layers_model.hpp"
#include "app/desktop/problem/companion_field.hpp"
#include "app/desktop/problem/field_note.hpp"
#include "app/desktop/problem/problem_panel.hpp"
#include "app/desktop/problem/strategy_panel.hpp"
#include "app/desktop/session/runs_model.hpp"
#include "tests/app/checkpoint.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestModels : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString path_;

  void open(Session& session, const QString& layer) {
    session.openFile(path_);
    QTRY_VERIFY(session.file());
    session.selectLayer(layer);
    QTRY_VERIFY(session.identity() || session.problemError());
  }

 private slots:
  void initTestCase() {
    path_ = folder_.filePath("small.safetensors");
    QVERIFY(gyro::testing::writeFile(path_, gyro::testing::smallCheckpoint()));
  }

  void layersAreATree() {
    Session session;
    LayersModel model(&session);
    LayersFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&model);
    const QAbstractItemModelTester filter_tester(&filter);
    QCOMPARE(model.rowCount({}), 0);
    open(session, "block.0.query.weight");
    QCOMPARE(model.rowCount({}), 1);
    const QModelIndex block = model.index(0, 0, {});
    QCOMPARE(block.data().toString(), QString("block"));
    QCOMPARE(model.rowCount(block), 2);

    const QModelIndex query = model.indexOf("block.0.query.weight");
    QVERIFY(query.isValid());
    const auto cell = [&](int column) { return query.siblingAtColumn(column).data().toString(); };
    QCOMPARE(cell(LayersModel::Shape), QString("128 × 96"));
    QCOMPARE(cell(LayersModel::Type), QString("float32"));
    QCOMPARE(cell(LayersModel::Tiles), QString("2"));
    QCOMPARE(cell(LayersModel::Identity),
             QString::number(session.problem()->identity_retained, 'f', 5));
    QVERIFY(cell(LayersModel::Best).isEmpty());
    QCOMPARE(cell(LayersModel::Memory), QString("123 kB"));

    filter.setFilterFixedString("odd");
    QCOMPARE(filter.rowCount(), 1);
    QVERIFY(!filter.mapFromSource(query).isValid());
    QVERIFY(filter.mapFromSource(model.indexOf("block.1.odd.weight")).isValid());
  }

  void whatIsNoLayerSaysWhy() {
    Session session;
    LayersModel model(&session);
    open(session, "block.0.query.weight");
    const auto found = model.match(model.index(0, 0, {}), LayersModel::FullNameRole,
                                   "block.0.query.bias", 1, Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(found.size(), 1);
    QVERIFY(!(found[0].flags() & Qt::ItemIsSelectable));
    QVERIFY(found[0].data(Qt::ToolTipRole).toString().startsWith("Not a layer: "));
    QVERIFY(found[0].data(LayersModel::TensorRole).toString().isEmpty());
  }

  void aLargeTreeIsQuick() {
    std::vector<gyro::testing::NamedMatrix> tensors;
    for (int layer = 0; layer < 80; ++layer) {
      for (const char* part : {"q", "k", "v", "o", "gate", "up", "down"}) {
        tensors.push_back(
            {QByteArray("model.layers.") + QByteArray::number(layer) + "." + part + ".weight",
             {8, 8},
             gyro::testing::noise(64, 1)});
      }
    }
    const QString path = folder_.filePath("large.safetensors");
    QVERIFY(gyro::testing::writeFile(path, gyro::testing::safetensors(tensors)));
    Session session;
    LayersModel model(&session);
    QElapsedTimer timer;
    qint64 took = 0;
    connect(&session, &Session::fileChanged, this, [&] { took = timer.elapsed(); });
    timer.start();
    session.openFile(path);
    QTRY_VERIFY(session.file());
    QVERIFY(model.indexOf("model.layers.79.down.weight").isValid());
    QVERIFY2(took < 500, qPrintable(QString::number(took)));
  }

  void runsAreATable() {
    Session session;
    RunsModel model(&session);
    const QAbstractItemModelTester tester(&model);
    open(session, "block.0.query.weight");
    for (const char* name : {"identity", "random"}) {
      const auto before = session.runs().size();
      RunRequest request;
      request.strategy = name;
      session.startRun(request);
      QTRY_COMPARE(session.runs().size(), before + 1);
    }
    QCOMPARE(model.rowCount(), 2);
    const auto text = [&](int row, int column) {
      return model.index(row, column).data().toString();
    };
    QCOMPARE(text(1, RunsModel::Delta), QString(QChar(0x2013)));
    session.setBaseline(session.runs()[0]->id);
    const double difference = session.runs()[1]->result.metrics->layer.retained_fraction() -
                              session.runs()[0]->result.metrics->layer.retained_fraction();
    QCOMPARE(model.index(1, RunsModel::Delta).data(RunsModel::SortRole).toDouble(), difference);
    QVERIFY(text(0, RunsModel::Name).contains("baseline"));
    const QStringList lines = model.csv().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0].count(','), RunsModel::Columns - 1);
    session.removeRun(session.runs()[0]->id);
    QCOMPARE(model.rowCount(), 1);
  }

  void sparsitiesAreKeptTogetherExactly() {
    Session session;
    ProblemPanel panel(&session);
    open(session, "block.0.query.weight");
    QCOMPARE(panel.sparsity()->text(), QString("0.75"));
    QCOMPARE(panel.vectorSparsity()->text(), QString("0.5"));
    panel.vectorSparsity()->clear();
    QTest::keyClicks(panel.vectorSparsity(), "0.75\r");
    QCOMPARE(session.settings().sparsity, make_fraction(7, 8));
    QCOMPARE(panel.sparsity()->text(), QString("0.875"));
    panel.sparsity()->clear();
    QTest::keyClicks(panel.sparsity(), "2/3\r");
    QCOMPARE(panel.vectorSparsity()->text(), QString("1/3"));
  }

  void whatCannotWorkIsExplainedAtItsField() {
    Session session;
    ProblemPanel panel(&session);
    panel.show();
    open(session, "block.1.odd.weight");
    QTRY_VERIFY(panel.vectorSizeNote()->isVisible());
    QVERIFY(panel.vectorSizeNote()->text().contains("100 rows"));
    QTest::mouseClick(panel.vectorSizeNote()->button(), Qt::LeftButton);
    QCOMPARE(session.settings().vector_size, 50);
    QVERIFY(!panel.vectorSizeNote()->isVisible());
    QTRY_VERIFY(session.problem());

    panel.sparsity()->clear();
    QTest::keyClicks(panel.sparsity(), "0.25\r");
    QVERIFY(panel.sparsityNote()->isVisible());
    QTest::mouseClick(panel.sparsityNote()->button(), Qt::LeftButton);
    QCOMPARE(session.settings().sparsity, make_fraction(1, 2));
    panel.sparsity()->clear();
    QTest::keyClicks(panel.sparsity(), "much\r");
    QVERIFY(panel.sparsityNote()->isVisible());
    QCOMPARE(session.settings().sparsity, make_fraction(1, 2));
  }

  void dataOfTheSaliencyIsChosenBesideIt() {
    const QString inputs = folder_.filePath("inputs.safetensors");
    QVERIFY(gyro::testing::writeFile(
        inputs,
        gyro::testing::safetensors({{"x", {16, 96}, gyro::testing::noise(16 * 96, 9)},
                                    {"narrow", {16, 95}, gyro::testing::noise(16 * 95, 9)}})));
    Session session;
    ProblemPanel panel(&session);
    panel.show();
    open(session, "block.0.query.weight");
    QVERIFY(!panel.riaExponent()->isVisible());
    QVERIFY(!panel.scores()->isVisible());
    panel.saliency()->setCurrentIndex(
        panel.saliency()->findData(static_cast<int>(SaliencyKind::Ria)));
    emit panel.saliency()->activated(panel.saliency()->currentIndex());
    QVERIFY(panel.riaExponent()->isVisible());
    QTRY_VERIFY(panel.calibrationNote()->isVisible());
    QVERIFY(!panel.calibrationNote()->text().contains("--"));

    const auto type = [](QLineEdit* edit, const QString& text) {
      edit->setText(text);
      QTest::keyClick(edit, Qt::Key_Return);
    };
    type(panel.calibration()->file(), inputs + ":narrow");
    QCOMPARE(session.settings().saliency.calibration.tensor, std::string("narrow"));
    QCOMPARE(panel.calibration()->tensor()->text(), QString("narrow"));
    QTRY_VERIFY(panel.calibrationNote()->isVisible());
    QVERIFY(!session.problem());
    type(panel.calibration()->tensor(), "x");
    QTRY_VERIFY(session.problem() != nullptr);
    QVERIFY(!panel.calibrationNote()->isVisible());
    const auto half = session.problem();
    panel.riaExponent()->setValue(1);
    QTRY_VERIFY(session.problem() != nullptr && session.problem() != half);
    QVERIFY(*session.problem()->saliency != *half->saliency);

    RunRequest identity;
    identity.strategy = "identity";
    session.startRun(identity);
    QTRY_COMPARE(session.runs().size(), qsizetype{1});
    const auto& error = session.runs().first()->result.output_error;
    QVERIFY(error != nullptr);
    const RunsModel model(&session);
    QCOMPARE(model.index(0, RunsModel::OutputError).data(RunsModel::SortRole).toDouble(),
             error->layer);
    session.undoStack()->undo();
    session.undoStack()->undo();
    QCOMPARE(panel.riaExponent()->value(), 0.5);
  }

  void theFormFollowsTheStrategy() {
    Session session;
    StrategyPanel panel(&session);
    QCOMPARE(panel.strategy(), QString("gyroscope"));
    QCOMPARE(panel.request().budget_seconds, std::optional<double>(10));
    for (const auto& strategy : strategies()) {
      const StrategyInfo& info = strategy->info();
      panel.setStrategy(QString::fromStdString(info.name));
      for (const auto& parameter : info.parameters) {
        auto* const field =
            panel.findChild<QWidget*>(QString::fromStdString("parameter-" + parameter.name));
        QVERIFY2(field != nullptr, parameter.name.c_str());
        QVERIFY(!field->toolTip().isEmpty());
      }
      const RunRequest request = panel.request();
      QCOMPARE(request.strategy, info.name);
      QVERIFY2(request.parameters.empty(), info.name.c_str());
      QVERIFY(Parameters::parse(info.parameters, request.parameters).has_value());
    }
    panel.setStrategy("gyro");
    panel.seed()->setText("42");
    panel.steps()->setValue(7);
    QCOMPARE(panel.request().seed, std::uint64_t{42});
    QCOMPARE(panel.request().max_steps, std::optional<std::int64_t>(7));
    panel.budget()->setValue(0);
    QVERIFY(!panel.request().budget_seconds);
  }
};

QTEST_MAIN(TestModels)
#include "test_models.moc"

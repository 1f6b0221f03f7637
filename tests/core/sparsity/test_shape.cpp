#include <QTest>
#include <limits>

#include "core/sparsity/shape.hpp"

using namespace gyro;

class TestShape : public QObject {
  Q_OBJECT
 private slots:
  void fractions_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("numerator");
    QTest::addColumn<qint64>("denominator");
    QTest::newRow("decimal") << "0.75" << qint64{3} << qint64{4};
    QTest::newRow("no zero") << ".9" << qint64{9} << qint64{10};
    QTest::newRow("percent") << "87.5%" << qint64{7} << qint64{8};
    QTest::newRow("ratio") << "6/8" << qint64{3} << qint64{4};
    QTest::newRow("whole") << "0" << qint64{0} << qint64{1};
    QTest::newRow("ten decimals, nine digits")
        << "0.1234567890" << qint64{123456789} << qint64{1000000000};
    QTest::newRow("twelve decimals as text") << "4095/4096" << qint64{4095} << qint64{4096};
    QTest::newRow("periodic") << "999999999/999999998" << qint64{999999999} << qint64{999999998};
    QTest::newRow("point at the end") << "1." << qint64{1} << qint64{1};
  }
  void fractions() {
    QFETCH(QString, text);
    const auto fraction = parse_fraction(text.toStdString());
    QVERIFY(fraction.has_value());
    QTEST(static_cast<qint64>(fraction->numerator), "numerator");
    QTEST(static_cast<qint64>(fraction->denominator), "denominator");
    QCOMPARE(parse_fraction(fraction->text()).value(), *fraction);
  }

  void notFractions() {
    for (const char* text :
         {"", ".", "-0.5", "1e-3", "0.75x", "3/0", "%", "0.12345678901", "75.12345678%",
          "1/1000000007", "nan", " 1", "0,75", "1/2/3", "99999999999999999999"}) {
      QVERIFY2(!parse_fraction(text), text);
    }
  }

  void keptIsExact() {
    // In floating point 640 · (1 − 0.9) is 63.99…, which would keep 60.
    const auto at = [](const char* total, int cols) {
      const auto s = total_from_vector_sparsity(parse_fraction(total).value(), {2, 4});
      return make_shape(64, cols, 32, {2, 4}, s).value().kept;
    };
    QCOMPARE(at("0.9", 640), 64);
    QCOMPARE(at("0.5", 384), 192);
    QCOMPARE(at("0.5", 10), 4);
    QCOMPARE(at("0", 10), 8);
    QCOMPARE(at("0.999", 10), 4);
  }

  void theFinestSparsityOfTheWidestLayerIsExact() {
    const int cols = std::numeric_limits<int>::max();
    const auto shape = make_shape(64, cols, 32, {2, 4}, {999'999'999, 1'000'000'000}).value();
    QCOMPARE(shape.kept, 4);  // ⌊2147483647 · 10⁻⁹ / 2⌋ = 1 group
    const auto half = make_shape(64, cols, 32, {2, 4}, {500'000'001, 1'000'000'000}).value();
    QCOMPARE(half.kept, 4 * 536870910);  // ⌊2147483647 · 0.499999999 / 2⌋
    // Of the vector level, such a fraction makes a finer total.
    const auto total = total_from_vector_sparsity({999'999'999, 1'000'000'000}, {2, 4});
    QVERIFY(!make_shape(64, 640, 32, {2, 4}, total));
  }

  void totalAndVectorSparsityAgree() {
    const auto total = parse_fraction("0.75").value();
    const auto vector = vector_from_total_sparsity(total, {2, 4});
    QCOMPARE(vector.text(), std::string("0.5"));
    QCOMPARE(total_from_vector_sparsity(vector, {2, 4}), total);
    const auto shape = make_shape(384, 384, 32, {2, 4}, total).value();
    QCOMPARE(shape.kept, 192);
    QCOMPARE(shape.sparsity(), total);
    QCOMPARE(shape.vector_sparsity(), vector);
    QCOMPARE(shape.tiles(), 12);
    QCOMPARE(shape.groups(), 48);
    QCOMPARE(shape.kept_per_row(), 96);
  }

  void refusalsSayWhatWorks() {
    const auto s = parse_fraction("0.75").value();
    const auto rows = make_shape(384, 384, 60, {2, 4}, s);
    QVERIFY(QString::fromStdString(rows.error().advice).contains("64"));
    const auto little = make_shape(384, 384, 32, {2, 4}, parse_fraction("0.3").value());
    QVERIFY(QString::fromStdString(little.error().advice).contains("0.5"));
    QVERIFY(!make_shape(384, 384, 32, {2, 4}, parse_fraction("1").value()));
    QVERIFY(!make_shape(384, 384, 32, {2, 4}, parse_fraction("2").value()));
    QVERIFY(!make_shape(384, 3, 32, {2, 4}, s));
    QVERIFY(!make_shape(0, 384, 32, {2, 4}, s));
    QVERIFY(!make_shape(7, 384, 0, {2, 4}, s));
    QVERIFY(!make_shape(1, 384, 1, {2, 4}, s));
    QVERIFY(!make_shape(384, 384, 32, {4, 4}, s));
    QVERIFY(!make_shape(384, 384, 32, {2, 33}, s));
  }

  void patterns() {
    QCOMPARE(parse_nm("2:4").value().m, 4);
    QCOMPARE(parse_nm("1:32").value().text(), std::string("1:32"));
    for (const char* text : {"", "2", "2:", ":4", "4:2", "0:4", "2:4:8", "2:99", "a:b", "2/4"}) {
      QVERIFY2(!parse_nm(text), text);
    }
  }
};

QTEST_GUILESS_MAIN(TestShape)
#include "test_shape.moc"

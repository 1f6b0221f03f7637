#include <QAction>
#include <QClipboard>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "app/desktop/heatmap/cell_text.hpp"
#include "app/desktop/heatmap/color_bar.hpp"
#include "app/desktop/heatmap/link.hpp"
#include "app/desktop/heatmap/minimap.hpp"
#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/heatmap/whole_ticker.hpp"
#include "core/base/random.hpp"

using namespace gyro;
using namespace gyro::desktop;

namespace {

SharedMatrix matrixOf(int rows, int cols) {
  auto matrix = std::make_shared<Matrix>(rows, cols);
  for (Eigen::Index i = 0; i < matrix->size(); ++i) matrix->data()[i] = static_cast<float>(i);
  return matrix;
}

HeatmapSource::Pointer ramp(int rows, int cols) {
  return HeatmapSource::make(
             matrixOf(rows, cols),
             MatrixText{QStringLiteral("ramp"), "row", "column", "value", {}, {}, {}, {}})
      .value();
}

void showIn(HeatmapView& view, const HeatmapSource::Pointer& source) {
  view.resize(500, 400);
  view.show();
  view.setSource(source);
  QVERIFY(QTest::qWaitFor([&] { return !view.building(); }));
  view.replot();
}

QPoint pixelOf(const HeatmapView& view, double row, double column) {
  return QPointF(view.columnAxis()->coordToPixel(column), view.rowAxis()->coordToPixel(row))
      .toPoint();
}

void wheel(HeatmapView& view, const QPoint& at, int delta) {
  QWheelEvent event(at, view.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(&view, &event);
}

}  // namespace

class TestHeatmapView : public QObject {
  Q_OBJECT
 private slots:
  void grabShowsTheColourOfEveryCellRowZeroOnTop() {
    HeatmapView view;
    showIn(view, ramp(6, 8));
    const QImage grab = view.grab().toImage();
    const auto table = view.colorModel()->table(false);
    const double scale = grab.devicePixelRatio();
    for (int r = 0; r < 6; ++r) {
      for (int c = 0; c < 8; ++c) {
        const QPoint at = pixelOf(view, r + 0.15, c + 0.15) * scale;
        QCOMPARE(QColor(grab.pixel(at)), QColor(table->at(static_cast<float>(r * 8 + c))));
      }
    }
    QVERIFY(pixelOf(view, 0, 0).y() < pixelOf(view, 5, 0).y());
  }

  void coloursFitTheValuesBeforeAllAreCounted() {
    HeatmapView view;
    showIn(view, ramp(6, 8));
    auto large = std::make_shared<Matrix>(1500, 1000);
    for (int row = 0; row < 1500; ++row)
      large->row(row).setConstant(5000 + static_cast<float>(row));
    const QSignalSpy changes(view.colorModel(), &ColorModel::changed);
    view.setSource(HeatmapSource::make(large, ramp(6, 8)->text()).value());
    QVERIFY(view.building() && view.statistics()->sampled);
    const auto [from, to] = view.colorModel()->range();
    QVERIFY(QTest::qWaitFor([&] { return !view.building(); }));
    QVERIFY(!view.statistics()->sampled);
    QCOMPARE(changes.count(), 2);
    const auto [lower, upper] = view.colorModel()->range();
    QVERIFY(std::abs(from - lower) < 30 && std::abs(to - upper) < 30);
    QVERIFY(lower > 5000 && upper < 6500);
    HeatmapLink link;
    link.add(&view);
    link.setColorLinked(true);
    view.setSource(ramp(300, 400));
    QVERIFY(view.building() && link.colorModel()->range().first < 5000);
  }

  void wheelZoomsAtTheCursorAndHistoryGoesBack() {
    HeatmapView view;
    showIn(view, ramp(300, 400));
    const QRectF before = view.visibleCells();
    const QPoint at = pixelOf(view, 90, 120);
    const double column = view.columnAxis()->pixelToCoord(at.x());
    const double row = view.rowAxis()->pixelToCoord(at.y());
    wheel(view, at, 240);
    QVERIFY(view.visibleCells().width() < before.width());
    QVERIFY(std::abs(view.columnAxis()->pixelToCoord(at.x()) - column) < 1e-9);
    QVERIFY(std::abs(view.rowAxis()->pixelToCoord(at.y()) - row) < 1e-9);
    const QRectF zoomed = view.visibleCells();
    QVERIFY(view.history()->backAction()->isEnabled());
    view.history()->backAction()->trigger();
    QCOMPARE(view.visibleCells(), before);
    view.history()->forwardAction()->trigger();
    QCOMPARE(view.visibleCells(), zoomed);
    QTest::keyClick(&view, Qt::Key_F);
    QCOMPARE(view.visibleCells(), before);
  }

  void dragPansAndShiftDragZoomsToTheBox() {
    HeatmapView view;
    showIn(view, ramp(300, 400));
    view.showCells({100, 100, 100, 90});
    const QPoint from = pixelOf(view, 150, 150);
    QTest::mousePress(&view, Qt::LeftButton, {}, from);
    QTest::mouseMove(&view, from + QPoint(30, 20));
    QTest::mouseRelease(&view, Qt::LeftButton, {}, from + QPoint(30, 20));
    QVERIFY(view.visibleCells().x() < 100 && view.visibleCells().y() < 100);
    QCOMPARE(view.visibleCells().size(), QSizeF(100, 90));
    view.showCells({100, 100, 100, 90});
    const QPoint a = pixelOf(view, 120, 110);
    const QPoint b = pixelOf(view, 150, 160);
    QTest::mousePress(&view, Qt::LeftButton, Qt::ShiftModifier, a);
    QTest::mouseMove(&view, b);
    QTest::mouseRelease(&view, Qt::LeftButton, Qt::ShiftModifier, b);
    const QRectF box = view.visibleCells();
    QVERIFY(std::abs(box.left() - 110) < 1 && std::abs(box.right() - 160) < 1);
    QVERIFY(std::abs(box.top() - 120) < 1 && std::abs(box.bottom() - 150) < 1);
  }

  void keysMoveTheCursorAndEscGoesOutStepByStep() {
    HeatmapView view;
    showIn(view, ramp(300, 400));
    QSignalSpy moved(&view, &HeatmapView::cursorMoved);
    QTest::keyClick(&view, Qt::Key_Home);
    QTest::keyClick(&view, Qt::Key_Down);
    QTest::keyClick(&view, Qt::Key_Right);
    QCOMPARE(moved.count(), 3);
    QCOMPARE(view.cursor()->row, 1);
    QCOMPARE(view.cursor()->column, 1);
    QCOMPARE(view.cursor()->value, 401.F);
    view.copyValue();
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("401"));
    view.lockReadout(true);
    QTest::mouseMove(&view, pixelOf(view, 200, 200));
    QCOMPARE(view.cursor()->row, 1);
    view.zoomBy(2);
    QTest::keyClick(&view, Qt::Key_Escape);
    QVERIFY(!view.readoutLocked());
    QTest::keyClick(&view, Qt::Key_Escape);
    QVERIFY(!view.cursor());
    QTest::keyClick(&view, Qt::Key_Escape);
    QCOMPARE(view.visibleCells(), QRectF(0, 0, 400, 300));
  }

  void colourChangesLeaveTheViewAlone() {
    HeatmapView view;
    showIn(view, ramp(300, 400));
    view.showCells({10, 20, 30, 40});
    const QRectF before = view.visibleCells();
    view.replot();
    const QImage first = view.plottable()->image();
    for (const auto map : colorMaps()) view.colorModel()->setMap(map);
    view.colorModel()->setScale(ColorScale::Log);
    view.colorModel()->setRangeMode(RangeMode::Sigma3);
    view.colorModel()->setRange(3000, 9000);
    view.replot();
    QVERIFY(view.plottable()->image() != first);
    QCOMPARE(view.visibleCells(), before);
  }

  void linkedViewsFollowOnce() {
    HeatmapView a;
    HeatmapView b;
    showIn(a, ramp(300, 400));
    showIn(b, ramp(300, 400));
    HeatmapLink link;
    link.add(&a);
    link.add(&b);
    QCOMPARE(a.colorModel(), b.colorModel());
    QSignalSpy told(&b, &HeatmapView::regionChanged);
    a.showCells({50, 60, 70, 80});
    QCOMPARE(b.visibleCells(), a.visibleCells());
    QCOMPARE(told.count(), 0);
    QTest::keyClick(&a, Qt::Key_Down);
    QVERIFY(b.cursor());
    QCOMPARE(b.cursor()->row, a.cursor()->row);
    link.setRegionLinked(false);
    a.fit();
    QVERIFY(b.visibleCells() != a.visibleCells());
  }

  void exportsAreTheSamePixels() {
    QTemporaryDir folder;
    HeatmapView view;
    showIn(view, ramp(6, 8));
    const auto table = view.colorModel()->table(false);
    for (const QString suffix : {"png", "svg", "pdf"}) {
      const QString path = folder.filePath("out." + suffix);
      QVERIFY(view.exportPicture(path).has_value());
      QVERIFY(QFileInfo(path).size() > 1000);
      if (suffix == "pdf") continue;
      QImage image(view.size(), QImage::Format_RGB32);
      if (suffix == "png") {
        image = QImage(path);
      } else {
        QSvgRenderer renderer(path);
        QVERIFY(renderer.isValid());
        QPainter painter(&image);
        renderer.render(&painter);
      }
      const QColor expected(table->at(19));
      const double scale = static_cast<double>(image.width()) / view.width();
      const QColor got(image.pixel(pixelOf(view, 2.2, 3.2) * scale));
      QVERIFY(std::abs(got.red() - expected.red()) < 3 &&
              std::abs(got.blue() - expected.blue()) < 3);
    }
    QVERIFY(!view.exportPicture(folder.filePath("none/out.png")));
    QVERIFY(!view.exportPicture(folder.filePath("out.bmp")));
  }

  /// The screen shows the kept picture, an export makes its own.
  void theScreenIsWhatIsExported() {
    HeatmapView view;
    auto text = ramp(300, 400)->text();
    text.rowBorders = {20, 150};
    text.columnBorders = {33};
    showIn(view, HeatmapSource::make(matrixOf(300, 400), text).value());
    view.setRowStrips({{"norm", "norm", StripData::Style::Bars, std::vector<double>(300, 1), {}}});
    HeatmapMarks marks;
    marks.rows = {12, 25};
    marks.cells = {QPoint(30, 20)};
    view.setMarks(marks);
    for (const QRectF cells :
         {QRectF(0, 0, 400, 300), QRectF(20, 10, 30, 25), QRectF(28, 14, 10, 12)}) {
      view.showCells(cells);
      view.setCursor(static_cast<int>(cells.center().y()), static_cast<int>(cells.center().x()));
      for (const bool locked : {false, true}) {
        view.lockReadout(locked);
        view.replot();
        const QImage screen = view.grab().toImage().convertToFormat(QImage::Format_RGB32);
        const QImage exported = view.picture().convertToFormat(QImage::Format_RGB32);
        QCOMPARE(screen.size(), exported.size());
        // Without the axes' labels, which QCustomPlot places apart by up to a pixel.
        const double scale = screen.devicePixelRatio();
        const QRectF image = view.plottable()->imageRect();
        const QRect seen = QRectF(image.topLeft() * scale, image.size() * scale)
                               .toAlignedRect()
                               .adjusted(-3, -99, 999, 3);
        for (int y = std::max(0, seen.top()); y <= seen.bottom(); ++y) {
          for (int x = seen.left(); x < screen.width(); ++x) {
            const QColor got(screen.pixel(x, y));
            const QColor wanted(exported.pixel(x, y));
            // The edges of letters may be blended in another order.
            const bool near = std::abs(got.red() - wanted.red()) <= 3 &&
                              std::abs(got.green() - wanted.green()) <= 3 &&
                              std::abs(got.blue() - wanted.blue()) <= 3;
            if (!near) {
              QFAIL(qPrintable(QStringLiteral("pixel %1, %2: %3 instead of %4")
                                   .arg(x)
                                   .arg(y)
                                   .arg(got.name(), wanted.name())));
            }
          }
        }
      }
      view.clearCursor();
    }
  }

  void anExportLeavesTheScreenAlone() {
    HeatmapView view;
    showIn(view, ramp(30, 40));
    view.showCells({3, 4, 12, 10});
    view.replot();
    const QImage before = view.grab().toImage();
    QVERIFY(view.picture(2).size() == before.size() * 2);
    QTemporaryDir folder;
    QVERIFY(view.exportPicture(folder.filePath("out.svg")).has_value());
    QCOMPARE(view.grab().toImage(), before);
  }

  void bordersLieOverTheColours() {
    HeatmapView view;
    showIn(view, ramp(6, 8));
    const QImage grab = view.grab().toImage();
    const auto table = view.colorModel()->table(false);
    const double scale = grab.devicePixelRatio();
    const QPoint at =
        (QPointF(view.columnAxis()->coordToPixel(3), view.rowAxis()->coordToPixel(2.5)) * scale)
            .toPoint();
    const QColor border(view.palette().color(QPalette::Base));
    for (const int left : {0, 1}) {
      const QColor cell(table->at(static_cast<float>(2 * 8 + 3 - left)));
      const QColor got(grab.pixel(at - QPoint(left, 0)));
      const double part = left == 0 ? 90 / 255.0 : 0;  // of the border
      QVERIFY(std::abs(got.red() - (cell.red() + part * (border.red() - cell.red()))) < 2);
      QVERIFY(std::abs(got.green() - (cell.green() + part * (border.green() - cell.green()))) < 2);
    }
  }

  /// The picture's letters are blended by us: as QPainter draws the same text, at any edge.
  void valuesAreWrittenIntoTheirCells() {
    HeatmapView view;
    auto matrix = std::make_shared<Matrix>(4, 5);
    for (Eigen::Index i = 0; i < matrix->size(); ++i) {
      matrix->data()[i] = static_cast<float>(i % 3 == 0 ? 0 : i) * -0.0123F;
    }
    showIn(view, HeatmapSource::make(matrix, ramp(4, 5)->text()).value());
    for (const QRectF cells : {QRectF(0, 0, 5, 4), QRectF(0.3, 0.4, 4, 3)}) {
      view.showCells(cells);
      view.replot();
      const QImage screen = view.grab().toImage().convertToFormat(QImage::Format_RGB32);
      QTemporaryDir folder;
      QVERIFY(view.exportPicture(folder.filePath("out.svg")).has_value());
      QImage drawn(screen.size(), QImage::Format_RGB32);
      drawn.setDevicePixelRatio(1);
      QPainter painter(&drawn);
      QSvgRenderer(folder.filePath("out.svg")).render(&painter);
      painter.end();
      const auto inkIn = [&](const QImage& image, int row, int column) {
        const double scale = static_cast<double>(image.width()) / view.width();
        const QPoint from = pixelOf(view, row + 0.2, column + 0.1) * scale;
        const QPoint to = pixelOf(view, row + 0.8, column + 0.9) * scale;
        const QRgb paper = image.pixel(from);
        double ink = 0;
        for (int y = from.y(); y < to.y(); ++y) {
          for (int x = from.x(); x < to.x(); ++x) {
            ink += std::abs(qGreen(image.pixel(x, y)) - qGreen(paper)) / (255 * scale * scale);
          }
        }
        return ink;
      };
      for (int r = 1; r < 3; ++r) {
        for (int c = 1; c < 4; ++c) {
          const double wanted = inkIn(drawn, r, c);
          const double got = inkIn(screen, r, c);
          QVERIFY2(wanted > 2 && std::abs(got - wanted) < 0.35 * wanted,
                   qPrintable(QStringLiteral("%1 instead of %2").arg(got).arg(wanted)));
        }
      }
    }
  }

  void numbersAreShortAndAsExactAsTheirDigits() {
    QCOMPARE(shortNumber(-0.01234F, 3), QStringLiteral("-.0123"));
    QCOMPARE(shortNumber(3e-5F, 4), QStringLiteral("3e-5"));
    QCOMPARE(shortNumber(417, 4), QStringLiteral("417"));
    QCOMPARE(shortNumber(12345, 2), QStringLiteral("1.2e4"));
    RandomStream random(5, 1);
    for (int i = 0; i < 2000; ++i) {
      const auto value =
          static_cast<float>((random.below(2001) - 1000.0) * std::pow(10, random.below(9) - 7.0));
      for (int digits = 1; digits <= 4; ++digits) {
        bool good = false;
        const float read = shortNumber(value, digits).toFloat(&good);
        QVERIFY(good);
        std::array<char, 32> written{};  // by the C library: Qt rounds ties away from zero
        std::snprintf(written.data(), written.size(), "%.*g", digits, double{value});
        QCOMPARE(read, std::strtof(written.data(), nullptr));
      }
    }
  }

  void valuesOfTheRegionAreTabSeparated() {
    HeatmapView view;
    showIn(view, ramp(6, 8));
    view.showCells({2, 1, 2, 2});
    QCOMPARE(view.visibleValues().value(), QStringLiteral("\t2\t3\n1\t10\t11\n2\t18\t19\n"));
  }

  void ticksOfCountsAreWhole() {
    WholeTicker ticker;
    for (const double last : {0.4, 1.0, 2.0, 3.0, 7.0, 11.5, 12.0, 95.0, 2716.0}) {
      QVector<double> ticks;
      ticker.generate({-0.6, last}, QLocale::c(), 'f', 0, ticks, nullptr, nullptr);
      QVERIFY(!ticks.isEmpty());
      for (const double tick : ticks) QCOMPARE(tick, std::round(tick));
    }
  }

  void coloursOfSeriesAreSeenInTheDark() {
    const auto luminance = [](const QColor& color) {
      const auto linear = [](double v) {
        return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
      };
      return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
             0.0722 * linear(color.blueF());
    };
    const double paper = luminance(QColor(0x1b1e20));
    for (int i = 0; i < categoryColors(); ++i) {
      const QColor color = QColor::fromRgb(categoryColor(i, true));
      QVERIFY2((luminance(color) + 0.05) / (paper + 0.05) >= 4.5, qPrintable(color.name()));
    }
  }

  void titleSaysWhatAPixelCovers() {
    HeatmapView view;
    showIn(view, ramp(3000, 4000));
    const QString before = view.titleText();
    QVERIFY2(before.contains("mean of "), qPrintable(before));
    const QSize size = view.size();
    view.resize(2 * size);
    const QString resized = view.titleText();
    QVERIFY2(resized != before, qPrintable(resized));
    view.replot();
    view.setCaption({});
    QCOMPARE(view.titleText(), resized);
    view.resize(size);
    QCOMPARE(view.titleText(), before);
    view.showCells({0, 0, 20, 20});
    QCOMPARE(view.titleText(), QStringLiteral("ramp"));
  }

  void handleOfTheColourBarIsDragged() {
    HeatmapView view;
    showIn(view, ramp(60, 80));
    ColorBar bar;
    bar.resize(200, 300);
    bar.setModel(view.colorModel());
    bar.show();
    const auto before = view.colorModel()->range();
    const QPoint at(bar.width() - 60, static_cast<int>(bar.heightOf(before.second)));
    QTest::mousePress(&bar, Qt::LeftButton, {}, at);
    QTest::mouseMove(&bar, at + QPoint(0, 40));
    QTest::mouseRelease(&bar, Qt::LeftButton, {}, at + QPoint(0, 40));
    QVERIFY(view.colorModel()->range().second < before.second - 100);
    QCOMPARE(view.colorModel()->range().first, before.first);
  }

  void minimapMovesTheView() {
    HeatmapView view;
    showIn(view, ramp(300, 400));
    view.showCells({0, 0, 40, 30});
    Minimap map;
    map.resize(208, 158);
    map.setView(&view);
    map.show();
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.pictureArea().center().toPoint());
    QVERIFY((view.visibleCells().center() - QPointF(200, 150)).manhattanLength() < 6);
  }

  void darkFollowsThePalette() {
    HeatmapView view;
    view.resize(300, 200);
    view.setEmptyText("Open a checkpoint to see a layer");
    view.show();
    QPalette palette;
    palette.setColor(QPalette::Base, Qt::black);
    palette.setColor(QPalette::Text, Qt::white);
    view.setPalette(palette);
    view.replot();
    QCOMPARE(view.grab().toImage().pixelColor(5, 150), QColor(Qt::black));
  }
};

QTEST_MAIN(TestHeatmapView)
#include "test_heatmap_view.moc"

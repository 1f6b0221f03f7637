#include <QAbstractButton>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "app/desktop/compare/compare_panel.hpp"
#include "app/desktop/export/export_dialog.hpp"
#include "app/desktop/problem/strategy_panel.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "tests/app/checkpoint.hpp"

using namespace gyro::desktop;

/// What a person made in the window is not lost unasked.
class TestLeaving : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString path_;

  void search(MainWindow& window, const QString& strategy) {
    Session* const session = window.session();
    const auto before = session->runs().size();
    window.strategy()->setStrategy(strategy);
    QTest::mouseClick(window.strategy()->runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(session->runs().size(), before + 1, 60000);
    QTRY_VERIFY(!session->live());
  }
  void openLayer(MainWindow& window) {
    window.resize(1366, 768);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    Session* const session = window.session();
    session->openFile(path_);
    QTRY_VERIFY(session->file());
    session->selectLayer("block.0.query.weight");
    QTRY_VERIFY(session->identity());
  }
  /// Closes the window; the question is answered with the button whose text has `word`. Returns the
  /// question, empty where none came.
  static QString close(MainWindow& window, const QString& word) {
    QString asked;
    QTimer::singleShot(200, &window, [&] {
      auto* const box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      if (box == nullptr) return;
      asked = box->text();
      for (auto* const button : box->buttons()) {
        if (button->text().remove('&').contains(word)) return button->click();
      }
      box->reject();
    });
    window.close();
    QTest::qWait(300);
    return asked;
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    qputenv("XDG_CONFIG_HOME", folder_.path().toLocal8Bit());
    QCoreApplication::setOrganizationName(QStringLiteral("gyroscope-test-leaving"));
    path_ = folder_.filePath("small.safetensors");
    gyro::testing::writeFile(path_, gyro::testing::smallCheckpoint());
  }

  void aSearchIsAskedForUntilItIsInAFile() {
    MainWindow window(true);
    openLayer(window);
    search(window, "gyro");
    QVERIFY(close(window, "Cancel").contains("gyro"));
    QVERIFY(window.isVisible());
    QVERIFY(!close(window, "Export").isEmpty());
    QVERIFY(window.isVisible());
    auto* const dialog = window.findChild<ExportDialog*>();
    QVERIFY(dialog != nullptr);
    dialog->path()->setText(folder_.filePath("out.h5"));
    QSignalSpy exported(window.session(), &Session::exported);
    QTest::mouseClick(dialog->writeButton(), Qt::LeftButton);
    QTRY_COMPARE(exported.size(), 1);
    dialog->close();
    QCOMPARE(close(window, "Cancel"), QString());
    QVERIFY(!window.isVisible());
  }

  void itCanBeLost() {
    MainWindow window(true);
    openLayer(window);
    search(window, "gyro");
    QVERIFY(!close(window, "anyway").isEmpty());
    QVERIFY(!window.isVisible());
  }

  void aSearchThatRunsIsAskedFor() {
    MainWindow window(true);
    openLayer(window);
    window.strategy()->setStrategy("gyroscope");
    QTest::mouseClick(window.strategy()->runButton(), Qt::LeftButton);
    QTRY_VERIFY(window.session()->live());
    QVERIFY(close(window, "Cancel").contains("running"));
    QVERIFY(window.isVisible());
    QVERIFY(!close(window, "anyway").isEmpty());
    QVERIFY(!window.isVisible());
  }

  void theIdentityIsNothingToKeep() {
    MainWindow window(true);
    openLayer(window);
    search(window, "identity");
    QCOMPARE(close(window, "Cancel"), QString());
    QVERIFY(!window.isVisible());
  }

  void aFileThatIsThereIsNamedBefore() {
    MainWindow window(false);
    openLayer(window);
    search(window, "identity");
    auto* const dialog = window.openExport();
    const QString out = folder_.filePath("there.h5");
    dialog->path()->setText(out);
    QVERIFY(dialog->writeButton()->text().contains("Write"));
    gyro::testing::writeFile(out, "x");
    dialog->path()->setText(out + ".");
    dialog->path()->setText(out);
    QVERIFY(dialog->writeButton()->text().contains("Replace"));
    QVERIFY(dialog->resultText().contains("exists"));
  }

  void theChosenRunIsCompared() {
    MainWindow window(false);
    openLayer(window);
    search(window, "gyro");
    search(window, "ovw");
    Session* const session = window.session();
    const int first = session->runs()[0]->id;
    const int second = session->runs()[1]->id;
    session->setCurrentRun(first);
    QTest::keyClick(&window, Qt::Key_F7);
    QCOMPARE(window.compare()->pick(1), first);
    session->setCurrentRun(second);
    QTest::keyClick(&window, Qt::Key_F7);
    QCOMPARE(window.compare()->pick(1), second);
    // A run that is compared already stays where it is.
    window.compare()->setPick(0, first);
    session->setCurrentRun(first);
    QTest::keyClick(&window, Qt::Key_F7);
    QCOMPARE(window.compare()->pick(0), first);
    QCOMPARE(window.compare()->pick(1), second);
  }
};

QTEST_MAIN(TestLeaving)
#include "test_leaving.moc"

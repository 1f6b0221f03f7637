#include <QTemporaryDir>
#include <QTest>

#include "tests/app/cli/gyro_process.hpp"

using namespace gyro::testing;

/// The program of the window as a process, where there is no display.
class TestProgram : public QObject {
  Q_OBJECT

 private:
  static Ended run(const QStringList& arguments, const char* display = nullptr) {
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}) {
      environment.remove(QLatin1String(name));
    }
    if (display != nullptr) environment.insert("DISPLAY", QLatin1String(display));
    process.setProcessEnvironment(environment);
    process.start(built_program("gyroscope"), arguments);
    return end_of(process);
  }

 private slots:
  void versionAndHelp() {
    const auto version = run({"--version"});
    COMPARE_CODE(version, 0);
    QVERIFY(!version.out.empty());
    COMPARE_CODE(run({"--version"}, ":nonesuch"), 0);
    const auto help = run({"--help"});
    COMPARE_CODE(help, 0);
    QVERIFY(help.out.find("--tour") != std::string::npos);
  }

  void withoutADisplayItSaysWhatToDo() {
    const auto ended = run({"--sample"});
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.says("there is no display"));
    QVERIFY(ended.says("--tour"));
    COMPARE_CODE(run({"my-platform.h5"}), 1);
  }

  void aDisplayThatDoesNotAnswerIsNamed() {
    const auto ended = run({"--sample"}, ":nonesuch");
    COMPARE_CODE(ended, 1);
    QVERIFY2(ended.says("the window cannot be opened"), ended.err.c_str());
    QVERIFY(ended.says("--tour"));
  }

  void wrongUsage() {
    COMPARE_CODE(run({"--no-such-option"}), 2);
    COMPARE_CODE(run({"--sample", "model.h5"}), 2);
  }

  void theTourNeedsNoDisplay() {
    const QTemporaryDir folder;
    const auto ended = run({"--tour", folder.path()});
    COMPARE_CODE(ended, 0);
    const QDir written(folder.path());
    QVERIFY(written.entryList({"*.png"}).size() >= 5);
    const auto sample = run_gyro({"sample"});
    COMPARE_CODE(sample, 0);
    const auto weights = QString::fromStdString(sample.out).trimmed();
    COMPARE_CODE(run_gyro({"check", written.filePath("permutation.h5"), "--weights", weights}), 0);
  }
};

QTEST_GUILESS_MAIN(TestProgram)
#include "test_program.moc"

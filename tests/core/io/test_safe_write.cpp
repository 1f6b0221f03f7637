#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest>
#include <csignal>
#include <string>

#include "core/io/safe_write.hpp"

using namespace gyro;

namespace {

Status nothing(const std::string& /*written*/) {
  return {};
}

Status hello(FileSink& sink) {
  return sink.write("hello");
}

}  // namespace

class TestSafeWrite : public QObject {
  Q_OBJECT

  [[nodiscard]] std::string at(const char* name) const {
    return folder_.filePath(QString::fromUtf8(name)).toStdString();
  }
  [[nodiscard]] QStringList entries() const {
    return QDir(folder_.path())
        .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot | QDir::System);
  }
  static QByteArray content(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
  }

  QTemporaryDir folder_;

 private slots:
  void cleanup() {
    for (const auto& name : entries()) QFile::remove(folder_.filePath(name));
    QCOMPARE(entries(), QStringList());
  }

  void aFileIsMadeAndReplaced() {
    QVERIFY(replace_file(at("a"), hello, nothing));
    QCOMPARE(content(at("a")), QByteArray("hello"));
    QVERIFY(replace_file(
        at("a"), [](FileSink& sink) { return sink.write("other"); }, nothing));
    QCOMPARE(content(at("a")), QByteArray("other"));
    QCOMPARE(entries(), QStringList{"a"});
  }

  void whatIsVerifiedIsWhatWasWritten() {
    QByteArray seen;
    QVERIFY(replace_file(at("a"), hello, [&](const std::string& written) -> Status {
      seen = content(written);
      return {};
    }));
    QCOMPARE(seen, QByteArray("hello"));
  }

  void aFailureLeavesWhatWasThere() {
    QVERIFY(replace_file(at("a"), hello, nothing));
    const auto refuse = [](auto&&) -> Status { return fail(ErrorCode::Mismatch, "no"); };
    QVERIFY(!replace_file(at("a"), refuse, nothing));
    QVERIFY(!replace_file(
        at("a"), [](FileSink& sink) { return sink.write("x"); }, refuse));
    QCOMPARE(content(at("a")), QByteArray("hello"));
    QCOMPARE(entries(), QStringList{"a"});
  }

  void aHandlerThatEndsTheProcessLeavesNothing() {
    QVERIFY(replace_file(at("a"), hello, nothing));
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGTERM, [](int /*number*/) {
        remove_temporaries();
        ::_exit(7);
      });
      const auto end = [](const std::string& /*written*/) -> Status {
        ::raise(SIGTERM);
        return {};
      };
      ::_exit(replace_file(at("a"), hello, end) ? 0 : 1);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 7);
    QCOMPARE(entries(), QStringList{"a"});
  }

  void theNamesOfFinishedFilesAreNotRemoved() {
    for (int i = 0; i < 9; ++i) {
      QVERIFY(replace_file(at("a"), hello, [](const std::string& written) -> Status {
        return QFile::exists(QString::fromStdString(written)) ? Status()
                                                              : fail(ErrorCode::Internal, "");
      }));
      remove_temporaries();
      QCOMPARE(content(at("a")), QByteArray("hello"));
    }
  }

  void aLinkToNothingYetIsFollowed() {
    QVERIFY(QFile::link("target", folder_.filePath("link")));
    QVERIFY(check_replaceable(at("link")));
    QVERIFY(replace_file(at("link"), hello, nothing));
    struct stat info {};
    QVERIFY(::lstat(at("link").c_str(), &info) == 0 && S_ISLNK(info.st_mode));
    QCOMPARE(content(at("target")), QByteArray("hello"));
  }

  void linksInARingAreRefused() {
    QVERIFY(QFile::link("b", folder_.filePath("a")));
    QVERIFY(QFile::link("a", folder_.filePath("b")));
    QVERIFY(!check_replaceable(at("a")));
    QVERIFY(!replace_file(at("a"), hello, nothing));
    QCOMPARE(entries().size(), 2);
  }

  void aProtectedFileIsRefusedBefore() {
    QVERIFY(replace_file(at("a"), hello, nothing));
    QVERIFY(::chmod(at("a").c_str(), 0444) == 0);
    if (::access(at("a").c_str(), W_OK) == 0) QSKIP("this user may write to anything");
    const auto free = check_replaceable(at("a"));
    QVERIFY(!free);
    QCOMPARE(free.error().code, ErrorCode::WriteFailed);
    QVERIFY(!replace_file(at("a"), hello, nothing));
  }

  void checkingLeavesNothing() {
    QVERIFY(check_replaceable(at("a")));
    QCOMPARE(entries(), QStringList());
    const auto missing = check_replaceable(at("none/a"));
    QVERIFY(!missing);
    QVERIFY(missing.error().text().find("Create the folder") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestSafeWrite)
#include "test_safe_write.moc"

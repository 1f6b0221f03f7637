#pragma once

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QStringList>
#include <nlohmann/json.hpp>
#include <string>

/// Runs the built programs, found in GYRO_BIN_DIR.
namespace gyro::testing {

struct Ended {
  int code = -1;  ///< −1: it did not start, crashed or did not end
  std::string out;
  std::string err;

  /// Standard output as JSON; discarded() if it is not exactly one JSON value.
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
  [[nodiscard]] bool says(const std::string& text) const {
    return err.find(text) != std::string::npos;
  }
};

inline QString built_program(const QString& name) {
  return QDir(qEnvironmentVariable("GYRO_BIN_DIR")).filePath(name);
}

inline QString gyro_program() {
  return built_program("gyro");
}

inline Ended end_of(QProcess& process) {
  Ended ended;
  if (process.waitForFinished(300'000) && process.exitStatus() == QProcess::NormalExit) {
    ended.code = process.exitCode();
  }
  ended.out = process.readAllStandardOutput().toStdString();
  ended.err = process.readAllStandardError().toStdString();
  return ended;
}

inline Ended run_gyro(const QStringList& arguments) {
  QProcess process;
  process.start(gyro_program(), arguments);
  return end_of(process);
}

inline QByteArray bytes_of_file(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void write_file(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  if (file.open(QIODevice::WriteOnly | QIODevice::Truncate)) file.write(bytes);
}

/// "A is not B"; empty where they are equal.
inline std::string json_difference(const nlohmann::json& a, const nlohmann::json& b) {
  return a == b ? std::string() : a.dump() + " is not " + b.dump();
}

}  // namespace gyro::testing

/// Compares the exit code and shows what was said when it is another.
#define COMPARE_CODE(ended, expected)                                                         \
  QVERIFY2((ended).code == (expected), qPrintable(QString("exit code %1, standard error: %2") \
                                                      .arg((ended).code)                      \
                                                      .arg(QString::fromStdString((ended).err))))

/// QCOMPARE for JSON values.
#define SAME_JSON(actual, expected)                                               \
  do {                                                                            \
    const std::string differs = gyro::testing::json_difference(actual, expected); \
    QVERIFY2(differs.empty(), differs.c_str());                                   \
  } while (false)

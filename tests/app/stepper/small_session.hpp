#pragma once

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>
#include <cstring>

#include "app/desktop/session/session.hpp"
#include "core/base/random.hpp"

/// A session on a small checkpoint of its own, for tests of panels.
namespace gyro::desktop::testing {

/// One 64 × 96 float32 tensor "layer.weight", heavy-tailed, and "other.weight", in a safetensors
/// file.
inline bool writeCheckpoint(const QString& path) {
  constexpr int kRows = 64;
  constexpr int kCols = 96;
  constexpr qint64 kBytes = qint64{kRows} * kCols * 4;
  const QByteArray header =
      QStringLiteral(R"({"layer.weight":{"dtype":"F32","shape":[64,96],"data_offsets":[0,%1]},)"
                     R"("other.weight":{"dtype":"F32","shape":[64,96],"data_offsets":[%1,%2]}})")
          .arg(kBytes)
          .arg(2 * kBytes)
          .toUtf8();
  QByteArray bytes(8, '\0');
  qToLittleEndian<quint64>(static_cast<quint64>(header.size()), bytes.data());
  bytes += header;
  RandomStream random(11, 0x5e55);
  for (int i = 0; i < 2 * kRows * kCols; ++i) {
    const int row = i / kCols % kRows;
    const float u = random.unit();
    const float value = (u * u * u + 0.2F * float(row % 5 == i % 5)) * (random.below(2) ? 1 : -1);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

class SmallSession {
 public:
  Session session;

  /// Opens the checkpoint and waits for the problem: V = 8, 2:4, 75 %.
  bool open() {
    const QString path = folder_.filePath("small.safetensors");
    if (!writeCheckpoint(path)) return false;
    ProblemSettings settings;
    settings.vector_size = 8;
    session.setSettings(settings);
    session.openFile(path);
    if (!QTest::qWaitFor([this] { return session.file() != nullptr; }, 20000)) return false;
    session.selectLayer("layer.weight");
    return QTest::qWaitFor([this] { return session.problem() && session.identity(); }, 20000);
  }

  /// Runs a strategy and waits for its run.
  bool run(const std::string& strategy, std::uint64_t seed = 1) {
    const auto before = session.runs().size();
    RunRequest request;
    request.strategy = strategy;
    request.seed = seed;
    session.startRun(request);
    return QTest::qWaitFor([&] { return session.runs().size() > before && !session.live(); },
                           60000);
  }

 private:
  QTemporaryDir folder_;
};

}  // namespace gyro::desktop::testing

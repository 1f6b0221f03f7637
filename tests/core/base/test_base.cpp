#include <QTest>
#include <limits>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "core/base/matrix.hpp"
#include "core/base/parallel.hpp"
#include "core/base/progress.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"

using namespace gyro;

class TestBase : public QObject {
  Q_OBJECT
 private slots:
  void errorTextHasItsParts() {
    const Error error{ErrorCode::Malformed, "the header is cut off", "a.h5", "Copy it again."};
    QCOMPARE(error.text(), std::string("a.h5: the header is cut off. Copy it again."));
    QCOMPARE(error.at("model").where, std::string("model: a.h5"));
    QCOMPARE(error.at("a.h5").where, std::string("a.h5"));
    QCOMPARE(error.at("model").at("model").where, std::string("model: a.h5"));
    QCOMPARE(error.at("a").where, std::string("a: a.h5"));
    QCOMPARE(name_of(ErrorCode::NotFound), std::string_view("not-found"));
  }

  void exceptionsOfTheSystemAreNoDefects() {
    QCOMPARE(error_from(std::bad_alloc()).code, ErrorCode::TooLarge);
    const auto again = std::make_error_code(std::errc::resource_unavailable_try_again);
    QCOMPARE(error_from(std::system_error(again)).code, ErrorCode::Unavailable);
    QCOMPARE(error_from(std::logic_error("x")).code, ErrorCode::Internal);
  }

  void tryReturnsTheError() {
    const auto half = [](int x) -> Result<int> {
      if (x % 2 != 0) return fail(ErrorCode::InvalidArgument, "odd");
      return x / 2;
    };
    const auto quarter = [&](int x) -> Result<int> {
      GYRO_TRY(const int once, half(x));
      GYRO_TRY(const int twice, half(once));
      return twice;
    };
    QCOMPARE(quarter(12).value(), 3);
    QCOMPARE(quarter(6).error().what, std::string("odd"));
  }

  void streamsRepeatAndDiffer() {
    RandomStream a(7, 1, 3);
    RandomStream b(7, 1, 3);
    RandomStream c(7, 1, 4);
    bool differ = false;
    for (int i = 0; i < 100; ++i) {
      const auto value = a.next();
      QCOMPARE(value, b.next());
      differ |= value != c.next();
    }
    QVERIFY(differ);
  }

  void belowIsUniform() {
    RandomStream random(1, 2);
    std::vector<int> counts(7, 0);
    for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
    for (const int count : counts) QVERIFY(std::abs(count - 10000) < 500);  // 5 σ
  }

  void drawGivesDifferentNumbers() {
    RandomStream random(1, 2);
    auto drawn = random.draw(50, 20);
    std::sort(drawn.begin(), drawn.end());
    QCOMPARE(std::unique(drawn.begin(), drawn.end()), drawn.end());
    QVERIFY(drawn.front() >= 0 && drawn.back() < 50);
  }

  void parallelForVisitsEachOnce() {
    for (const int threads : {1, 2, 8}) {
      std::vector<int> visits(1000, 0);
      parallel_for(1000, threads, [&](int i) { ++visits[static_cast<std::size_t>(i)]; });
      QVERIFY(std::all_of(visits.begin(), visits.end(), [](int v) { return v == 1; }));
    }
  }

  void progressCountsAndCancels() {
    Progress progress;
    QVERIFY(progress.begin("reading", 10));
    QVERIFY(progress.advance(4));
    const auto now = progress.snapshot();
    QCOMPARE(now.phase, std::string("reading"));
    QCOMPARE(now.done, std::int64_t{4});
    QVERIFY(now.seconds_left.has_value());
    std::thread([&] { progress.cancel(); }).join();
    QVERIFY(!progress.advance());
    QVERIFY(!progress.begin("next"));
  }

  void nonfiniteEntriesAreCounted() {
    Matrix m = Matrix::Zero(3, 3);
    m(0, 1) = std::numeric_limits<float>::quiet_NaN();
    m(2, 2) = -std::numeric_limits<float>::infinity();
    QCOMPARE(count_nonfinite(view_of(m)), std::int64_t{2});
  }
};

QTEST_GUILESS_MAIN(TestBase)
#include "test_base.moc"

#include <QTest>

#include "core/sparsity/difference.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

Mask random_mask(int rows, int cols, std::uint64_t seed, std::uint32_t one_in) {
  RandomStream random(seed, 0xd1ff);
  Mask out(rows, cols);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < cols; ++c) {
      if (random.below(one_in) == 0) out.set(r, c);
    }
  }
  return out;
}

void count(MaskDifference& sum, bool a, bool b) {
  if (a && b) ++sum.both;
  if (a && !b) ++sum.only_a;
  if (!a && b) ++sum.only_b;
  if (!a && !b) ++sum.neither;
}

/// Every differing cell in reading order, found one cell at a time.
std::vector<MaskCell> plain_cells(const Mask& a, const Mask& b,
                                  const std::vector<std::int32_t>& order) {
  std::vector<MaskCell> out;
  for (int p = 0; p < static_cast<int>(order.size()); ++p) {
    for (int c = 0; c < a.cols(); ++c) {
      const int row = order[static_cast<std::size_t>(p)];
      if (a.at(row, c) != b.at(row, c)) out.push_back({p, c});
    }
  }
  return out;
}

}  // namespace

class TestDifference : public QObject {
  Q_OBJECT
 private slots:
  void countsAreThoseOfPlainLoops() {
    for (const int cols : {1, 63, 64, 65, 200}) {
      const Mask a = random_mask(12, cols, 1, 3);
      const Mask b = random_mask(12, cols, 2, 4);
      const auto order = RandomStream(3, 1).draw(12, 12);
      std::vector<MaskDifference> tiles(4);
      MaskDifference all;
      for (int p = 0; p < 12; ++p) {
        const int row = order[static_cast<std::size_t>(p)];
        for (int c = 0; c < cols; ++c) {
          count(tiles[static_cast<std::size_t>(p / 3)], a.at(row, c), b.at(row, c));
          count(all, a.at(row, c), b.at(row, c));
        }
      }
      QVERIFY(mask_difference(a, b) == all);
      QVERIFY(tile_differences(a, b, order, 3) == tiles);
      QVERIFY(tile_differences(a, b, order, 3, 1) == tiles);
      QCOMPARE(all.total(), std::int64_t{12} * cols);
    }
  }

  void stateNamesTheMask() {
    Mask a(1, 4);
    Mask b(1, 4);
    a.set(0, 1);
    b.set(0, 2);
    a.set(0, 3);
    b.set(0, 3);
    QCOMPARE(agreement_of(a, b, 0, 0), MaskAgreement::Neither);
    QCOMPARE(agreement_of(a, b, 0, 1), MaskAgreement::OnlyA);
    QCOMPARE(agreement_of(a, b, 0, 2), MaskAgreement::OnlyB);
    QCOMPARE(agreement_of(a, b, 0, 3), MaskAgreement::Both);
  }

  void nextWalksEveryDifferenceBothWays() {
    for (const std::uint32_t one_in : {2U, 60U, 2000U}) {
      const Mask a = random_mask(9, 150, 5, one_in);
      const Mask b = random_mask(9, 150, 6, one_in);
      const auto order = RandomStream(7, 1).draw(9, 9);
      const auto expected = plain_cells(a, b, order);
      std::vector<MaskCell> forward;
      auto cell = next_difference(a, b, order, {0, -1});
      for (; cell; cell = next_difference(a, b, order, *cell)) forward.push_back(*cell);
      QVERIFY(forward == expected);
      std::vector<MaskCell> back;
      cell = next_difference(a, b, order, {8, 150}, -1);
      for (; cell; cell = next_difference(a, b, order, *cell, -1)) back.push_back(*cell);
      std::reverse(back.begin(), back.end());
      QVERIFY(back == expected);
    }
  }

  void equalMasksHaveNoDifference() {
    const Mask a = random_mask(5, 70, 1, 2);
    QCOMPARE(mask_difference(a, a).differing(), std::int64_t{0});
    QVERIFY(!next_difference(a, a, identity_order(5), {0, -1}));
    QVERIFY(!next_difference(a, a, identity_order(5), {4, 70}, -1));
  }
};

QTEST_GUILESS_MAIN(TestDifference)
#include "test_difference.moc"

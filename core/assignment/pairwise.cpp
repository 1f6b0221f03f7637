#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/assignment/pairwise.cpp"
#include <hwy/foreach_target.h>
// Highway wants its own header after foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/assignment/pairwise.hpp"

#ifndef GYRO_PAIRWISE_ONCE
#define GYRO_PAIRWISE_ONCE
namespace gyro {

constexpr Eigen::Index kRows = 4;      ///< rows of a block
constexpr Eigen::Index kColumns = 32;  ///< columns of a block at the widest vectors

struct Panel {
  Eigen::Index first;
  Eigen::Index last;
};

}  // namespace gyro
#endif

HWY_BEFORE_NAMESPACE();
namespace gyro::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct Product {
  template <class D, class V>
  static HWY_INLINE V apply(D /*d*/, V a, V b) {
    return hn::Mul(a, b);
  }
};

struct Maximum {
  template <class D, class V>
  static HWY_INLINE V apply(D /*d*/, V a, V b) {
    return hn::Max(a, b);
  }
};

/// Four rows of `a` against two vectors of columns: eight sums stay in registers.
template <class Op>
HWY_INLINE void block(const float* HWY_RESTRICT a, Eigen::Index stride_a,
                      const float* HWY_RESTRICT b, Eigen::Index stride_b, Eigen::Index depth,
                      float* HWY_RESTRICT out, Eigen::Index stride_out) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<Eigen::Index>(hn::Lanes(d));
  auto s00 = hn::Zero(d);
  auto s01 = hn::Zero(d);
  auto s10 = hn::Zero(d);
  auto s11 = hn::Zero(d);
  auto s20 = hn::Zero(d);
  auto s21 = hn::Zero(d);
  auto s30 = hn::Zero(d);
  auto s31 = hn::Zero(d);
  for (Eigen::Index r = 0; r < depth; ++r) {
    const auto b0 = hn::LoadU(d, b + r * stride_b);
    const auto b1 = hn::LoadU(d, b + r * stride_b + lanes);
    const auto a0 = hn::Set(d, a[r]);
    const auto a1 = hn::Set(d, a[stride_a + r]);
    const auto a2 = hn::Set(d, a[2 * stride_a + r]);
    const auto a3 = hn::Set(d, a[3 * stride_a + r]);
    s00 = hn::Add(s00, Op::apply(d, a0, b0));
    s01 = hn::Add(s01, Op::apply(d, a0, b1));
    s10 = hn::Add(s10, Op::apply(d, a1, b0));
    s11 = hn::Add(s11, Op::apply(d, a1, b1));
    s20 = hn::Add(s20, Op::apply(d, a2, b0));
    s21 = hn::Add(s21, Op::apply(d, a2, b1));
    s30 = hn::Add(s30, Op::apply(d, a3, b0));
    s31 = hn::Add(s31, Op::apply(d, a3, b1));
  }
  hn::StoreU(s00, d, out);
  hn::StoreU(s01, d, out + lanes);
  hn::StoreU(s10, d, out + stride_out);
  hn::StoreU(s11, d, out + stride_out + lanes);
  hn::StoreU(s20, d, out + 2 * stride_out);
  hn::StoreU(s21, d, out + 2 * stride_out + lanes);
  hn::StoreU(s30, d, out + 3 * stride_out);
  hn::StoreU(s31, d, out + 3 * stride_out + lanes);
}

/// 32 columns of out from `first`, some rows of it. a is [p × depth] with p a multiple of 4,
/// b_columns [depth × q] with q a multiple of 32.
template <class Op>
void pairs_of(const MatrixView& a, const Matrix& b_columns, Eigen::Index first, Panel rows,
              Matrix& out) {
  const hn::ScalableTag<float> d;
  const auto step = 2 * static_cast<Eigen::Index>(hn::Lanes(d));
  for (Eigen::Index j = first; j < first + kColumns; j += step) {
    for (Eigen::Index i = rows.first; i < rows.last; i += kRows) {
      block<Op>(a.data() + i * a.cols(), a.cols(), b_columns.data() + j, b_columns.cols(), a.cols(),
                out.data() + i * out.cols() + j, out.cols());
    }
  }
}

void products_of(const MatrixView& a, const Matrix& b_columns, Eigen::Index first, Panel rows,
                 Matrix& out) {
  pairs_of<Product>(a, b_columns, first, rows, out);
}

void maxima_of(const MatrixView& a, const Matrix& b_columns, Eigen::Index first, Panel rows,
               Matrix& out) {
  pairs_of<Maximum>(a, b_columns, first, rows, out);
}

}  // namespace gyro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gyro {
namespace {

HWY_EXPORT(products_of);
HWY_EXPORT(maxima_of);

constexpr Eigen::Index kTransposed = 64;  ///< rows of b between two looks at `stop`
constexpr Eigen::Index kProducts = Eigen::Index{1} << 24;  ///< products between two looks

Eigen::Index round_up(Eigen::Index value, Eigen::Index step) {
  return (value + step - 1) / step * step;
}

bool stopped(const StopCheck& stop) {
  return stop && stop();
}

/// b by columns, padded; false when stopped.
bool transpose(const MatrixView& b, const StopCheck& stop, Matrix& columns) {
  columns.resize(b.cols(), round_up(b.rows(), kColumns));
  columns.rightCols(columns.cols() - b.rows()).setZero();
  for (Eigen::Index first = 0; first < b.rows(); first += kTransposed) {
    if (stopped(stop)) return false;
    const auto count = std::min(kTransposed, b.rows() - first);
    columns.middleCols(first, count) = b.middleRows(first, count).transpose();
  }
  return true;
}

template <class Kernel>
bool padded(const MatrixView& a, const MatrixView& b, Matrix& out, const StopCheck& stop,
            Kernel kernel) {
  Matrix copy;  // only where the rows make no whole blocks
  if (a.rows() % kRows != 0) {
    copy = Matrix::Zero(round_up(a.rows(), kRows), a.cols());
    copy.topRows(a.rows()) = a;
  }
  const MatrixView rows = copy.size() > 0 ? view_of(copy) : a;
  Matrix columns;
  if (!transpose(b, stop, columns)) return false;
  Matrix all(round_up(a.rows(), kRows), columns.cols());
  const auto many = round_up(
      std::max<Eigen::Index>(1, kProducts / (kColumns * std::max<Eigen::Index>(1, a.cols()))),
      kRows);
  for (Eigen::Index column = 0; column < columns.cols(); column += kColumns) {
    for (Eigen::Index row = 0; row < all.rows(); row += many) {
      if (stopped(stop)) return false;
      kernel(rows, columns, column, Panel{row, std::min(row + many, all.rows())}, all);
    }
  }
  if (all.rows() == a.rows() && all.cols() == b.rows()) {
    out = std::move(all);
  } else {
    out = all.topLeftCorner(a.rows(), b.rows());
  }
  return true;
}

}  // namespace

float moderate_scale(const MatrixView& values, float range) {
  std::int32_t bits = 0;  // of a float without its sign: they grow with it
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    bits = std::max(bits, std::bit_cast<std::int32_t>(values.data()[i]) & 0x7fffffff);
  }
  const auto largest = std::bit_cast<float>(bits);
  if (largest == 0 || (largest <= range && largest >= 1 / range)) return 1;
  return std::ldexp(1.F, std::clamp(-std::ilogb(largest), -126, 126));
}

bool inner_products(const MatrixView& a, const MatrixView& b, Matrix& out, const StopCheck& stop) {
  return padded(a, b, out, stop, HWY_DYNAMIC_DISPATCH(products_of));
}

void sums_of_maxima(const Matrix& a, const Matrix& b, Matrix& out) {
  padded(view_of(a), view_of(b), out, {}, HWY_DYNAMIC_DISPATCH(maxima_of));
}

}  // namespace gyro
#endif

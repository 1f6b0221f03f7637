#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/assignment/row_scan.cpp"
#include <hwy/foreach_target.h>
// Highway wants its own header after foreach_target.
#include <hwy/highway.h>

#include <limits>

#include "core/assignment/row_scan.hpp"

HWY_BEFORE_NAMESPACE();
namespace gyro::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;
using Vector = hn::Vec<D>;

HWY_INLINE Vector load(D d, const double* from) {
  return hn::LoadU(d, from);
}

HWY_INLINE Vector load(D d, const float* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}

HWY_INLINE void offer(TwoLeast& best, double value, int column) {
  if (value < best.least || (value == best.least && column < best.first)) {
    best.second = best.first;
    best.next = best.least;
    best.first = column;
    best.least = value;
  } else if (value < best.next || (value == best.next && column < best.second)) {
    best.second = column;
    best.next = value;
  }
}

template <class Cost>
TwoLeast two_least_of(const Cost* HWY_RESTRICT costs, const double* HWY_RESTRICT prices, int size) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const D d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  auto least = hn::Set(d, kInfinity);
  auto next = least;
  auto first = hn::Set(d, -1.0);
  auto second = first;
  auto column = hn::Iota(d, 0.0);
  const auto step = hn::Set(d, static_cast<double>(lanes));
  int c = 0;
  for (; c + lanes <= size; c += lanes) {
    const auto value = hn::Sub(load(d, costs + c), hn::LoadU(d, prices + c));
    const auto is_least = hn::Lt(value, least);
    const auto is_next = hn::Lt(value, next);
    next = hn::IfThenElse(is_least, least, hn::IfThenElse(is_next, value, next));
    second = hn::IfThenElse(is_least, first, hn::IfThenElse(is_next, column, second));
    least = hn::IfThenElse(is_least, value, least);
    first = hn::IfThenElse(is_least, column, first);
    column = hn::Add(column, step);
  }
  HWY_ALIGN double values[4][HWY_MAX_BYTES / sizeof(double)];  // NOLINT
  hn::Store(least, d, values[0]);
  hn::Store(first, d, values[1]);
  hn::Store(next, d, values[2]);
  hn::Store(second, d, values[3]);
  TwoLeast out{-1, -1, kInfinity, kInfinity};
  for (int lane = 0; lane < lanes; ++lane) {
    if (values[1][lane] >= 0) offer(out, values[0][lane], static_cast<int>(values[1][lane]));
    if (values[3][lane] >= 0) offer(out, values[2][lane], static_cast<int>(values[3][lane]));
  }
  for (; c < size; ++c) offer(out, static_cast<double>(costs[c]) - prices[c], c);
  return out;
}

template <class Cost>
double relax_all(const Cost* HWY_RESTRICT costs, const double* HWY_RESTRICT prices, double base,
                 double row, double* HWY_RESTRICT reach, double* HWY_RESTRICT before, int size) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const D d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto bases = hn::Set(d, base);
  const auto rows = hn::Set(d, row);
  const auto settled = hn::Set(d, -kInfinity);
  const auto far = hn::Set(d, kInfinity);
  auto least = far;
  int c = 0;
  for (; c + lanes <= size; c += lanes) {
    const auto way = hn::Add(bases, hn::Sub(load(d, costs + c), hn::LoadU(d, prices + c)));
    const auto old = hn::LoadU(d, reach + c);
    const auto shorter = hn::Lt(way, old);
    const auto now = hn::IfThenElse(shorter, way, old);
    hn::StoreU(now, d, reach + c);
    hn::StoreU(hn::IfThenElse(shorter, rows, hn::LoadU(d, before + c)), d, before + c);
    least = hn::Min(least, hn::IfThenElse(hn::Gt(now, settled), now, far));
  }
  double out = hn::GetLane(hn::MinOfLanes(d, least));
  for (; c < size; ++c) {
    const double way = base + (static_cast<double>(costs[c]) - prices[c]);
    if (way < reach[c]) {
      reach[c] = way;
      before[c] = row;
    }
    if (reach[c] > -kInfinity && reach[c] < out) out = reach[c];
  }
  return out;
}

TwoLeast two_least_double(const double* costs, const double* prices, int size) {
  return two_least_of(costs, prices, size);
}

TwoLeast two_least_float(const float* costs, const double* prices, int size) {
  return two_least_of(costs, prices, size);
}

double relax_double(const double* costs, const double* prices, double base, double row,
                    double* reach, double* before, int size) {
  return relax_all(costs, prices, base, row, reach, before, size);
}

double relax_float(const float* costs, const double* prices, double base, double row, double* reach,
                   double* before, int size) {
  return relax_all(costs, prices, base, row, reach, before, size);
}

int find_equal_from(const double* values, double wanted, int from, int size) {
  const D d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto all = hn::Set(d, wanted);
  int c = from;
  for (; c + lanes <= size; c += lanes) {
    const auto found = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, values + c), all));
    if (found >= 0) return c + static_cast<int>(found);
  }
  while (c < size && values[c] != wanted) ++c;
  return c;
}

}  // namespace gyro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gyro {
namespace {

HWY_EXPORT(two_least_double);
HWY_EXPORT(two_least_float);
HWY_EXPORT(relax_double);
HWY_EXPORT(relax_float);
HWY_EXPORT(find_equal_from);

int size_of(std::span<const double> values) {
  return static_cast<int>(values.size());
}

}  // namespace

TwoLeast two_least(const double* costs, std::span<const double> prices) {
  return HWY_DYNAMIC_DISPATCH(two_least_double)(costs, prices.data(), size_of(prices));
}

TwoLeast two_least(const float* costs, std::span<const double> prices) {
  return HWY_DYNAMIC_DISPATCH(two_least_float)(costs, prices.data(), size_of(prices));
}

double relax(const double* costs, std::span<const double> prices, double base, int row,
             const Frontier& frontier) {
  return HWY_DYNAMIC_DISPATCH(relax_double)(costs, prices.data(), base, row, frontier.reach.data(),
                                            frontier.before.data(), size_of(prices));
}

double relax(const float* costs, std::span<const double> prices, double base, int row,
             const Frontier& frontier) {
  return HWY_DYNAMIC_DISPATCH(relax_float)(costs, prices.data(), base, row, frontier.reach.data(),
                                           frontier.before.data(), size_of(prices));
}

int find_equal(std::span<const double> values, double wanted, int from) {
  return HWY_DYNAMIC_DISPATCH(find_equal_from)(values.data(), wanted, from, size_of(values));
}

}  // namespace gyro
#endif

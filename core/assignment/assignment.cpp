#include "core/assignment/assignment.hpp"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "core/assignment/row_scan.hpp"

namespace gyro {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Costs>
class Solver {
 public:
  Solver(const Costs& cost, const StopCheck& stop)
      : cost_(cost),
        stop_(stop),
        n_(static_cast<int>(cost.rows())),
        price_(static_cast<std::size_t>(n_), 0),
        column_of_(price_.size(), -1),
        row_of_(price_.size(), -1),
        reach_(price_.size()),
        before_(price_.size()) {}

  std::optional<Assignment> solve(std::span<const double> prices) {
    if (prices.size() == price_.size()) {
      price_.assign(prices.begin(), prices.end());
      for (int row = 0; row < n_; ++row) free_.push_back(row);
    } else {
      reduce_columns();
    }
    reduce_rows();
    reduce_rows();
    for (const int row : free_) {
      if (stop_ && stop_()) return std::nullopt;
      augment(row);
    }
    return result();
  }

 private:
  using Row = const typename Costs::Scalar*;

  [[nodiscard]] Row costs_of(int row) const { return cost_.data() + std::int64_t{row} * n_; }
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  /// Every column's price is its least cost; its cheapest row takes it where it is still free.
  void reduce_columns() {
    std::vector<int> cheapest(price_.size(), 0);
    for (int c = 0; c < n_; ++c) price_[at(c)] = costs_of(0)[c];
    for (int r = 1; r < n_; ++r) {
      const Row costs = costs_of(r);
      for (int c = 0; c < n_; ++c) {
        if (costs[c] < price_[at(c)]) {
          price_[at(c)] = costs[c];
          cheapest[at(c)] = r;
        }
      }
    }
    for (int c = 0; c < n_; ++c) {
      if (column_of_[at(cheapest[at(c)])] < 0) match(cheapest[at(c)], c);
    }
    for (int r = 0; r < n_; ++r) {
      if (column_of_[at(r)] < 0) free_.push_back(r);
    }
  }

  /// Augmenting row reduction: every free row takes its cheapest column and lowers its price as far
  /// as the second cheapest allows; a row that lost its column goes on at once while that gains.
  void reduce_rows() {
    std::vector<int> waiting = std::exchange(free_, {});
    std::int64_t tries = 4 * std::int64_t{n_};
    for (std::size_t next = 0; next < waiting.size();) {
      const int row = waiting[next++];
      const TwoLeast best = two_least(costs_of(row), price_);
      int column = best.first;
      const double lowered =
          best.second < 0 ? price_[at(column)] : price_[at(column)] - (best.next - best.least);
      const bool gains = lowered < price_[at(column)];
      if (gains) {
        price_[at(column)] = lowered;
      } else if (row_of_[at(column)] >= 0 && best.second >= 0) {
        column = best.second;
      }
      const int loser = row_of_[at(column)];
      match(row, column);
      if (loser < 0) continue;
      column_of_[at(loser)] = -1;
      if (gains && --tries > 0) {
        waiting[--next] = loser;
      } else {
        free_.push_back(loser);
      }
    }
  }

  /// Dijkstra from a free row to the nearest free column; prices of the columns passed are adjusted
  /// so that reduced costs stay non-negative.
  void augment(int row) {
    std::fill(reach_.begin(), reach_.end(), kInfinity);
    settled_.clear();
    int current = row;
    double reached = 0;
    int end = -1;
    while (end < 0) {
      const int held = column_of_[at(current)];
      const Row costs = costs_of(current);
      const double base = held < 0 ? 0 : reached - (costs[held] - price_[at(held)]);
      reached = relax(costs, price_, base, current, {reach_, before_});
      const int column = nearest(reached);
      if (row_of_[at(column)] < 0) {
        end = column;
      } else {
        settled_.push_back({column, reached});
        reach_[at(column)] = -kInfinity;
        current = row_of_[at(column)];
      }
    }
    for (const auto& [column, distance] : settled_) price_[at(column)] += distance - reached;
    for (int column = end; column >= 0;) {
      const int by = static_cast<int>(before_[at(column)]);
      const int old = column_of_[at(by)];
      match(by, column);
      column = old;
    }
  }

  /// An open column at that distance: the first free one, otherwise the first.
  [[nodiscard]] int nearest(double distance) const {
    const int first = find_equal(reach_, distance, 0);
    for (int c = first; c < n_; c = find_equal(reach_, distance, c + 1)) {
      if (row_of_[at(c)] < 0) return c;
    }
    return first;
  }

  void match(int row, int column) {
    column_of_[at(row)] = column;
    row_of_[at(column)] = row;
  }

  Assignment result() {
    Assignment out;
    for (int r = 0; r < n_; ++r) out.cost += costs_of(r)[column_of_[at(r)]];
    out.column_of = std::move(column_of_);
    out.prices = std::move(price_);
    return out;
  }

  const Costs& cost_;
  const StopCheck& stop_;
  int n_;
  std::vector<double> price_;
  std::vector<std::int32_t> column_of_;
  std::vector<std::int32_t> row_of_;
  std::vector<double> reach_;
  std::vector<double> before_;
  std::vector<std::pair<int, double>> settled_;  ///< columns with their distance
  std::vector<int> free_;                        ///< rows without a column
};

template <class Costs>
Result<Assignment> solve(const Costs& cost, const AssignmentOptions& options) {
  if (cost.rows() != cost.cols()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("the assignment costs are {}×{}, not square", cost.rows(), cost.cols()));
  }
  if (!cost.allFinite()) {
    return fail(ErrorCode::InvalidArgument, "the assignment costs are not all finite");
  }
  if (cost.rows() == 0) return Assignment{};
  auto found = Solver<Costs>(cost, options.stop).solve(options.prices);
  if (!found) return fail(ErrorCode::Cancelled, "the assignment was cancelled");
  return *std::move(found);
}

}  // namespace

Result<Assignment> solve_assignment(const MatrixD& cost, const AssignmentOptions& options) {
  return solve(cost, options);
}

Result<Assignment> solve_assignment(const Matrix& cost, const AssignmentOptions& options) {
  return solve(cost, options);
}

std::vector<double> mean_costs(const Matrix& cost) {
  const Eigen::RowVectorXd means = cost.cast<double>().colwise().mean();
  return {means.begin(), means.end()};
}

}  // namespace gyro

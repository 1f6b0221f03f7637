#include "core/assignment/transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace gyro {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Flow {
 public:
  Flow(const MatrixD& cost, std::span<const std::int32_t> capacity, const StopCheck& stop)
      : cost_(cost),
        stop_(stop),
        points_(static_cast<int>(cost.rows())),
        bins_(static_cast<int>(cost.cols())),
        spare_(capacity.begin(), capacity.end()),
        members_(spare_.size()),
        edges_(spare_.size() * spare_.size()),
        distance_(spare_.size()),
        before_(spare_.size()),
        settled_(spare_.size()) {}

  std::optional<Transport> solve(std::span<const double> prices) {
    price_.assign(spare_.size(), 0);
    if (prices.size() == price_.size()) price_.assign(prices.begin(), prices.end());
    fill_cheapest();
    for (int bin = 0; bin < bins_; ++bin) find_edges(bin);
    for (int bin = 0; bin < bins_; ++bin) {
      while (spare_[at(bin)] < 0) {
        if (stop_ && stop_()) return std::nullopt;
        move_along(bin, nearest_spare(bin));
      }
    }
    return result();
  }

 private:
  /// The cheapest way to move one point out of a bin into another.
  struct Edge {
    double cost = kInfinity;  ///< difference of the point's costs
    int point = -1;
  };

  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  Edge& edge(int from, int to) { return edges_[at(from) * spare_.size() + at(to)]; }

  void fill_cheapest() {
    bin_of_.resize(at(points_));
    for (int p = 0; p < points_; ++p) {
      int best = 0;
      for (int b = 1; b < bins_; ++b) {
        if (cost_(p, b) + price_[at(b)] < cost_(p, best) + price_[at(best)]) best = b;
      }
      put(p, best);
    }
  }

  void put(int point, int bin) {
    bin_of_[at(point)] = bin;
    members_[at(bin)].push_back(point);
    --spare_[at(bin)];
  }

  void find_edges(int from) {
    for (int to = 0; to < bins_; ++to) edge(from, to) = Edge{};
    for (const int point : members_[at(from)]) offer(from, point);
  }

  void offer(int from, int point) {
    const double* costs = cost_.data() + std::int64_t{point} * bins_;
    Edge* edges = &edge(from, 0);
    for (int to = 0; to < bins_; ++to) {
      const double change = costs[to] - costs[from];
      if (change < edges[to].cost || (change == edges[to].cost && point < edges[to].point)) {
        edges[to] = {change, point};
      }
    }
  }

  /// Finds the edges again that a point was, which has left the bin.
  void mend_edges(int from, int left) {
    for (int to = 0; to < bins_; ++to) {
      if (edge(from, to).point != left) continue;
      Edge best;
      for (const int point : members_[at(from)]) {
        const double change = cost_(point, to) - cost_(point, from);
        if (change < best.cost || (change == best.cost && point < best.point)) {
          best = {change, point};
        }
      }
      edge(from, to) = best;
    }
  }

  /// Dijkstra over the bins on reduced costs; raises the prices so that they stay non-negative.
  int nearest_spare(int from) {
    std::fill(distance_.begin(), distance_.end(), kInfinity);
    std::fill(settled_.begin(), settled_.end(), 0);
    std::fill(before_.begin(), before_.end(), -1);
    distance_[at(from)] = 0;
    for (;;) {
      int bin = -1;
      for (int b = 0; b < bins_; ++b) {
        if (settled_[at(b)] == 0 && (bin < 0 || distance_[at(b)] < distance_[at(bin)])) bin = b;
      }
      settled_[at(bin)] = 1;
      if (spare_[at(bin)] > 0) {
        reprice(distance_[at(bin)]);
        return bin;
      }
      for (int to = 0; to < bins_; ++to) {
        if (settled_[at(to)] != 0 || edge(bin, to).point < 0) continue;
        const double step = std::max(0.0, edge(bin, to).cost + price_[at(to)] - price_[at(bin)]);
        if (distance_[at(bin)] + step < distance_[at(to)]) {
          distance_[at(to)] = distance_[at(bin)] + step;
          before_[at(to)] = bin;
        }
      }
    }
  }

  void reprice(double reached) {
    for (int b = 0; b < bins_; ++b) {
      if (settled_[at(b)] != 0) price_[at(b)] += reached - distance_[at(b)];
    }
  }

  void move_along(int from, int to) {
    for (int bin = to; bin != from; bin = before_[at(bin)]) {
      const int source = before_[at(bin)];
      const int point = edge(source, bin).point;
      std::erase(members_[at(source)], point);
      ++spare_[at(source)];
      mend_edges(source, point);
      put(point, bin);
      offer(bin, point);
    }
  }

  Transport result() {
    Transport out;
    for (int p = 0; p < points_; ++p) out.cost += cost_(p, bin_of_[at(p)]);
    out.bin_of = std::move(bin_of_);
    out.prices = std::move(price_);
    return out;
  }

  const MatrixD& cost_;
  const StopCheck& stop_;
  int points_;
  int bins_;
  std::vector<int> spare_;  ///< places left, negative where too full
  std::vector<std::vector<int>> members_;
  std::vector<Edge> edges_;
  std::vector<double> distance_;
  std::vector<int> before_;
  std::vector<char> settled_;
  std::vector<double> price_;
  std::vector<std::int32_t> bin_of_;
};

}  // namespace

Result<Transport> solve_transport(const MatrixD& cost, std::span<const std::int32_t> capacity,
                                  const TransportOptions& options) {
  const auto places = std::accumulate(capacity.begin(), capacity.end(), std::int64_t{0});
  const bool negative = std::any_of(capacity.begin(), capacity.end(), [](int c) { return c < 0; });
  if (static_cast<std::size_t>(cost.cols()) != capacity.size() || places != cost.rows() ||
      negative) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} points do not fill {} bins of {} places in all", cost.rows(),
                            capacity.size(), places));
  }
  if (!cost.allFinite()) {
    return fail(ErrorCode::InvalidArgument, "the transport costs are not all finite");
  }
  auto found = Flow(cost, capacity, options.stop).solve(options.prices);
  if (!found) return fail(ErrorCode::Cancelled, "the capacity assignment was cancelled");
  return *std::move(found);
}

}  // namespace gyro

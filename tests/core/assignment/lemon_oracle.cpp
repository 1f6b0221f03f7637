#include "tests/core/assignment/lemon_oracle.hpp"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

namespace gyro::testing {

std::int64_t least_transport_cost(const std::vector<std::int64_t>& cost,
                                  const std::vector<std::int32_t>& capacity) {
  lemon::SmartDigraph graph;
  const std::size_t bins = capacity.size();
  const std::size_t points = cost.size() / bins;
  std::vector<lemon::SmartDigraph::Node> nodes;
  for (std::size_t i = 0; i < points + bins; ++i) nodes.push_back(graph.addNode());
  lemon::SmartDigraph::ArcMap<std::int64_t> costs(graph);
  lemon::SmartDigraph::NodeMap<std::int64_t> supply(graph);
  for (std::size_t p = 0; p < points; ++p) {
    supply[nodes[p]] = 1;
    for (std::size_t b = 0; b < bins; ++b) {
      costs[graph.addArc(nodes[p], nodes[points + b])] = cost[p * bins + b];
    }
  }
  for (std::size_t b = 0; b < bins; ++b) supply[nodes[points + b]] = -capacity[b];
  lemon::NetworkSimplex<lemon::SmartDigraph, std::int64_t> simplex(graph);
  simplex.costMap(costs).supplyMap(supply).run();
  return simplex.totalCost();
}

}  // namespace gyro::testing

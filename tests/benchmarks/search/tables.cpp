#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/benchmarks/search/scores.hpp"
#include "tests/benchmarks/search/suite.hpp"

namespace gyro::benchmark {
namespace {

/// [case][entrant][seed] of one budget.
using BySeed = std::map<std::uint64_t, double>;
using Field = std::map<std::string, std::map<std::string, BySeed>>;

Field field_of(const std::vector<Score>& scores, double budget) {
  Field out;
  for (const auto& s : scores) {
    if (s.budget == budget && s.runs > 0) out[s.case_name][s.entrant][s.seed] = s.retained;
  }
  return out;
}

Spread spread_of_seeds(const BySeed& seeds) {
  std::vector<double> values;
  for (const auto& [seed, value] : seeds) values.push_back(value);
  return spread_of(values);
}

/// Over the seeds that both have; a strategy without seeds is compared with each of the other's.
Spread paired(const BySeed& one, const BySeed& reference) {
  std::vector<double> differences;
  for (const auto& [seed, value] : reference) {
    if (const auto same = one.find(seed); same != one.end()) {
      differences.push_back(same->second - value);
    } else if (one.size() == 1) {
      differences.push_back(one.begin()->second - value);
    }
  }
  return spread_of(differences);
}

std::vector<std::string> in_order(const Field& field) {
  std::vector<std::string> out;
  for (const auto& item : cases()) {
    if (field.count(item.name) > 0) out.push_back(item.name);
  }
  return out;
}

/// The entrants of one case, best first, and who is above the reference.
std::string lines_of(const std::string& name, const std::map<std::string, BySeed>& entrants,
                     const std::string& reference, std::vector<std::string>& above) {
  std::vector<std::pair<Spread, std::string>> order;
  order.reserve(entrants.size());
  for (const auto& [entrant, seeds] : entrants) order.emplace_back(spread_of_seeds(seeds), entrant);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first.mean > b.first.mean; });
  const auto leader = entrants.find(reference);
  std::string out;
  for (const auto& [spread, entrant] : order) {
    out += fmt::format("{:<28}{:<28}{:.5f} ± {:.5f} ({})", name, entrant, spread.mean,
                       spread.deviation, spread.count);
    if (leader != entrants.end() && entrant != reference) {
      const Spread difference = paired(entrants.at(entrant), leader->second);
      out += fmt::format("   {:+.5f} ± {:.5f}", difference.mean, difference.deviation);
      if (difference.mean > 0) above.push_back(fmt::format("{} on {}", entrant, name));
    }
    out += "\n";
  }
  return out;
}

std::string cell(const std::vector<Score>& scores, const std::string& name,
                 const std::string& entrant, double budget) {
  std::vector<double> values;
  for (const auto& s : scores) {
    if (s.case_name == name && s.entrant == entrant && s.budget == budget)
      values.push_back(s.retained);
  }
  return values.empty() ? "–" : fmt::format("{:.4f}", spread_of(values).mean).substr(1);
}

/// The first run's figure and time, from the largest budget.
std::string first_run(const std::vector<Score>& scores, const std::string& name,
                      const std::string& entrant) {
  const Score* found = nullptr;
  for (const auto& s : scores) {
    const bool wanted = s.case_name == name && s.entrant == entrant && s.runs > 0;
    if (wanted && (found == nullptr || s.budget > found->budget)) found = &s;
  }
  if (found == nullptr) return "–";
  return fmt::format("{} ({:.2g})", fmt::format("{:.4f}", found->first_retained).substr(1),
                     found->first_seconds);
}

std::string with_spread(const Spread& spread) {
  std::string mean = fmt::format("{:.4f}", spread.mean).substr(1);
  if (spread.count < 2) return mean;
  return fmt::format("{} ± {}", mean, fmt::format("{:.4f}", spread.deviation).substr(1));
}

/// "gyroscope | the best of the others, with its name" at one budget.
std::string two_cells(const Field& field, const std::string& name, const std::string& reference) {
  const auto entrants = field.find(name);
  if (entrants == field.end()) return "– | –";
  std::string leader = "–";
  std::string other = "–";
  double best = -1;
  for (const auto& [entrant, seeds] : entrants->second) {
    const Spread spread = spread_of_seeds(seeds);
    if (entrant == reference) {
      leader = with_spread(spread);
    } else if (spread.mean > best) {
      best = spread.mean;
      other = fmt::format("{} `{}`", with_spread(spread), entrant);
    }
  }
  return leader + " | " + other;
}

struct ReadmeRow {
  const char* name;
  const char* label;
  const char* vector_size;
  const char* published;
};

// Seconds and figures of the published code: README says where they are from.
constexpr ReadmeRow kReadmeRows[] = {
    {"query-v32-2:4-75", "layer.0 query 384×384", "32", ".4426 (1.7)"},
    {"query-v64-2:4-75", "", "64", ".4239 (2.0)"},
    {"intermediate-v32-2:4-75", "layer.2 intermediate 1536×384", "32", ".4615 (11)"},
    {"intermediate-v64-2:4-75", "", "64", ".4475 (5.6)"},
    {"output-v32-2:4-75", "layer.2 output 384×1536", "32", ".4688 (66)"},
    {"output-v64-2:4-75", "", "64", ".4549 (65)"},
};

}  // namespace

std::string summary(const std::vector<Score>& scores, const std::string& reference) {
  std::set<double> budgets;
  for (const auto& s : scores) budgets.insert(s.budget);
  std::string out;
  for (const double budget : budgets) {
    const Field field = field_of(scores, budget);
    std::vector<std::string> above;
    out += fmt::format("budget {} s: mean ± deviation (seeds), paired difference from {}\n", budget,
                       reference);
    for (const auto& name : in_order(field)) {
      out += lines_of(name, field.at(name), reference, above);
    }
    out += above.empty()
               ? fmt::format("nothing is above {} at {} s\n\n", reference, budget)
               : fmt::format("above {} at {} s: {}\n\n", reference, budget, fmt::join(above, ", "));
  }
  return out;
}

std::string suite_rows(const std::vector<Score>& scores, const std::string& reference) {
  const Field one = field_of(scores, 1);
  const Field five = field_of(scores, 5);
  std::map<std::string, double> identity;
  for (const auto& s : scores) identity[s.case_name] = s.identity;
  std::string out = fmt::format(
      "| case | identity | `{0}`, 1 s | best other | `{0}`, 5 s | best other |\n"
      "|---|---|---|---|---|---|\n",
      reference);
  for (const auto& item : cases()) {
    if (identity.count(item.name) == 0) continue;
    out += fmt::format("| {} | {} | {} | {} |\n", item.name,
                       fmt::format("{:.4f}", identity[item.name]).substr(1),
                       two_cells(one, item.name, reference), two_cells(five, item.name, reference));
  }
  return out;
}

std::string readme_rows(const std::vector<Score>& scores) {
  std::string out =
      "| layer | V | identity | published code | `gyro` | `gyroscope`, 1 s | 5 s | 60 s |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const auto& row : kReadmeRows) {
    std::string identity = "–";
    for (const auto& s : scores) {
      if (s.case_name == row.name) identity = fmt::format("{:.4f}", s.identity).substr(1);
    }
    out += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n", row.label, row.vector_size, identity,
        row.published, first_run(scores, row.name, "gyro"), cell(scores, row.name, "gyroscope", 1),
        cell(scores, row.name, "gyroscope", 5), cell(scores, row.name, "gyroscope", 60));
  }
  return out;
}

}  // namespace gyro::benchmark

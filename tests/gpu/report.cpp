#include "tests/gpu/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/gpu/module.hpp"

namespace gyro::gpu_test {
namespace {

constexpr std::size_t kShown = 5;  ///< failures of a group that are printed

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Report::Report(std::string program, int argc, char** argv) : program_(std::move(program)) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--small") small_ = true;
    if (option == "--json" && i + 1 < argc) json_ = argv[++i];
  }
}

void Report::group(std::string name, double tolerance) {
  close_group();
  groups_.push_back({std::move(name), tolerance, 0, 0, {}, {}, std::chrono::steady_clock::now()});
  open_ = true;
}

void Report::error(double error, const std::string& configuration) {
  Group& group = groups_.back();
  ++group.cases;
  if (error > group.worst) {
    group.worst = error;
    group.worst_at = configuration;
  }
  if (!(error <= group.tolerance)) {
    group.failed.push_back(fmt::format("{}: error {:.3g}", configuration, error));
  }
}

void Report::expect(bool right, const std::string& configuration) {
  ++groups_.back().cases;
  if (!right) groups_.back().failed.push_back(configuration);
}

void Report::figure(const std::string& name, double value, std::string_view unit) {
  fmt::print("{:<58} {:>10.5g} {}\n", name, value, unit);
  std::fflush(stdout);
  figures_.push_back({name, value, std::string(unit)});
}

void Report::close_group() {
  if (!open_) return;
  open_ = false;
  Group& group = groups_.back();
  group.seconds = seconds_since(group.started);
  fmt::print("{} {:<46} {:>4} cases  worst {:.1e} of {:.0e}  {:.2f} s{}{}\n",
             group.failed.empty() ? "ok  " : "FAIL", group.name, group.cases, group.worst,
             group.tolerance, group.seconds, group.worst_at.empty() ? "" : "  at ", group.worst_at);
  for (std::size_t i = 0; i < std::min(kShown, group.failed.size()); ++i) {
    fmt::print("     {}\n", group.failed[i]);
  }
  std::fflush(stdout);
}

int Report::finish() {
  close_group();
  if (!json_.empty()) write_json();
  const bool failed = std::any_of(groups_.begin(), groups_.end(),
                                  [](const Group& group) { return !group.failed.empty(); });
  return failed ? 1 : 0;
}

void Report::write_json() const {
  nlohmann::json out;
  const gyro_device& card = device();
  out["program"] = program_;
  out["device"] = {{"name", card.name},
                   {"capability", card.capability},
                   {"driver", card.driver},
                   {"runtime", card.runtime},
                   {"memory", card.memory_total}};
  out["groups"] = nlohmann::json::array();
  for (const Group& group : groups_) {
    out["groups"].push_back({{"name", group.name},
                             {"cases", group.cases},
                             {"worst", group.worst},
                             {"worst_at", group.worst_at},
                             {"tolerance", group.tolerance},
                             {"failed", group.failed},
                             {"seconds", group.seconds}});
  }
  out["figures"] = nlohmann::json::array();
  for (const Figure& figure : figures_) {
    out["figures"].push_back(
        {{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}});
  }
  std::ofstream(json_) << out.dump(2) << '\n';
}

}  // namespace gyro::gpu_test

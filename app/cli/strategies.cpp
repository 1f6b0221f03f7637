#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro::cli {
namespace {

std::string type_of(const ParameterValue& value) {
  constexpr const char* kNames[] = {"boolean", "integer", "number", "text"};
  return kNames[value.index()];
}

bool is_bounded(const ParameterInfo& info) {
  return info.minimum != info.maximum;
}

Json json_of(const ParameterInfo& info) {
  Json out;
  out["name"] = info.name;
  out["doc"] = info.doc;
  out["type"] = type_of(info.default_value);
  std::visit([&](const auto& value) { out["default"] = value; }, info.default_value);
  out["minimum"] = is_bounded(info) ? Json(info.minimum) : Json(nullptr);
  out["maximum"] = is_bounded(info) ? Json(info.maximum) : Json(nullptr);
  out["choices"] = info.choices;
  return out;
}

Json json_of(const StrategyInfo& info) {
  Json parameters = Json::array();
  for (const auto& parameter : info.parameters) parameters.push_back(json_of(parameter));
  Json phases = Json::array();
  for (const auto& phase : info.phases) {
    phases.push_back({{"name", phase.name}, {"doc", phase.doc}, {"objective", phase.objective}});
  }
  return {{"name", info.name},
          {"title", info.title},
          {"doc", info.doc},
          {"source", info.source},
          {"uses_seed", info.uses_seed},
          {"parameters", std::move(parameters)},
          {"phases", std::move(phases)}};
}

std::string allowed(const ParameterInfo& info) {
  if (!info.choices.empty()) return fmt::format(" ({})", fmt::join(info.choices, ", "));
  return is_bounded(info) ? fmt::format(" ({} to {})", info.minimum, info.maximum) : "";
}

std::string text_of(const StrategyInfo& info) {
  std::string out = fmt::format("{}  {}\n  {}\n", info.name, info.title, info.doc);
  if (!info.source.empty()) out += fmt::format("  Source: {}\n", info.source);
  for (const auto& parameter : info.parameters) {
    out += fmt::format("    {}={}{}  {}\n", parameter.name, gyro::text_of(parameter.default_value),
                       allowed(parameter), parameter.doc);
  }
  return out;
}

int list(bool json) {
  Json object = {{"strategies", Json::array()}};
  std::string text;
  for (const auto& strategy : strategies()) {
    object["strategies"].push_back(json_of(strategy->info()));
    text += (text.empty() ? "" : "\n") + text_of(strategy->info());
  }
  return json ? print_json(object) : print(text);
}

}  // namespace

void add_strategies(CLI::App& app, Action& action) {
  auto json = std::make_shared<bool>(false);
  auto* const command =
      app.add_subcommand("strategies", "List the ways to search, with their parameters");
  command->add_flag("--json", *json, "One JSON object on standard output");
  command->callback([json, &action] { action = [json] { return list(*json); }; });
}

}  // namespace gyro::cli

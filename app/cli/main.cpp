#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <optional>
#include <sstream>
#include <string>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "core/base/standard_streams.hpp"
#include "core/model/version.hpp"

namespace gyro::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  gyro inspect model.safetensors\n"
    "  gyro permute model.safetensors --layer encoder.layer.0.attention.self.query.weight \\\n"
    "       --strategy gyro --vector-size 32 --nm 2:4 --sparsity 0.75 -o query.h5\n"
    "  gyro permute model.safetensors.index.json --all --budget 5s -o orders.safetensors --json\n"
    "  gyro compare model.h5 --layer fc1.weight --strategies identity,ovw,gyro --seeds 1,2,3\n"
    "  gyro check query.h5 --weights model.safetensors\n"
    "  gyro error --permutation query.h5 --weights model.safetensors --device auto\n"
    "  gyro inspect \"$(gyro sample)\"\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (the best so far is written).\n";

void describe(CLI::App& app) {
  app.description("Gyroscope: search, judge and check permutations for hierarchical N:M sparsity.");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("gyro ") + kVersion);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) { return error.what(); });
}

std::string help_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? "gyro --help" : "gyro " + chosen.front()->get_name() + " --help";
}

int wrong_usage(const CLI::App& app, const CLI::ParseError& error) {
  std::string what = error.what();
  while (!what.empty() && (what.back() == '.' || what.back() == '\n')) what.pop_back();
  return usage_error({ErrorCode::InvalidArgument, what, {}, "See " + help_command(app) + "."});
}

/// The first word, if it is no command; CLI11 would only say that one is missing.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  const std::string word = argv[1];
  const auto matching =
      app.get_subcommands([&](const CLI::App* command) { return command->check_name(word); });
  return matching.empty() ? std::optional(word) : std::nullopt;
}

int run(int argc, char** argv) {
  CLI::App app;
  app.name("gyro");
  describe(app);
  Action action;
  add_inspect(app, action);
  add_strategies(app, action);
  add_devices(app, action);
  add_permute(app, action);
  add_compare(app, action);
  add_check(app, action);
  add_error(app, action);
  add_sample(app, action);
  add_bench(app, action);
  if (const auto word = unknown_command(app, argc, argv)) {
    return usage_error({ErrorCode::InvalidArgument,
                        fmt::format("there is no command '{}'", *word),
                        {},
                        "See gyro --help."});
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return wrong_usage(app, error);
    std::ostringstream text;
    app.exit(error, text);
    return print(text.str());
  }
  return action();
}

}  // namespace
}  // namespace gyro::cli

int main(int argc, char** argv) {
  // A file that may not grow, and a reader that is gone, are failed writes and not the end: a
  // result is still to be stored.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  gyro::hold_standard_streams();
  try {
    return gyro::cli::run(argc, argv);
  } catch (const std::exception& exception) {
    return gyro::cli::failed(gyro::error_from(exception));
  }
}

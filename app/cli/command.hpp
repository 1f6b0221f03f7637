#pragma once

#include <functional>

namespace CLI {
class App;
}  // namespace CLI

namespace gyro::cli {

/// How a command ends.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kWrongUsage = 2,
  kInterrupted = 130,
};

/// What the chosen subcommand does once the line is parsed; returns an ExitCode.
using Action = std::function<int()>;

/// Each adds one subcommand, which sets `action` when it is chosen.
void add_inspect(CLI::App& app, Action& action);
void add_strategies(CLI::App& app, Action& action);
void add_devices(CLI::App& app, Action& action);
void add_permute(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_error(CLI::App& app, Action& action);
void add_sample(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);

}  // namespace gyro::cli

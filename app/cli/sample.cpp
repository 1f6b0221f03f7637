#include "core/io/sample.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/work.hpp"
#include "core/io/output_check.hpp"

namespace gyro::cli {
namespace {

struct Options {
  std::string path;
  bool force = false;
};

Status check_target(const Options& options) {
  std::error_code ignored;
  if (std::filesystem::exists(options.path, ignored) && !options.force) {
    return fail(ErrorCode::WriteFailed, "this file exists", options.path,
                "Choose another name, or replace it with --force.");
  }
  return check_output(options.path, {});
}

int sample(const Options& options) {
  Work work(false);
  if (options.path.empty()) {
    const auto path = sample_model(&work.progress);
    return path ? print(*path + "\n") : work.end(path.error());
  }
  auto written = check_target(options);
  if (written) written = write_sample_model(options.path, &work.progress);
  return written ? print(options.path + "\n") : work.end(written.error());
}

}  // namespace

void add_sample(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command = app.add_subcommand(
      "sample", "Print the path of the built-in sample model, or write the model to PATH");
  command->add_option("PATH", options->path, "Where to write the model, an .h5 file");
  command->add_flag("--force", options->force, "Replace a file that is there");
  command->footer("Example:\n  gyro inspect \"$(gyro sample)\"\n");
  command->callback([options, &action] { action = [options] { return sample(*options); }; });
}

}  // namespace gyro::cli

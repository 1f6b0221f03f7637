#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/cli/bench_table.hpp"
#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/device.hpp"
#include "app/cli/numbers.hpp"
#include "app/cli/options.hpp"
#include "app/cli/work.hpp"
#include "core/benchmark/benchmark.hpp"
#include "core/benchmark/model_shapes.hpp"
#include "core/benchmark/report_file.hpp"
#include "core/io/output_check.hpp"

namespace gyro::cli {
namespace {

struct Options {
  std::vector<std::string> shapes;
  std::string from;
  std::int64_t tokens = 2048;
  std::vector<std::string> sparsities{"0.75"};
  std::vector<int> vector_sizes{128};
  std::string nm = "2:4";
  std::string type = "bf16";
  std::string peers = "cublas,cusparselt";
  std::vector<std::string> modes{"cold", "warm"};
  std::string path;
  int samples = 0;
  std::uint64_t seed = 1;
  DeviceChoice device{"cuda", 0};
  std::string json;
  std::string show;
  bool quiet = false;
};

/// The request without the shapes of a file.
Result<BenchRequest> request_of(const Options& options) {
  BenchRequest out;
  for (const auto& text : options.shapes) {
    GYRO_TRY(auto shape, parse_product_shape(text));
    out.shapes.push_back(std::move(shape));
  }
  for (const auto& text : options.sparsities) {
    GYRO_TRY(const auto sparsity, parse_fraction(text));
    out.sparsities.push_back(sparsity);
  }
  out.modes.clear();
  for (const auto& text : options.modes) {
    GYRO_TRY(const auto mode, parse_cache_state(text));
    out.modes.push_back(mode);
  }
  GYRO_TRY(out.nm, parse_nm(options.nm));
  GYRO_TRY(out.type, parse_value_type(options.type));
  GYRO_TRY(out.peers, parse_peers(options.peers));
  out.vector_sizes = options.vector_sizes;
  out.path = options.path;
  out.samples = options.samples;
  out.seed = options.seed;
  return out;
}

/// Adds the shapes of the layers in `options.from`.
Status add_layers(const Options& options, BenchRequest& request, Work& work) {
  GYRO_TRY(const auto file, TensorFile::open(options.from, &work.progress));
  const int largest = *std::max_element(request.vector_sizes.begin(), request.vector_sizes.end());
  const ModelShapes found = model_shapes(*file, options.tokens, largest, request.nm);
  for (const auto& error : found.skipped) work.view.note("skipped " + error.text());
  if (found.shapes.empty()) {
    return fail(ErrorCode::NotFound, fmt::format("no layer has tiles of {} rows", largest),
                options.from, "Choose a smaller --vector-size.");
  }
  request.shapes.insert(request.shapes.end(), found.shapes.begin(), found.shapes.end());
  return {};
}

int show(const Options& options) {
  const auto report = read_report(options.show);
  return report ? print(report_text(*report)) : failed(report.error());
}

/// A device that is missing is no reason to go away with nothing.
Error with_way_out(Error error) {
  error.advice += (error.advice.empty() ? "" : " ");
  error.advice +=
      "Stored results can be seen with gyro bench --show FILE, or in the window's Benchmark tab.";
  return error;
}

std::string title_of(const BenchCell& cell, std::size_t done, std::size_t total) {
  return fmt::format("[{}/{}] {}x{}x{} V = {}, {}, {}", done + 1, total, cell.shape.rows,
                     cell.shape.cols, cell.tokens, cell.shape.vector_size,
                     cell.shape.sparsity().text(), name_of(cell.mode));
}

int finish(const Options& options, const BenchReport& report, std::size_t cells, Work& work) {
  if (!options.json.empty()) {
    if (const auto written = write_report(options.json, report); !written) {
      return work.end(written.error());
    }
  }
  work.view.finish();
  const int printed = print(report_text(report));
  if (printed != kDone) return printed;
  if (report.results.size() < cells) {
    return work.end({ErrorCode::Unavailable, "the run ended early", options.device.name,
                     "Run it again for the rest, with fewer --shapes or --sparsity at once."});
  }
  const bool all = std::all_of(report.results.begin(), report.results.end(),
                               [](const BenchResult& result) { return result.hinm.timed(); });
  return all ? kDone : kFailed;
}

Status check_results(const Options& options) {
  GYRO_CHECK(check_output(options.json, {options.from}));
  return check_replaced(options.json, "benchmark results", [](const std::string& path) -> Status {
    if (const auto report = read_report(path); !report) return fail(report.error());
    return {};
  });
}

int bench(const Options& options) {
  if (!options.show.empty()) return show(options);
  auto request = request_of(options);
  if (!request) return usage_error(request.error());
  Work work(options.quiet);
  if (!options.from.empty()) {
    if (const auto added = add_layers(options, *request, work); !added) {
      return work.end(added.error());
    }
  }
  const auto cells = cells_of(*request);
  if (!cells) return usage_error(cells.error());
  if (!options.json.empty()) {
    if (const auto free = check_results(options); !free) {
      return work.end(free.error());
    }
  }
  const Device device(options.device);
  if (const auto there = device.check(work.progress); !there) {
    return work.end(with_way_out(there.error()));
  }
  std::size_t done = 0;
  work.view.set_title(title_of(cells->front(), done, cells->size()));
  const auto report = device.benchmark(*cells, work.progress, [&](const BenchResult&) {
    ++done;
    if (done < cells->size()) work.view.set_title(title_of((*cells)[done], done, cells->size()));
  });
  if (!report) return work.end(with_way_out(report.error()));
  return finish(options, *report, cells->size(), work);
}

void add_problem(CLI::App& command, Options& options) {
  command
      .add_option("--shapes", options.shapes,
                  "Products as MxKxN: output channels, input channels, tokens")
      ->delimiter(',')
      ->check(accepted_by(parse_product_shape, "MxKxN"));
  command.add_option("--from", options.from, "A model file: the shapes of its layers, each once")
      ->check(not_empty());
  command.add_option("--tokens", options.tokens, "Tokens for the layers of --from")
      ->check(whole_number(std::int64_t{1}, std::int64_t{1} << 20))
      ->capture_default_str();
  command.add_option("--sparsity,-s", options.sparsities, "Total sparsities")
      ->delimiter(',')
      ->check(accepted_by(parse_fraction, "FRACTION"))
      ->capture_default_str();
  command.add_option("--vector-size,-V", options.vector_sizes, "Rows of a tile")
      ->delimiter(',')
      ->check(whole_number(1, 65536))
      ->capture_default_str();
  command.add_option("--nm", options.nm, "Pattern of a group")
      ->check(accepted_by(parse_nm, "N:M"))
      ->capture_default_str();
  command.add_option("--dtype", options.type, "bf16 or fp16")
      ->check(accepted_by(parse_value_type, "TYPE"))
      ->capture_default_str();
}

void add_measurement(CLI::App& command, Options& options) {
  command.add_option("--peers", options.peers, "cublas, cusparselt, both, or none")
      ->check(accepted_by(parse_peers, "PEERS"))
      ->capture_default_str();
  command
      .add_option("--mode", options.modes,
                  "cold: the L2 cache is flushed before every sample; warm")
      ->delimiter(',')
      ->check(accepted_by(parse_cache_state, "MODE"))
      ->capture_default_str();
  command.add_option("--path", options.path, "The kernel to use, as the table names it");
  command.add_option("--samples", options.samples, "Samples of each; 0: as many as it takes")
      ->check(whole_number(0, 100000));
  command.add_option("--seed", options.seed, "Seed of the random layers")
      ->check(seed_number())
      ->capture_default_str();
  add_device_options(command, options.device);
  command.add_option("--json", options.json, "File for the results with their conditions")
      ->check(not_empty());
  command.add_flag("--quiet,-q", options.quiet, "No progress");
}

/// Excludes what measures; all of those options are there.
void add_show(CLI::App& command, Options& options) {
  const auto measuring = command.get_options(
      [&](const CLI::Option* option) { return option != command.get_help_ptr(); });
  auto* const stored =
      command.add_option("--show", options.show, "Print stored results, measure nothing")
          ->check(not_empty());
  for (auto* const option : measuring) stored->excludes(option);
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command =
      app.add_subcommand("bench", "Time the HiNM product against cuBLAS and cuSPARSELt on a GPU");
  add_problem(*command, *options);
  add_measurement(*command, *options);
  add_show(*command, *options);
  command->footer(
      "Examples:\n"
      "  gyro bench --shapes 4096x4096x8192,11008x4096x2048 --sparsity 0.75,0.875 \\\n"
      "       --vector-size 128 --dtype bf16 --json results.json\n"
      "  gyro bench --from model.safetensors --tokens 2048 --sparsity 0.75\n"
      "  gyro bench --show results.json\n");
  command->callback([command, options, &action] {
    if (options->shapes.empty() && options->from.empty() && options->show.empty()) {
      throw CLI::RequiredError(command->get_name() + " needs --shapes, --from or --show",
                               CLI::ExitCodes::RequiredError);
    }
    action = [options] { return bench(*options); };
  });
}

}  // namespace gyro::cli

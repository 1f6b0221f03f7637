#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/console.hpp"
#include "app/cli/numbers.hpp"
#include "app/cli/report.hpp"
#include "app/cli/work.hpp"
#include "core/model/layer.hpp"

namespace gyro::cli {
namespace {

struct Options {
  std::string file;
  int vector_size = 64;
  bool json = false;
};

/// A tensor of the file, as a layer if it can be one.
struct Entry {
  TensorInfo info;
  std::optional<MatrixShape> layer;
  std::optional<Error> reason;  ///< why it is no layer
};

std::vector<Entry> entries_of(const TensorFile& file) {
  const LayerList list = list_layers(file);
  std::vector<Entry> out;
  for (const auto& info : file.tensors()) {
    Entry entry{info, std::nullopt, std::nullopt};
    for (const auto& error : list.skipped) {
      if (error.where == info.name) entry.reason = error;
    }
    if (!entry.reason) {
      if (auto shape = matrix_shape(info)) entry.layer = *std::move(shape);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

Json layer_of(const Entry& entry, int vector_size) {
  if (!entry.layer) return nullptr;
  const bool divides = entry.layer->rows % vector_size == 0;
  return {{"rows", entry.layer->rows},
          {"cols", entry.layer->cols},
          {"view", entry.layer->view},
          {"vector_size", vector_size},
          {"tiles", divides ? Json(entry.layer->rows / vector_size) : Json(nullptr)}};
}

Json json_of(const Options& options, const TensorFile& file) {
  Json tensors = Json::array();
  for (const auto& entry : entries_of(file)) {
    tensors.push_back({{"name", entry.info.name},
                       {"shape", entry.info.shape},
                       {"type", name_of(entry.info.type)},
                       {"bytes", entry.info.bytes()},
                       {"layer", layer_of(entry, options.vector_size)},
                       {"reason", entry.reason ? Json(reason(*entry.reason)) : Json(nullptr)}});
  }
  return {{"file", options.file},
          {"format", file.format()},
          {"tensors", std::move(tensors)},
          {"skipped", skipped_json(file.skipped())}};
}

std::string shape_text(const TensorInfo& info) {
  return info.shape.empty() ? "scalar" : fmt::format("{}", fmt::join(info.shape, "×"));
}

std::string tiles_text(const Entry& entry, int vector_size) {
  if (!entry.layer) return entry.reason ? entry.reason->what : "–";
  if (entry.layer->rows % vector_size == 0) {
    return fmt::format("{}", entry.layer->rows / vector_size);
  }
  return fmt::format("– (V = {} does not divide {})", vector_size, entry.layer->rows);
}

std::string text_of(const Options& options, const TensorFile& file) {
  Table table({{"tensor"},
               {"shape", Table::Align::Right},
               {"type"},
               {"size", Table::Align::Right},
               {"out×in", Table::Align::Right},
               {fmt::format("tiles of {}", options.vector_size)}});
  std::int64_t bytes = 0;
  for (const auto& entry : entries_of(file)) {
    bytes += entry.info.bytes();
    table.add({entry.info.name, shape_text(entry.info), std::string(name_of(entry.info.type)),
               bytes_text(entry.info.bytes()),
               entry.layer ? size_text(entry.layer->rows, entry.layer->cols) : "–",
               tiles_text(entry, options.vector_size)});
  }
  return fmt::format("{}: {}, {} tensors, {}\n", printable(options.file), file.format(),
                     file.tensors().size(), bytes_text(bytes)) +
         (table.empty() ? "" : table.text()) + skipped_text(file.skipped());
}

int inspect(const Options& options) {
  Work work(options.json);
  const auto file = TensorFile::open(options.file, &work.progress);
  if (!file) return work.end(file.error());
  return options.json ? print_json(json_of(options, **file)) : print(text_of(options, **file));
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command = app.add_subcommand("inspect", "List the tensors of a file");
  command->add_option("FILE", options->file, "HDF5, safetensors, .index.json, npy or npz")
      ->required()
      ->check(not_empty());
  command->add_option("--vector-size,-V", options->vector_size, "Rows of a tile")
      ->check(whole_number(2, 65536))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->footer("Example:\n  gyro inspect model.safetensors --json\n");
  command->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace gyro::cli

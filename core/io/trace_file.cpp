#include "core/io/trace_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/advice.hpp"
#include "core/io/attribute_reader.hpp"
#include "core/io/hdf5_writer.hpp"
#include "core/io/hinm_attributes.hpp"
#include "core/io/safe_write.hpp"
#include "core/io/tensor.hpp"
#include "core/io/trace_columns.hpp"

namespace gyro {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t trace_format = 1;

std::string options_json(const SearchOptions& options) {
  Json out{{"seed", options.seed}, {"threads", options.threads}, {"parameters", Json::object()}};
  for (const auto& [name, value] : options.parameters.values()) {
    std::visit([&, &key = name](const auto& plain) { out["parameters"][key] = plain; }, value);
  }
  if (options.budget_seconds) out["budget_seconds"] = *options.budget_seconds;
  if (options.max_steps) out["max_steps"] = *options.max_steps;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ParameterValue> parameter_from(const std::string& name, const Json& value) {
  if (value.is_boolean()) return ParameterValue(value.get<bool>());
  if (value.is_number_integer()) return ParameterValue(value.get<std::int64_t>());
  if (value.is_number_float()) return ParameterValue(value.get<double>());
  if (value.is_string()) return ParameterValue(value.get<std::string>());
  return fail(ErrorCode::Malformed, fmt::format("the parameter '{}' has no value", name), {},
              advice::kRecordAgain);
}

Result<Parameters> parameters_from(const Json& values) {
  std::vector<ParameterInfo> declared;
  for (const auto& [name, value] : values.items()) {
    ParameterInfo info;
    info.name = name;
    GYRO_TRY(info.default_value, parameter_from(name, value));
    declared.push_back(std::move(info));
  }
  return Parameters::defaults(declared);
}

Result<SearchOptions> options_from(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto is = [&](const char* name, auto kind) {
    return !json.contains(name) || (json[name].*kind)();
  };
  if (!json.is_object() || !json.contains("seed") || !json["seed"].is_number_unsigned() ||
      !json.contains("parameters") || !json["parameters"].is_object() ||
      !is("threads", &Json::is_number_integer) || !is("budget_seconds", &Json::is_number) ||
      !is("max_steps", &Json::is_number_integer)) {
    return fail(ErrorCode::Malformed, "the attribute 'options' is not what a trace has", {},
                advice::kRecordAgain);
  }
  SearchOptions out;
  out.seed = json["seed"].get<std::uint64_t>();
  out.threads = json.value("threads", 0);
  if (json.contains("budget_seconds")) out.budget_seconds = json["budget_seconds"].get<double>();
  if (json.contains("max_steps")) out.max_steps = json["max_steps"].get<std::int64_t>();
  GYRO_TRY(out.parameters, parameters_from(json["parameters"]));
  return out;
}

/// Writes columns of numbers as gzip sets.
class ColumnWriter {
 public:
  explicit ColumnWriter(Hdf5Writer& writer) : writer_(writer) {}

  /// `rows` > 0: the column is a matrix of so many rows. Empty columns are left out.
  template <class T>
  [[nodiscard]] Status operator()(const std::string& name, ScalarType type,
                                  const std::vector<T>& items, std::size_t rows = 0) {
    if (items.empty()) return {};
    const auto count = static_cast<std::int64_t>(items.size());
    const auto height = static_cast<std::int64_t>(rows);
    const auto shape = rows == 0 ? std::vector<std::int64_t>{count}
                                 : std::vector<std::int64_t>{height, count / height};
    return writer_.dataset(name, type, shape, bytes_of(items), Hdf5Storage::Gzip);
  }

 private:
  Hdf5Writer& writer_;
};

/// Reads such columns; one that is not there is empty.
class ColumnReader {
 public:
  ColumnReader(const TensorFile& file, Progress* progress) : file_(file), progress_(progress) {}

  template <class T>
  [[nodiscard]] Status operator()(const std::string& name, ScalarType type, std::vector<T>& items,
                                  std::size_t rows = 0) {
    const auto& all = file_.tensors();
    if (std::none_of(all.begin(), all.end(), [&](const auto& info) { return info.name == name; })) {
      return {};
    }
    GYRO_TRY(const TensorInfo info, file_.find(name));
    if (info.type != type || info.shape.size() != (rows == 0 ? 1U : 2U)) {
      return fail(ErrorCode::Malformed, fmt::format("the set '{}' is not of its kind", name), {},
                  advice::kRecordAgain);
    }
    GYRO_TRY(const Tensor tensor, file_.read(name, progress_));
    items.resize(tensor.data.size() / sizeof(T));
    std::memcpy(items.data(), tensor.data.data(), tensor.data.size());
    return {};
  }

 private:
  const TensorFile& file_;
  Progress* progress_;
};

/// Every set of a trace file, in one place for both directions.
template <class Column, class Columns, class State>
Status for_each_set(Column& column, Columns& columns, State& start, std::size_t snapshots) {
  GYRO_CHECK(column("start/output_order", ScalarType::I32, start.output_order));
  GYRO_CHECK(column("start/vector_index", ScalarType::I32, start.vector_index));
  GYRO_CHECK(column("steps/phase", ScalarType::I32, columns.phase));
  GYRO_CHECK(column("steps/tile", ScalarType::I32, columns.tile));
  GYRO_CHECK(column("steps/round", ScalarType::I32, columns.round));
  GYRO_CHECK(column("steps/sample", ScalarType::I32, columns.sample));
  GYRO_CHECK(column("steps/stream", ScalarType::U64, columns.stream));
  GYRO_CHECK(column("steps/accepted", ScalarType::U8, columns.accepted));
  GYRO_CHECK(column("steps/moved", ScalarType::I32, columns.moved));
  GYRO_CHECK(column("steps/before", ScalarType::F64, columns.before));
  GYRO_CHECK(column("steps/after", ScalarType::F64, columns.after));
  GYRO_CHECK(column("steps/changes", ScalarType::I32, columns.changes));
  GYRO_CHECK(column("changes/tile", ScalarType::I32, columns.change_tile));
  GYRO_CHECK(column("changes/position", ScalarType::I32, columns.change_position));
  GYRO_CHECK(column("changes/channel", ScalarType::I32, columns.change_channel));
  GYRO_CHECK(column("snapshots/step", ScalarType::I64, columns.snapshot_step));
  GYRO_CHECK(column("snapshots/output_order", ScalarType::I32, columns.snapshot_order, snapshots));
  return column("snapshots/vector_index", ScalarType::I32, columns.snapshot_vectors, snapshots);
}

Status write_sets(FileSink& sink, const Trace& trace, const TraceColumns& columns) {
  GYRO_TRY(Hdf5Writer writer, Hdf5Writer::create());
  GYRO_CHECK(writer.attribute("/", kTraceMark, trace_format));
  GYRO_CHECK(writer.attribute("/", "strategy", trace.strategy));
  GYRO_CHECK(writer.attribute("/", "device", trace.device));
  for (const auto& [name, value] : attributes_of(trace.shape)) {
    GYRO_CHECK(writer.attribute("/", name, value));
  }
  GYRO_CHECK(writer.attribute("/", "steps", static_cast<std::int64_t>(trace.steps.size())));
  GYRO_CHECK(writer.attribute("/", "options", options_json(trace.options)));
  ColumnWriter column(writer);
  GYRO_CHECK(for_each_set(column, columns, trace.start, columns.snapshot_step.size()));
  GYRO_TRY(const auto image, writer.finish());
  return sink.write(image);
}

Status check_lengths(const TraceColumns& columns, const HinmShape& shape, std::size_t steps) {
  for (const auto length :
       {columns.phase.size(), columns.tile.size(), columns.round.size(), columns.sample.size(),
        columns.stream.size(), columns.accepted.size(), columns.moved.size(), columns.before.size(),
        columns.after.size(), columns.changes.size()}) {
    if (length != steps) {
      return fail(ErrorCode::Malformed,
                  fmt::format("a set of steps has {} entries instead of {}", length, steps), {},
                  advice::kRecordAgain);
    }
  }
  const auto changes = columns.change_tile.size();
  const auto snapshots = columns.snapshot_step.size();
  const auto vectors =
      static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept);
  // By division: the product could overflow for a shape that a file only claims.
  const auto each = [&](std::size_t all, std::size_t length) {
    return snapshots == 0 ? all == 0 : all % snapshots == 0 && all / snapshots == length;
  };
  if (columns.change_position.size() != changes || columns.change_channel.size() != changes ||
      !each(columns.snapshot_order.size(), static_cast<std::size_t>(shape.rows)) ||
      !each(columns.snapshot_vectors.size(), vectors)) {
    return fail(ErrorCode::Malformed, "the sets of changes or snapshots differ in length", {},
                advice::kRecordAgain);
  }
  return {};
}

Status check_format(const AttributeReader& reader) {
  if (!reader.has(kTraceMark)) {
    return fail(ErrorCode::Malformed, "is not a trace: gyroscope_trace is missing", {},
                "Give a file that 'gyro permute --trace' wrote.");
  }
  GYRO_TRY(const auto format, reader.number<std::int64_t>(kTraceMark, 1));
  if (format <= trace_format) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("was written by a newer Gyroscope (gyroscope_trace {}, known: {})",
                          format, trace_format),
              {}, "Update Gyroscope to read it.");
}

Result<Trace> read_sets(const TensorFile& file, Progress* progress) {
  GYRO_TRY(const auto attributes, file.attributes(""));
  const AttributeReader reader(attributes);
  GYRO_CHECK(check_format(reader));
  Trace trace;
  GYRO_TRY(trace.strategy, reader.text("strategy"));
  if (reader.has("device")) {
    GYRO_TRY(trace.device, reader.text("device"));
  }
  GYRO_TRY(trace.shape, shape_from(reader));
  GYRO_TRY(const std::string options, reader.text("options"));
  GYRO_TRY(trace.options, options_from(options));
  GYRO_TRY(const auto steps, reader.number<std::int64_t>("steps"));
  TraceColumns columns;
  ColumnReader column(file, progress);
  GYRO_CHECK(for_each_set(column, columns, trace.start, 1));
  GYRO_CHECK(check_lengths(columns, trace.shape, static_cast<std::size_t>(steps)));
  GYRO_CHECK(check_state(trace.start, trace.shape));
  GYRO_CHECK(add_steps(trace, columns));
  return trace;
}

bool same(const SearchStep& a, const SearchStep& b) {
  const bool states =
      a.snapshot && b.snapshot ? *a.snapshot == *b.snapshot : a.snapshot == b.snapshot;
  return states && a.phase == b.phase && a.tile == b.tile && a.round == b.round &&
         a.sample == b.sample && a.stream == b.stream && a.accepted == b.accepted &&
         a.moved == b.moved && a.before == b.before && a.after == b.after && a.changes == b.changes;
}

bool same(const Trace& a, const Trace& b) {
  return a.strategy == b.strategy && a.device == b.device && a.shape == b.shape &&
         options_json(a.options) == options_json(b.options) && a.start == b.start &&
         std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

Status compare(const std::string& written, const Trace& trace, const std::string& path) {
  const auto read = read_trace(written);
  if (!read) {
    return fail(ErrorCode::WriteFailed,
                "what was written cannot be read back: " + read.error().what, path,
                read.error().advice);
  }
  if (same(*read, trace)) return {};
  return fail(ErrorCode::WriteFailed, "what was read back is not what was written", path,
              "Check the disk; the file was not replaced.");
}

}  // namespace

Status write_trace(const std::string& path, const Trace& trace) {
  const auto valid = check_state(trace.start, trace.shape);
  if (!valid) return fail(valid.error().at(path));
  const auto columns = columns_of(trace);
  if (!columns) return fail(columns.error().at(path));
  return replace_file(
      path, [&](FileSink& sink) { return write_sets(sink, trace, *columns); },
      [&](const std::string& written) { return compare(written, trace, path); });
}

Result<Trace> read_trace(const std::string& path, Progress* progress) {
  GYRO_TRY(const auto file, TensorFile::open(path, progress));
  auto trace = read_sets(*file, progress);
  if (!trace) return fail(trace.error().at(path));
  return trace;
}

}  // namespace gyro

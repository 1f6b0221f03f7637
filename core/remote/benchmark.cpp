#include "core/remote/benchmark.hpp"

#include <limits>
#include <utility>

#include "core/base/advice.hpp"
#include "core/benchmark/report_file.hpp"
#include "core/device/devices.hpp"
#include "core/remote/fields.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;
constexpr int kMost = std::numeric_limits<int>::max();

Json to_json(const BenchCell& cell) {
  const HinmShape& shape = cell.shape;
  return {{"rows", shape.rows},
          {"cols", shape.cols},
          {"vector_size", shape.vector_size},
          {"nm", shape.nm.text()},
          {"kept", shape.kept},
          {"tokens", cell.tokens},
          {"type", name_of(cell.type)},
          {"mode", name_of(cell.mode)},
          {"cublas", cell.peers.cublas},
          {"cusparselt", cell.peers.cusparselt},
          {"path", cell.path},
          {"samples", cell.samples},
          {"seed", cell.seed},
          {"layer", cell.layer}};
}

int integer(Fields& fields, const char* key, int least) {
  return static_cast<int>(fields.integer(key, least, kMost));
}

Result<BenchCell> cell_from_json(const Json& json) {
  Fields fields(json);
  BenchCell out;
  out.shape.rows = integer(fields, "rows", 1);
  out.shape.cols = integer(fields, "cols", 1);
  out.shape.vector_size = integer(fields, "vector_size", 1);
  out.shape.kept = integer(fields, "kept", 1);
  out.tokens = fields.integer("tokens", 1, kMostTokens);
  out.peers = {fields.flag("cublas"), fields.flag("cusparselt")};
  out.path = fields.text("path");
  out.samples = integer(fields, "samples", 0);
  out.seed = fields.whole("seed");
  out.layer = fields.text("layer");
  const std::string nm = fields.text("nm");
  const std::string type = fields.text("type");
  const std::string mode = fields.text("mode");
  GYRO_CHECK(fields.status());
  GYRO_TRY(out.shape.nm, parse_nm(nm));
  GYRO_TRY(out.type, parse_value_type(type));
  GYRO_TRY(out.mode, parse_cache_state(mode));
  const HinmShape& shape = out.shape;
  if (shape.rows % shape.vector_size != 0 || shape.kept % shape.nm.m != 0 ||
      shape.kept > shape.cols) {
    return fail(ErrorCode::InvalidArgument, "the numbers of a cell do not fit each other", {},
                advice::kVersions);
  }
  return out;
}

Result<Json> benchmark(const Json& parameters, Call& call) {
  Fields fields(parameters);
  const std::string device = fields.text("device");
  const std::uint64_t memory = fields.whole("device_memory");
  const Json& list = fields.part("cells");
  GYRO_CHECK(fields.status());
  std::vector<BenchCell> cells;
  for (const auto& item : list) {
    GYRO_TRY(auto cell, cell_from_json(item));
    cells.push_back(std::move(cell));
  }
  GYRO_TRY(const auto compute, open_device(device, {memory, 0}));
  GYRO_TRY(const auto report, gyro::run_benchmark(*compute, cells, call.progress()));
  return Json{{"report", report_json(report)}};
}

/// Whether the results are those of the first cells.
bool answers(const BenchReport& report, const std::vector<BenchCell>& cells) {
  if (report.results.empty() || report.results.size() > cells.size()) return false;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const BenchResult& result = report.results[i];
    const BenchCell& cell = cells[i];
    if (result.shape() != cell.shape || result.n != cell.tokens || result.mode != cell.mode ||
        result.type != cell.type) {
      return false;
    }
  }
  return true;
}

}  // namespace

void add_benchmark(Methods& methods) {
  methods.insert_or_assign("benchmark", benchmark);
}

Result<BenchReport> run_benchmark(WorkerClient& worker, const std::string& device,
                                  std::uint64_t memory_budget, const std::vector<BenchCell>& cells,
                                  Progress& progress) {
  Json list = Json::array();
  for (const auto& cell : cells) list.push_back(to_json(cell));
  GYRO_TRY(const Json answer,
           worker.call(
               "benchmark",
               {{"device", device}, {"device_memory", memory_budget}, {"cells", std::move(list)}},
               progress));
  Fields fields(answer);
  const std::string text = fields.text("report");
  GYRO_CHECK(fields.status());
  GYRO_TRY(auto report, parse_report(text));
  if (!answers(report, cells)) {
    return fail(ErrorCode::Mismatch, "the worker's answer is about other products", {},
                "Do not trust this worker; choose another device.");
  }
  return report;
}

}  // namespace gyro::remote

#include "core/remote/client.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/remote/fields.hpp"
#include "core/remote/problem_spec.hpp"
#include "core/remote/wire.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;

/// What a device that sums in float may make of a relative error.
constexpr double kTolerance = 1e-3;

/// What cannot be right in an answer.
tl::unexpected<Error> wrong(Error error) {
  error.code = ErrorCode::Mismatch;
  error.what = "the worker's answer cannot be right: " + error.what;
  error.advice = "Do not trust this worker; choose another device.";
  return fail(std::move(error));
}

/// Passes the steps of a piece on.
Status hear(const Json& piece, const HinmShape& shape, SearchObserver& observer) {
  Fields fields(piece);
  const Json& items = fields.part("steps");
  GYRO_CHECK(fields.status());
  for (const auto& item : items) {
    Fields either(item);
    if (either.has("start")) {
      GYRO_TRY(const Permutation start, permutation_from_json(either.part("start"), shape, false));
      observer.started(start);
    } else {
      GYRO_TRY(const SearchStep step, step_from_json(either.part("step"), shape));
      observer.stepped(step);
    }
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<Connection>> WorkerClient::connection(Progress& progress) {
  std::unique_lock lock(mutex_, std::defer_lock);
  while (!lock.try_lock_for(std::chrono::milliseconds(50))) {
    if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
  }
  if (!connection_ || !connection_->usable()) {
    connection_ = nullptr;
    GYRO_TRY(connection_, Connection::start(settings_, progress));
  }
  return connection_;
}

Result<Json> WorkerClient::call(const std::string& method, Json parameters, Progress& progress,
                                const OnPiece& on_piece) {
  GYRO_TRY(const auto worker, connection(progress));
  return worker->call(method, std::move(parameters), progress, on_piece);
}

Result<WorkerInfo> WorkerClient::hello(Progress& progress) {
  GYRO_TRY(const auto worker, connection(progress));
  return worker->info();
}

Result<std::vector<DeviceInfo>> WorkerClient::devices(Progress& progress) {
  GYRO_TRY(const Json answer, call("devices", Json::object(), progress));
  Fields fields(answer);
  std::vector<DeviceInfo> out;
  for (const auto& item : fields.part("devices")) {
    auto device = device_from_json(item);
    if (!device) return wrong(device.error());
    out.push_back(*std::move(device));
  }
  if (auto good = fields.status(); !good) return wrong(good.error());
  return out;
}

Status WorkerClient::open(const Problem& problem, Progress& progress) {
  GYRO_TRY(const Json answer, call("open", {{"problem", to_json(spec_of(problem))}}, progress));
  return {};
}

std::string WorkerClient::placed(const std::string& device, const WorkerInfo& info) const {
  return settings_.command.empty() ? device : "worker:" + info.host + "/" + device;
}

Result<Found> WorkerClient::search(const Problem& problem, const RunRequest& request,
                                   Progress& progress, SearchObserver* observer) {
  GYRO_TRY(const auto worker, connection(progress));
  const bool each = observer != nullptr && observer->wants_each_step_at_once();
  GYRO_TRY(const Json answer, worker->call("search",
                                           {{"problem", to_json(spec_of(problem))},
                                            {"request", to_json(request)},
                                            {"observe", observer != nullptr},
                                            {"each", each}},
                                           progress, [&](const Json& piece) -> Status {
                                             if (observer == nullptr) return {};
                                             return hear(piece, problem.shape, *observer);
                                           }));
  Fields fields(answer);
  auto result = result_from_json(fields.part("result"), problem.shape);
  if (!result) return wrong(result.error());
  auto placement = placement_from_json(fields.part("placement"));
  if (!placement) return wrong(placement.error());
  placement->device = placed(placement->device, worker->info());
  return Found{*std::move(result), *std::move(placement)};
}

Result<PruningError> WorkerClient::pruning_error(const RunResult& run, const std::string& device,
                                                 const DeviceOptions& options, Progress& progress,
                                                 bool references) {
  const Problem& problem = *run.problem;
  GYRO_TRY(const auto worker, connection(progress));
  GYRO_TRY(const Json answer, worker->call("pruning_error",
                                           {{"problem", to_json(spec_of(problem))},
                                            {"permutation", to_json(run.search.permutation)},
                                            {"device", device},
                                            {"device_memory", options.memory_budget},
                                            {"references", references}},
                                           progress));
  auto out = pruning_error_from_json(answer, problem.shape.rows);
  if (!out) return wrong(out.error());
  if (std::abs(out->errors.weight.layer() - run.weight_error) > kTolerance) {
    return wrong({ErrorCode::Mismatch,
                  fmt::format("a weight error of {:.6f} instead of {:.6f}",
                              out->errors.weight.layer(), run.weight_error),
                  problem.layer.info.name,
                  {}});
  }
  out->device = placed(out->device, worker->info());
  return out;
}

pid_t WorkerClient::pid() const {
  const std::lock_guard lock(mutex_);
  return connection_ ? connection_->pid() : -1;
}

void WorkerClient::stop() {
  const std::lock_guard lock(mutex_);
  connection_ = nullptr;
}

}  // namespace gyro::remote

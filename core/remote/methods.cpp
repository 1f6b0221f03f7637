#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "core/device/devices.hpp"
#include "core/model/pruning_error.hpp"
#include "core/remote/fields.hpp"
#include "core/remote/method.hpp"
#include "core/remote/problem_store.hpp"
#include "core/remote/step_stream.hpp"
#include "core/remote/wire.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;
using ProblemPtr = std::shared_ptr<const Problem>;

class Engine {
 public:
  Result<Json> open(const Json& parameters, Call& call) {
    GYRO_TRY(const ProblemPtr problem, problem_in(parameters, call));
    const HinmShape& shape = problem->shape;
    return Json{{"rows", shape.rows}, {"cols", shape.cols}, {"kept", shape.kept}};
  }

  Result<Json> search(const Json& parameters, Call& call) {
    Fields fields(parameters);
    const bool observe = fields.flag("observe");
    const bool each = fields.flag("each");
    GYRO_CHECK(fields.status());
    GYRO_TRY(const ProblemPtr problem, problem_in(parameters, call));
    GYRO_TRY(const RunRequest request, request_from_json(fields.part("request"), problem->shape));
    GYRO_TRY(const Strategy* const strategy, find_strategy(request.strategy));
    auto chosen = Parameters::parse(strategy->info().parameters, request.parameters);
    if (!chosen) return fail(chosen.error().at(request.strategy));
    const SearchOptions options{*std::move(chosen), request.seed,    request.budget_seconds,
                                request.max_steps,  request.threads, request.start};
    std::optional<StepStream> steps;
    if (observe) steps.emplace(call, each);
    Placement placement;
    auto found = call_on(request.device, {request.device_memory, request.threads}, placement,
                         [&](Compute& device) {
                           return device.search(request.strategy, problem->search(), options,
                                                call.progress(), steps ? &*steps : nullptr);
                         });
    if (steps) steps->finish();
    if (!found) return fail(found.error());
    return Json{{"result", to_json(*found)}, {"placement", to_json(placement)}};
  }

  Result<Json> pruning_error(const Json& parameters, Call& call) {
    Fields fields(parameters);
    const std::string device = fields.text("device");
    const std::uint64_t memory = fields.whole("device_memory");
    const bool references = fields.flag("references");
    GYRO_CHECK(fields.status());
    GYRO_TRY(const ProblemPtr problem, problem_in(parameters, call));
    GYRO_TRY(Permutation permutation,
             permutation_from_json(fields.part("permutation"), problem->shape));
    call.progress().begin("mask");
    RunResult run;  // as far as it is looked at: a judged one costs more than the error itself
    run.mask = std::make_shared<const Mask>(
        build_mask(view_of(*problem->saliency), problem->shape, permutation));
    run.weight_error = weight_error(view_of(*problem->layer.weight), *run.mask);
    run.search.permutation = std::move(permutation);
    run.problem = problem;
    GYRO_TRY(const PruningError error,
             compute_pruning_error(run, device, {memory, 0}, call.progress(), references));
    return to_json(error);
  }

 private:
  Result<ProblemPtr> problem_in(const Json& parameters, Call& call) {
    Fields fields(parameters);
    GYRO_TRY(const ProblemSpec spec, spec_from_json(fields.part("problem")));
    return problems_.get(spec, call.progress());
  }

  ProblemStore problems_;
};

Result<Json> devices(const Json& /*parameters*/, Call& /*call*/) {
  Json out = Json::array();
  for (const auto& device : list_devices()) out.push_back(to_json(device));
  return Json{{"devices", std::move(out)}};
}

}  // namespace

Methods standard_methods() {
  const auto engine = std::make_shared<Engine>();
  const auto method = [&](Result<Json> (Engine::*member)(const Json&, Call&)) -> Method {
    return [engine, member](const Json& parameters, Call& call) {
      return ((*engine).*member)(parameters, call);
    };
  };
  return {{"devices", devices},
          {"open", method(&Engine::open)},
          {"search", method(&Engine::search)},
          {"pruning_error", method(&Engine::pruning_error)}};
}

}  // namespace gyro::remote

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"

namespace gyro::remote {

/// A request as the method that answers it sees it. May be used from several threads.
class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  /// Cancelled when the program says so or is gone.
  [[nodiscard]] virtual Progress& progress() = 0;
  /// Sends a part of the answer. Waits while too many are on the way, except after a cancel.
  virtual void send(nlohmann::json piece) = 0;
  /// How long the oldest of the pieces that are on the way has been so; 0 without any.
  [[nodiscard]] virtual std::chrono::steady_clock::duration unheard() const = 0;
};

/// Answers one kind of request. Runs on a thread of its own; several may run at once.
using Method = std::function<Result<nlohmann::json>(const nlohmann::json& parameters, Call& call)>;

/// By name. Whoever brings a further room to the worker adds its methods to the standard ones.
using Methods = std::map<std::string, Method, std::less<>>;

/// devices        {}                        → {devices: [DeviceInfo]}
/// open           {problem: ProblemSpec}    → {rows, cols, kept}
/// search         {problem, request, observe, each} → pieces {steps: [{start} | {step}]}, then
///                                            {result, placement}
/// pruning_error  {problem, permutation, device, device_memory, references} → PruningError
///
/// `hello` and `shutdown` are the server's own. `device` is an id of open_device().
[[nodiscard]] Methods standard_methods();

}  // namespace gyro::remote

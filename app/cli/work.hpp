#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/interrupt.hpp"
#include "app/cli/progress_view.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/tensor.hpp"
#include "core/model/problem.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro::cli {

/// What a command has around it while it works: progress that is shown, and a way to stop it.
struct Work {
  explicit Work(bool quiet) : view(progress, quiet) {}

  /// Reports a failure, or the interrupt that caused it; returns the ExitCode.
  int end(const Error& error);

  Progress progress;
  InterruptGuard guard{progress};
  ProgressView view;
};

/// The layers of a file that a command works on, and those it leaves out with the reason.
struct Selection {
  std::vector<TensorInfo> layers;
  std::vector<Error> skipped;  ///< Error::where is the tensor's name
};

/// A layer that failed is one of the skipped. Where it was named, rather than one of all, and
/// nothing was interrupted, that is said at once and the ExitCode is kFailed; else kDone.
[[nodiscard]] int skip_layer(Work& work, Selection& selection, const std::string& path,
                             const std::string& name, Error error, bool all);

/// Refuses layers that a command cannot work on.
using LayerCheck = std::function<Status(const HinmShape&)>;

/// Of a strategy with its parameters, typed as --param.
[[nodiscard]] LayerCheck check_by(const Strategy& strategy, Parameters parameters);

/// The named layers, each of which must exist, fit the settings and pass `check`; or, with `all`,
/// every weight that does, the others as skipped. Reads no data.
[[nodiscard]] Result<Selection> select_layers(const TensorFile& file,
                                              const std::vector<std::string>& names, bool all,
                                              const ProblemSettings& settings,
                                              const LayerCheck& check);

/// Reads a layer and computes what does not depend on a permutation.
[[nodiscard]] Result<std::shared_ptr<const Problem>> load_problem(
    const TensorFile& file, const std::string& path, const std::string& name,
    const ProblemSettings& settings, NonFinite nonfinite, int threads, Work& work);

}  // namespace gyro::cli

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/device.hpp"
#include "core/base/result.hpp"
#include "core/model/layer.hpp"
#include "core/model/problem.hpp"
#include "core/model/run.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace gyro::cli {

/// The options of a problem and a run as typed; every text is checked while the line is parsed.
struct ProblemOptions {
  std::string file;
  int vector_size = 64;
  std::string nm = "2:4";
  std::string sparsity;         ///< total; empty: not given
  std::string vector_sparsity;  ///< of the vector level; empty: not given
  std::string saliency = "magnitude";
  std::string calibration;  ///< FILE[:NAME]; empty: beside the weight
  std::string scores;       ///< FILE[:NAME]
  std::optional<double> ria_exponent;
  std::string nonfinite = "refuse";
  std::vector<std::string> parameters;  ///< "key=value"
  std::string budget;
  std::optional<std::int64_t> steps;
  int threads = 0;
  DeviceChoice device;
  bool json = false;
  bool quiet = false;

  /// Fails where the values do not fit each other (a sparsity that N:M cannot have).
  [[nodiscard]] Result<ProblemSettings> settings() const;
  [[nodiscard]] NonFinite nonfinite_rule() const;
  /// Budget, steps and threads.
  [[nodiscard]] RunRequest request() const;
};

void add_problem_options(CLI::App& command, ProblemOptions& options);
/// --layer NAME... or the flag `all_flag`, at most one of them. Not an option group: that would let
/// --layer swallow a FILE behind it.
void add_layer_options(CLI::App& command, std::vector<std::string>& layers,
                       const std::string& all_flag, bool& all);
/// Fails if neither was given.
[[nodiscard]] Status check_layer_options(const std::vector<std::string>& layers,
                                         const std::string& all_flag, bool all);
void add_threads_option(CLI::App& command, int& threads);
/// For options that take a seed.
[[nodiscard]] CLI::Validator seed_number();

/// Splits "key=value" texts. Fails where a key comes twice.
[[nodiscard]] Result<std::map<std::string, std::string>> split_parameters(
    const std::vector<std::string>& texts);

}  // namespace gyro::cli

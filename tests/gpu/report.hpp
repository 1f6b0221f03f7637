#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gyro::gpu_test {

/// What a test program found: a line for every group of cases with the largest error and its
/// configuration, and all of it as JSON in the file that `--json FILE` names. `--small` asks for
/// few and small cases, for tools that slow a program down a hundred times.
class Report {
 public:
  Report(std::string program, int argc, char** argv);

  [[nodiscard]] bool small() const { return small_; }

  /// Starts a group of cases; `tolerance` is the largest error that passes.
  void group(std::string name, double tolerance = 0);
  /// One case of the group. NaN never passes.
  void error(double error, const std::string& configuration);
  /// A case that is right or wrong.
  void expect(bool right, const std::string& configuration);
  /// A figure that was measured: printed and kept.
  void figure(const std::string& name, double value, std::string_view unit);

  /// Prints the last group, writes the JSON; the program's exit code.
  [[nodiscard]] int finish();

 private:
  struct Group {
    std::string name;
    double tolerance = 0;
    int cases = 0;
    double worst = 0;
    std::string worst_at;
    std::vector<std::string> failed;
    std::chrono::steady_clock::time_point started;
    double seconds = 0;
  };
  struct Figure {
    std::string name;
    double value;
    std::string unit;
  };

  void close_group();
  void write_json() const;

  std::string program_;
  std::string json_;
  bool small_ = false;
  bool open_ = false;
  std::vector<Group> groups_;
  std::vector<Figure> figures_;
};

}  // namespace gyro::gpu_test

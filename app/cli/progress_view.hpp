#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/progress.hpp"

namespace gyro::cli {

/// Shows a Progress on standard error while it lives: a bar on a terminal, otherwise a plain line
/// every two seconds. Short work shows nothing.
class ProgressView {
 public:
  ProgressView(const Progress& progress, bool quiet);
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  /// Ends the show and clears the bar; results can then be printed.
  void finish();
  /// What is being worked on: "[2/7] encoder.layer.0.query".
  void set_title(const std::string& title);
  /// A line of its own on standard error, above the bar.
  void note(const std::string& text);

 private:
  void watch();
  void draw_bar();
  void print_line();
  void clear_bar();

  const Progress& progress_;
  const bool terminal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string title_;
  bool bar_shown_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace gyro::cli

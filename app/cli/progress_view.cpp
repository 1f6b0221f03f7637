#include "app/cli/progress_view.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <utility>

#include "app/cli/console.hpp"

namespace gyro::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kBarInterval = 100ms;
constexpr auto kLineInterval = 2s;
constexpr std::size_t kBarWidth = 24;

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

double share_of(const Progress::Snapshot& now) {
  if (now.total <= 0) return 0;
  return std::clamp(static_cast<double>(now.done) / static_cast<double>(now.total), 0.0, 1.0);
}

std::string numbers(const Progress::Snapshot& now) {
  std::string out = now.phase;
  if (now.total > 0) out += fmt::format(" {:.0f} %", 100 * share_of(now));
  if (now.seconds_left) out += fmt::format(", {:.0f} s left", *now.seconds_left);
  return out;
}

std::string joined(const std::string& first, const std::string& second) {
  if (first.empty() || second.empty()) return first + second;
  return first + ": " + second;
}

/// The first `width` characters of UTF-8 text.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (starts && characters++ == width) return text.substr(0, i);
  }
  return text;
}

}  // namespace

ProgressView::ProgressView(const Progress& progress, bool quiet)
    : progress_(progress), terminal_(isatty(STDERR_FILENO) == 1) {
  if (quiet) return;
  try {
    thread_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {
    // No thread is to be had: the work goes on unwatched.
  }
}

ProgressView::~ProgressView() {
  finish();
}

void ProgressView::finish() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  clear_bar();
}

void ProgressView::set_title(const std::string& title) {
  const std::lock_guard lock(mutex_);
  title_ = printable(title);
}

void ProgressView::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  clear_bar();
  cli::note(text);
}

void ProgressView::watch() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, terminal_ ? std::chrono::milliseconds(kBarInterval) : kLineInterval,
                         [this] { return stop_; })) {
    terminal_ ? draw_bar() : print_line();
  }
}

void ProgressView::draw_bar() {
  const auto now = progress_.snapshot();
  std::string bar;
  if (now.total > 0) {
    const auto filled = static_cast<std::size_t>(share_of(now) * kBarWidth);
    bar = "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] ";
  }
  // The numbers first: a long name may be cut off, they may not.
  const std::string line = bar + joined(numbers(now), title_);
  std::fputs(("\r\033[K" + cut(line, terminal_width() - 1)).c_str(), stderr);
  std::fflush(stderr);
  bar_shown_ = true;
}

void ProgressView::print_line() {
  const std::string line = joined(title_, numbers(progress_.snapshot()));
  if (!line.empty()) cli::note(line);
}

void ProgressView::clear_bar() {
  if (!std::exchange(bar_shown_, false)) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
}

}  // namespace gyro::cli

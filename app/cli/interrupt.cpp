#include "app/cli/interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "app/cli/command.hpp"
#include "core/io/safe_write.hpp"

namespace gyro::cli {
namespace {

std::atomic<Progress*> g_progress{nullptr};
std::atomic<int> g_signals{0};
static_assert(std::atomic<Progress*>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_signal(int /*number*/) {
  if (g_signals.fetch_add(1) > 0) {
    remove_temporaries();
    _exit(kInterrupted);
  }
  if (Progress* const progress = g_progress.load()) progress->cancel();
}

void handle_signals(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A terminal that is closed; under nohup it stays ignored.
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard(Progress& progress) {
  g_progress.store(&progress);
  handle_signals(on_signal);
}

InterruptGuard::~InterruptGuard() {
  handle_signals(SIG_DFL);
  g_progress.store(nullptr);
}

bool interrupted() {
  return g_signals.load() > 0;
}

}  // namespace gyro::cli

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <utility>

#include "core/base/standard_streams.hpp"
#include "core/model/version.hpp"
#include "core/remote/benchmark.hpp"
#include "core/remote/server.hpp"

int main(int count, char** arguments) {
  gyro::hold_standard_streams();
  if (count > 1 && std::strcmp(arguments[1], "--version") == 0) {
    std::printf("gyro-worker %s\n", gyro::kVersion);
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (count > 1 || ::isatty(STDIN_FILENO) == 1) {
    std::fputs(
        "gyro-worker is started by gyro and gyroscope, here or over ssh, and answers on standard "
        "output; there is nothing to run here.\n",
        stderr);
    return 2;
  }
  // Nothing but frames goes out: what a library prints joins the messages on standard error.
  const int out = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  auto methods = gyro::remote::standard_methods();
  gyro::remote::add_benchmark(methods);
  const auto end = gyro::remote::serve(STDIN_FILENO, out, std::move(methods));
  if (end == gyro::remote::ServeEnd::Garbled) {
    std::fputs("gyro-worker: the messages on standard input are garbled\n", stderr);
  }
  // A call that hangs, or a driver, must not keep the process.
  ::_exit(end == gyro::remote::ServeEnd::Closed ? 0 : 3);
}

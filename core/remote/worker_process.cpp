#include "core/remote/worker_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "core/remote/channel.hpp"

namespace gyro::remote {
namespace {

constexpr std::size_t kKeptErrors = 4096;
constexpr std::size_t kLongestLine = 300;

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) == 0) return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  return fail(ErrorCode::Unavailable, std::string("there is no pipe left: ") + std::strerror(errno),
              {}, "Close other programs.");
}

void unblock(const Descriptor& end) {
  ::fcntl(end.get(), F_SETFL, ::fcntl(end.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

WorkerProcess::WorkerProcess(ChildProcess process, Descriptor in, Descriptor out, Descriptor errors)
    : process_(std::move(process)),
      in_(std::move(in)),
      out_(std::move(out)),
      errors_(std::move(errors)) {
  unblock(in_);
  unblock(out_);
  unblock(errors_);
}

Result<WorkerProcess> WorkerProcess::start(const std::string& command) {
  std::string program = "/bin/sh";
  std::vector<std::string> arguments{"sh", "-c", command};
  if (command.empty()) {
    GYRO_TRY(program, find_program("gyro-worker", "which computes for Gyroscope"));
    arguments = {"gyro-worker"};
  }
  GYRO_TRY(Pipe to, make_pipe());
  GYRO_TRY(Pipe from, make_pipe());
  GYRO_TRY(Pipe errors, make_pipe());
  GYRO_TRY(auto process, ChildProcess::start(program, std::move(arguments),
                                             {{to.read.get(), STDIN_FILENO},
                                              {from.write.get(), STDOUT_FILENO},
                                              {errors.write.get(), STDERR_FILENO}}));
  return WorkerProcess(std::move(process), std::move(to.write), std::move(from.read),
                       std::move(errors.read));
}

void WorkerProcess::read_errors() {
  std::array<std::uint8_t, 4096> chunk;
  while (errors_.get() >= 0) {
    const auto got = read_some(errors_.get(), chunk);
    if (!got) return;
    if (*got == 0) errors_ = Descriptor();
    said_.append(reinterpret_cast<const char*>(chunk.data()), *got);
    if (said_.size() > kKeptErrors) said_.erase(0, said_.size() - kKeptErrors);
  }
}

std::string WorkerProcess::last_error_line() const {
  const auto end = said_.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return {};
  const auto before = said_.find_last_of("\r\n", end);
  const auto begin = before == std::string::npos ? 0 : before + 1;
  std::string line = said_.substr(begin, end + 1 - begin);
  if (line.size() > kLongestLine) line = line.substr(0, kLongestLine) + "…";
  return line;
}

std::string WorkerProcess::await_end(std::chrono::milliseconds patience) {
  std::string how = process_.await_end(patience);
  read_errors();
  const std::string last = last_error_line();
  return last.empty() ? how : how + ": \"" + last + "\"";
}

}  // namespace gyro::remote

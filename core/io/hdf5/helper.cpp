#include "core/io/hdf5/helper.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/advice.hpp"
#include "core/io/error_json.hpp"

namespace gyro::hdf5 {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kName = "gyro-hdf5";
constexpr const char* kDamaged =
    "The file is probably damaged: check it with h5dump, or download or copy it again. If it is "
    "not, memory or processes have run out (ulimit -a).";

}  // namespace

Result<Helper> Helper::start(int file) {
  GYRO_TRY(const std::string path, find_program(kName, "which reads HDF5 files"));
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return fail(ErrorCode::Unavailable,
                std::string("no connection to the helper: ") + std::strerror(errno), path,
                advice::kLimits);
  }
  Descriptor ours(pair[0]);
  const Descriptor theirs(pair[1]);
  GYRO_TRY(auto process,
           ChildProcess::start(path, {kName}, {{theirs.get(), kSocket}, {file, kFile}}));
  return Helper(std::move(process), std::move(ours));
}

void Helper::stop() {
  socket_ = Descriptor();
  process_.stop();
}

Status Helper::died() {
  // The end of the connection comes a moment before the end of the process.
  const std::string how = process_.await_end(milliseconds(200));
  return fail(ErrorCode::Unavailable, "the helper that reads HDF5 files " + how, "", kDamaged);
}

Status Helper::wait_for_answer(milliseconds patience, Progress* progress) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    pollfd watched{socket_.get(), POLLIN, 0};
    if (::poll(&watched, 1, 50) > 0) return {};
    if (progress != nullptr && progress->cancelled()) {
      stop();
      return fail(ErrorCode::Cancelled, "reading was stopped");
    }
    if (Clock::now() > deadline) {
      stop();
      return fail(ErrorCode::Unavailable,
                  fmt::format("the helper that reads HDF5 files gave no answer for {:.1f} s",
                              std::chrono::duration<double>(patience).count()),
                  "", kDamaged);
    }
  }
}

Status Helper::handle_answer(const OnAnswer& on_answer, bool& last) {
  auto message = receive_message(socket_.get());
  if (!message) return died();
  const auto answer = nlohmann::json::parse(message->text, nullptr, false);
  if (answer.is_object() && answer.contains("error")) {
    if (auto error = error_from_json(answer["error"])) {
      last = true;
      return fail(*std::move(error));
    }
  }
  if (!answer.is_object() || answer.contains("error")) {
    stop();
    return fail(ErrorCode::Unavailable, "the helper gave a senseless answer", "", kDamaged);
  }
  auto handled = on_answer(answer, std::move(message->attached));
  if (!handled) {
    stop();
    return fail(std::move(handled.error()));
  }
  last = *handled;
  return {};
}

Status Helper::ask(const nlohmann::json& request, milliseconds patience, Progress* progress,
                   const OnAnswer& on_answer) {
  if (!send_message(socket_.get(), request)) return died();
  bool last = false;
  while (!last) {
    GYRO_CHECK(wait_for_answer(patience, progress));
    GYRO_CHECK(handle_answer(on_answer, last));
    if (!last && progress != nullptr && progress->cancelled()) {
      stop();
      return fail(ErrorCode::Cancelled, "reading was stopped");
    }
  }
  return {};
}

}  // namespace gyro::hdf5

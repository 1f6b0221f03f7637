#include "core/remote/problem_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/io/tensor.hpp"
#include "core/remote/host_name.hpp"

namespace gyro::remote {
namespace {

constexpr std::size_t kMostOpen = 3;

Result<std::string> state_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    return fmt::format("{}:{}:{}:{}.{}", status.st_dev, status.st_ino, status.st_size,
                       status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return fail(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Unreadable,
              fmt::format("the worker on {} cannot see the file: {}", host_name(),
                          std::generic_category().message(errno)),
              path, "Weights are not sent to a worker: put the file there under the same path.");
}

Result<std::shared_ptr<const Problem>> open(const ProblemSpec& spec, Progress& progress) {
  progress.begin("opening");
  GYRO_TRY(const auto file, TensorFile::open(spec.path, &progress));
  return open_problem(*file, spec.path, spec.layer, spec.settings, spec.nonfinite, &progress);
}

}  // namespace

Result<std::shared_ptr<const Problem>> ProblemStore::get(const ProblemSpec& spec,
                                                         Progress& progress) {
  GYRO_TRY(std::string state, state_of(spec.path));
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(open_.begin(), open_.end(), [&](const Open& candidate) {
    return candidate.spec.opens_as(spec) && candidate.state == state &&
           check_same(spec, *candidate.problem);
  });
  if (known != open_.end()) {
    open_.splice(open_.begin(), open_, known);
    return open_.front().problem;
  }
  GYRO_TRY(auto problem, open(spec, progress));
  if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
  GYRO_CHECK(check_same(spec, *problem));
  open_.remove_if([&](const Open& old) { return old.spec.opens_as(spec); });
  open_.push_front({spec, std::move(state), problem});
  if (open_.size() > kMostOpen) open_.pop_back();
  return problem;
}

}  // namespace gyro::remote

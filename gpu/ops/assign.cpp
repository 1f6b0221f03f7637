#include <algorithm>
#include <chrono>
#include <thread>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/assign_kernels.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/screen.hpp"

namespace gyro::cuda {
namespace {

/// A number that the host sets and running kernels read.
class DeviceFlag {
 public:
  DeviceFlag() = default;
  DeviceFlag(const DeviceFlag&) = delete;
  DeviceFlag& operator=(const DeviceFlag&) = delete;
  ~DeviceFlag() { cudaFreeHost(host_); }

  Status make() {
    void* memory = nullptr;
    GYRO_CHECK(check(cudaHostAlloc(&memory, sizeof(std::int32_t), cudaHostAllocMapped),
                     "taking host memory"));
    host_ = static_cast<std::int32_t*>(memory);
    *host_ = 0;
    GYRO_CHECK(check(cudaHostGetDevicePointer(&memory, host_, 0), "mapping host memory"));
    device_ = static_cast<std::int32_t*>(memory);
    return {};
  }
  void raise() { *static_cast<volatile std::int32_t*>(host_) = 1; }
  [[nodiscard]] const std::int32_t* device() const { return device_; }

 private:
  std::int32_t* host_ = nullptr;
  std::int32_t* device_ = nullptr;
};

class BatchAssignment {
 public:
  BatchAssignment(gyro_context& context, int batch, int size)
      : context_(context), batch_(batch), size_(size) {}

  Status run(const double* cost, std::int32_t* assignment, const gyro_progress* progress) {
    GYRO_CHECK(plan());
    if (!begin(progress, "assigning", batch_)) return stopped();
    for (int first = 0; first < batch_; first += problems_) {
      const int count = std::min(problems_, batch_ - first);
      GYRO_CHECK(solve(cost + first * problem_size(), count, first, progress));
      GYRO_CHECK(columns_.download(assignment + std::int64_t{first} * size_, area(count, size_),
                                   context_.stream));
      if (!reach(progress, first + count)) return stopped();
    }
    return {};
  }

 private:
  [[nodiscard]] std::int64_t problem_size() const { return std::int64_t{size_} * size_; }

  Status plan() {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    const std::size_t each = sizeof(double) * static_cast<std::size_t>(problem_size()) +
                             sizeof(std::int32_t) * static_cast<std::size_t>(size_) +
                             assign_workspace(context_, 1, size_);
    if (allowed < each) return no_room(each, allowed);
    problems_ =
        static_cast<int>(std::min<std::size_t>(allowed / each, static_cast<std::size_t>(batch_)));
    const auto count = static_cast<std::size_t>(problems_);
    GYRO_TRY(costs_, DeviceArray<double>::make(count * static_cast<std::size_t>(problem_size())));
    GYRO_TRY(columns_, DeviceArray<std::int32_t>::make(count * static_cast<std::size_t>(size_)));
    GYRO_TRY(workspace_,
             DeviceArray<std::byte>::make(assign_workspace(context_, problems_, size_)));
    return flag_.make();
  }

  Status solve(const double* cost, int count, int first, const gyro_progress* progress) {
    const auto size = area(count, problem_size());
    GYRO_CHECK(costs_.upload(cost, size, context_.stream));
    GYRO_TRY(const auto unusable, count_nonfinite(costs_.data(), size, context_.stream));
    if (unusable > 0) {
      return fail(ErrorCode::NonFinite, "the assignment costs are not all finite");
    }
    GYRO_CHECK(solve_batch(context_, {costs_.data(), columns_.data(), workspace_.data(),
                                      flag_.device(), count, size_}));
    return wait(first, progress);
  }

  /// A single problem may take long: the progress is asked while it runs.
  Status wait(int done, const gyro_progress* progress) {
    cudaError_t state = cudaErrorNotReady;
    bool told = false;
    while ((state = cudaStreamQuery(context_.stream)) == cudaErrorNotReady) {
      cudaGetLastError();
      if (!told && !reach(progress, done)) {
        told = true;
        flag_.raise();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    GYRO_CHECK(check(state, "solving the assignments"));
    return told ? stopped() : Status{};
  }

  gyro_context& context_;
  int batch_;
  int size_;
  int problems_ = 0;  // of a piece
  DeviceFlag flag_;
  DeviceArray<double> costs_;
  DeviceArray<std::int32_t> columns_;
  DeviceArray<std::byte> workspace_;
};

}  // namespace

std::int32_t assign(gyro_context* context, std::int32_t batch, std::int32_t size,
                    const double* cost, std::int32_t* assignment, const gyro_progress* progress,
                    gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(assignment));
    if (batch < 1 || size < 1 || cost == nullptr) {
      return fail(ErrorCode::InvalidArgument, "there is nothing to assign");
    }
    return BatchAssignment(*context, batch, size).run(cost, assignment, progress);
  });
}

}  // namespace gyro::cuda

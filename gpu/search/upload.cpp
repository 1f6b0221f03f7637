#include "gpu/search/upload.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "core/base/parallel.hpp"
#include "gpu/search/handles.hpp"

namespace gyro::cuda {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  // floats copied between two looks at a cancel
constexpr std::size_t kShare = std::size_t{1} << 16;  // floats that a thread copies at a time
constexpr std::size_t kDirect = std::size_t{1} << 21;  // floats that are not worth the detour
constexpr std::size_t kBuffers = 3;

struct Staging {
  Pinned<float> memory;  ///< [kBuffers · kPiece]
  std::array<Event, kBuffers> sent;
};

Result<Staging*> staging_of(gyro_context& context) {
  if (context.staging == nullptr) {
    auto made = std::make_shared<Staging>();
    GYRO_CHECK(made->memory.take(kBuffers * kPiece));
    context.staging = std::move(made);
  }
  return static_cast<Staging*>(context.staging.get());
}

void copy(const float* from, std::size_t count, float* to) {
  parallel_for(static_cast<int>((count + kShare - 1) / kShare), 0, [&](int i) {
    const std::size_t first = static_cast<std::size_t>(i) * kShare;
    std::memcpy(to + first, from + first, std::min(kShare, count - first) * sizeof(float));
  });
}

Status send(float* to, const float* from, std::size_t count, cudaStream_t stream) {
  return check(cudaMemcpyAsync(to, from, count * sizeof(float), cudaMemcpyHostToDevice, stream),
               "copying to the device");
}

}  // namespace

Result<DeviceArray<float>> upload(gyro_context& context, const gyro_matrix& matrix,
                                  const gyro_progress* progress) {
  const auto size = static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.cols);
  if (!begin(progress, "copying", static_cast<std::int64_t>(size))) {
    return fail(ErrorCode::Cancelled, "the search was cancelled");
  }
  GYRO_TRY(auto out, DeviceArray<float>::make(size));
  const bool direct = size <= kDirect;
  Staging* staging = nullptr;
  if (!direct) {
    GYRO_TRY(staging, staging_of(context));
  }
  std::size_t piece = 0;
  for (std::size_t first = 0; first < size; first += kPiece, ++piece) {
    const std::size_t count = std::min(kPiece, size - first);
    const float* from = matrix.data + first;
    if (!direct) {
      const std::size_t buffer = piece % kBuffers;
      if (piece >= kBuffers) GYRO_CHECK(staging->sent[buffer].wait());
      float* const through = staging->memory.data() + buffer * kPiece;
      copy(from, count, through);
      from = through;
    }
    GYRO_CHECK(send(out.data() + first, from, count, context.stream));
    if (!direct) GYRO_CHECK(staging->sent[piece % kBuffers].record(context.stream));
    if (!reach(progress, static_cast<std::int64_t>(first + count))) {
      GYRO_CHECK(check(cudaStreamSynchronize(context.stream), "copying to the device"));
      return fail(ErrorCode::Cancelled, "the search was cancelled");
    }
  }
  GYRO_CHECK(check(cudaStreamSynchronize(context.stream), "copying to the device"));
  return out;
}

}  // namespace gyro::cuda

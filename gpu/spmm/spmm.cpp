#include "gpu/spmm/spmm.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "core/sparsity/packed.hpp"
#include "gpu/spmm/select.hpp"

namespace gyro::cuda {
namespace {

constexpr std::int64_t kPitchStep = 8;  ///< elements: rows of B and C begin at 16 bytes
constexpr std::int64_t kMostPitch = std::numeric_limits<std::int32_t>::max();

Result<HinmShape> shape_of(const gyro_shape& given) {
  const HinmShape shape{given.rows, given.cols, given.vector_size, {given.n, given.m}, given.kept};
  const bool sensible = shape.rows > 0 && shape.cols > 0 && shape.vector_size > 0 &&
                        shape.rows % shape.vector_size == 0 && shape.nm.n >= 1 &&
                        shape.nm.m > shape.nm.n && shape.kept >= shape.nm.m &&
                        shape.kept % shape.nm.m == 0 && shape.kept <= shape.cols;
  if (sensible) return shape;
  return fail(ErrorCode::InvalidArgument, "the shape of the packed layer contradicts itself");
}

struct Sizes {
  std::size_t values;
  std::size_t words;
};

Sizes sizes_of(const HinmShape& shape) {
  const auto rows = static_cast<std::size_t>(shape.rows);
  const auto per_row = static_cast<std::size_t>(shape.kept_per_row());
  return {rows * per_row, rows * ((per_row + 7) / 8)};
}

/// Everything that can be wrong with a packed layer, before the device hears of it.
Result<HinmShape> check_packed(const gyro_packed& packed) {
  GYRO_TRY(const HinmShape shape, shape_of(packed.shape));
  if (packed.type != GYRO_BF16 && packed.type != GYRO_FP16) {
    return fail(ErrorCode::InvalidArgument, "values are neither bfloat16 nor float16");
  }
  if (packed.output_order == nullptr || packed.vector_index == nullptr ||
      packed.values == nullptr || packed.metadata == nullptr) {
    return fail(ErrorCode::InvalidArgument, "a part of the packed layer is missing");
  }
  const auto index = static_cast<std::ptrdiff_t>(shape.tiles()) * shape.kept;
  const Permutation permutation{{packed.output_order, packed.output_order + shape.rows},
                                {packed.vector_index, packed.vector_index + index}};
  const Sizes sizes = sizes_of(shape);
  GYRO_CHECK(validate_packed(shape, permutation, {packed.metadata, sizes.words},
                             static_cast<std::int64_t>(sizes.values)));
  return shape;
}

/// A packed layer copied to the device as it is.
struct Uploaded {
  DeviceArray<std::int32_t> order;
  DeviceArray<std::int32_t> index;
  DeviceArray<std::uint16_t> values;
  DeviceArray<std::uint16_t> metadata;
  DeviceArray<float> bias;
  PackedOnDevice packed;
};

template <class T>
Result<DeviceArray<T>> upload(const T* from, std::size_t count, cudaStream_t stream) {
  GYRO_TRY(auto out, DeviceArray<T>::make(count));
  GYRO_CHECK(out.upload(from, stream));
  return out;
}

Result<Uploaded> upload_packed(const gyro_packed& given, const HinmShape& shape,
                               cudaStream_t stream) {
  const auto rows = static_cast<std::size_t>(shape.rows);
  const Sizes sizes = sizes_of(shape);
  Uploaded out;
  GYRO_TRY(out.order, upload(given.output_order, rows, stream));
  GYRO_TRY(out.index,
           upload(given.vector_index,
                  static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept),
                  stream));
  GYRO_TRY(out.values, upload(given.values, sizes.values, stream));
  GYRO_TRY(out.metadata, upload(given.metadata, sizes.words, stream));
  if (given.bias != nullptr) {
    GYRO_TRY(out.bias, upload(given.bias, rows, stream));
  }
  out.packed = {shape,
                given.type,
                out.order.data(),
                out.index.data(),
                out.values.data(),
                out.metadata.data(),
                out.bias.data()};
  return out;
}

/// Microseconds between two marks on a stream.
class StreamTimer {
 public:
  StreamTimer() = default;
  StreamTimer(const StreamTimer&) = delete;
  StreamTimer& operator=(const StreamTimer&) = delete;
  ~StreamTimer() {
    if (begin_ != nullptr) cudaEventDestroy(begin_);
    if (end_ != nullptr) cudaEventDestroy(end_);
  }

  [[nodiscard]] Status start(cudaStream_t stream) {
    GYRO_CHECK(check(cudaEventCreate(&begin_), "making an event"));
    GYRO_CHECK(check(cudaEventCreate(&end_), "making an event"));
    return check(cudaEventRecord(begin_, stream), "timing");
  }
  [[nodiscard]] Result<double> stop(cudaStream_t stream) {
    GYRO_CHECK(check(cudaEventRecord(end_, stream), "timing"));
    GYRO_CHECK(check(cudaEventSynchronize(end_), "waiting for the device"));
    float milliseconds = 0;
    GYRO_CHECK(check(cudaEventElapsedTime(&milliseconds, begin_, end_), "timing"));
    return double{milliseconds} * 1000;
  }

 private:
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
};

/// Device memory for the packed layer, its image and, with tokens, B and C.
Status check_memory(const gyro_context& context, const HinmShape& shape, std::int64_t tokens) {
  const Sizes sizes = sizes_of(shape);
  const double layer =
      2.0 * static_cast<double>(sizes.values + sizes.words) + 4.0 * shape.tiles() * shape.kept;
  const double operands = 2.0 * (static_cast<double>(shape.rows) + shape.cols) *
                          static_cast<double>(tokens + kPitchStep);
  GYRO_TRY(const std::size_t left, memory_left(context));
  if (2.5 * layer + operands <= static_cast<double>(left)) return {};
  return fail(ErrorCode::TooLarge, "the product needs more device memory than there is", {},
              "Use fewer tokens at a time.");
}

std::int64_t pitch_for(std::int64_t tokens) {
  return (tokens + kPitchStep - 1) / kPitchStep * kPitchStep;
}

Status check_operands(const SpmmOperands& operands) {
  const auto misaligned = [](const void* pointer) {
    return pointer == nullptr || reinterpret_cast<std::uintptr_t>(pointer) % 16 != 0;
  };
  const auto bad_pitch = [&](std::int64_t pitch) {
    return pitch % kPitchStep != 0 || pitch < operands.tokens || pitch > kMostPitch;
  };
  if (operands.tokens < 1 || operands.tokens > std::numeric_limits<std::int32_t>::max() / 2) {
    return fail(ErrorCode::InvalidArgument, "there is no such number of tokens");
  }
  if (misaligned(operands.b) || misaligned(operands.c) || bad_pitch(operands.ldb) ||
      bad_pitch(operands.ldc)) {
    return fail(ErrorCode::InvalidArgument,
                "rows of B and C must begin at multiples of 16 bytes, less than 4 GB apart");
  }
  return {};
}

/// Runs a layer on dense host operands.
Status run_on_host_data(const gyro_context& context, const SpmmLayer& layer, const std::uint16_t* b,
                        std::int64_t tokens, std::int32_t row_order, std::uint16_t* c,
                        double& kernel_us) {
  const auto rows = static_cast<std::size_t>(layer.shape().rows);
  const auto cols = static_cast<std::size_t>(layer.shape().cols);
  const auto pitch = static_cast<std::size_t>(pitch_for(tokens));
  const auto row_bytes = static_cast<std::size_t>(tokens) * 2;
  GYRO_TRY(const auto device_b, DeviceArray<std::uint16_t>::make(cols * pitch));
  GYRO_TRY(const auto device_c, DeviceArray<std::uint16_t>::make(rows * pitch));
  GYRO_CHECK(check(cudaMemcpy2DAsync(device_b.data(), pitch * 2, b, row_bytes, row_bytes, cols,
                                     cudaMemcpyHostToDevice, context.stream),
                   "copying B to the device"));
  const SpmmOperands operands{device_b.data(), static_cast<std::int64_t>(pitch),
                              device_c.data(), static_cast<std::int64_t>(pitch),
                              tokens,          row_order};
  StreamTimer timer;
  GYRO_CHECK(timer.start(context.stream));
  GYRO_CHECK(layer.launch(operands, context.stream));
  GYRO_TRY(kernel_us, timer.stop(context.stream));
  GYRO_CHECK(check(cudaMemcpy2DAsync(c, row_bytes, device_c.data(), pitch * 2, row_bytes, rows,
                                     cudaMemcpyDeviceToHost, context.stream),
                   "copying C from the device"));
  return check(cudaStreamSynchronize(context.stream), "waiting for the device");
}

void copy_path(const std::string& path, gyro_spmm_report& report) {
  const std::size_t length = std::min(path.size(), sizeof report.path - 1);
  std::memcpy(report.path, path.data(), length);
  report.path[length] = '\0';
}

}  // namespace

Result<SpmmLayer> SpmmLayer::make(const gyro_context& context, const gyro_packed& packed,
                                  std::int64_t tokens, const char* path) {
  SpmmLayer out;
  GYRO_TRY(out.shape_, check_packed(packed));
  GYRO_TRY(const SpmmPath* chosen, select_path(context, out.shape_, tokens, path));
  GYRO_CHECK(check_memory(context, out.shape_, 0));
  out.type_ = packed.type;
  GYRO_TRY(const Uploaded uploaded, upload_packed(packed, out.shape_, context.stream));
  StreamTimer timer;
  GYRO_CHECK(timer.start(context.stream));
  auto image = chosen->prepare(context, uploaded.packed, context.stream);
  if (!image && image.error().code == ErrorCode::Unavailable && path == nullptr) {
    // A card that is shared may have no room for a cluster.
    GYRO_TRY(chosen, select_path(context, out.shape_, tokens, nullptr, chosen));
    image = chosen->prepare(context, uploaded.packed, context.stream);
  }
  GYRO_TRY(out.image_, std::move(image));
  out.path_ = chosen->name;
  GYRO_TRY(out.convert_us_, timer.stop(context.stream));
  return out;
}

Status SpmmLayer::launch(const SpmmOperands& operands, cudaStream_t stream) const {
  GYRO_CHECK(check_operands(operands));
  return image_->launch(operands, stream);
}

std::int32_t spmm(gyro_context* context, const gyro_packed* packed, const std::uint16_t* b,
                  std::int64_t tokens, const gyro_spmm_options* options, std::uint16_t* c,
                  gyro_spmm_report* report, const gyro_progress* progress, gyro_failure* failure) {
  return guarded(failure, [&]() -> Status {
    if (context == nullptr || packed == nullptr || b == nullptr || c == nullptr || tokens < 1) {
      return fail(ErrorCode::InvalidArgument, "an operand of the product is missing");
    }
    const gyro_spmm_options chosen = options == nullptr ? gyro_spmm_options{} : *options;
    GYRO_TRY(const HinmShape shape, shape_of(packed->shape));
    GYRO_CHECK(check_memory(*context, shape, tokens));
    GYRO_CHECK(check(cudaSetDevice(context->device), "choosing the device"));
    if (!begin(progress, "converting", 2)) return fail(ErrorCode::Cancelled, "was cancelled");
    GYRO_TRY(const SpmmLayer layer, SpmmLayer::make(*context, *packed, tokens, chosen.path));
    if (!reach(progress, 1)) return fail(ErrorCode::Cancelled, "was cancelled");
    double kernel_us = 0;
    GYRO_CHECK(run_on_host_data(*context, layer, b, tokens, chosen.row_order, c, kernel_us));
    if (report != nullptr) {
      copy_path(layer.path(), *report);
      report->convert_us = layer.convert_us();
      report->kernel_us = kernel_us;
    }
    return {};
  });
}

}  // namespace gyro::cuda

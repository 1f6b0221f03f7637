#include "gpu/search/search.hpp"

#include <algorithm>
#include <string>

#include "gpu/search/gyro.hpp"
#include "gpu/search/gyroscope.hpp"
#include "gpu/search/upload.hpp"

namespace gyro::cuda {
namespace {

Status check_arguments(const gyro_matrix& saliency, const gyro_shape* shape,
                       const gyro_search* search, const gyro_found* found) {
  if (shape == nullptr || search == nullptr || search->strategy == nullptr || found == nullptr ||
      found->output_order == nullptr || found->vector_index == nullptr ||
      saliency.data == nullptr) {
    return fail(ErrorCode::InvalidArgument, "the search lacks an argument");
  }
  if (saliency.rows != shape->rows || saliency.cols != shape->cols) {
    return fail(ErrorCode::Mismatch, "the saliency and the shape have different sizes");
  }
  return {};
}

Status check_memory(const gyro_context& context, std::size_t wanted) {
  GYRO_TRY(const std::size_t left, memory_left(context));
  if (wanted <= left) return {};
  return fail(ErrorCode::TooLarge,
              "the search needs " + std::to_string(wanted >> 20) + " MB of device memory, but " +
                  std::to_string(left >> 20) + " MB are left",
              {}, "Free device memory, raise the budget, or search on the CPU.");
}

Status check_sums(const SaliencySums& sums) {
  if (sums.nonfinite > 0) {
    return fail(ErrorCode::NonFinite,
                std::to_string(sums.nonfinite) + " saliencies are NaN or infinite");
  }
  if (sums.negative > 0) {
    return fail(ErrorCode::InvalidArgument, "the saliency has negative entries", {},
                "Use a saliency that is zero where a weight is worth nothing.");
  }
  return {};
}

void fill(const SearchOutcome& outcome, double seconds, gyro_found& found) {
  std::copy(outcome.orders.output_order.begin(), outcome.orders.output_order.end(),
            found.output_order);
  std::copy(outcome.orders.vector_index.begin(), outcome.orders.vector_index.end(),
            found.vector_index);
  found.retained_saliency = outcome.retained;
  found.steps = outcome.steps;
  found.seconds = seconds;
  found.stopped_by = static_cast<std::int32_t>(outcome.stopped_by);
}

enum class Kind { Gyroscope, Gyro };

Result<Kind> kind_of(const gyro_search& search) {
  const std::string name = search.strategy;
  if (name == "gyroscope") return Kind::Gyroscope;
  if (name == "gyro") return Kind::Gyro;
  return fail(ErrorCode::Unsupported, "the CUDA module has no search '" + name + "'", {},
              "Search it on the CPU.");
}

/// Device memory that a search takes besides the saliency.
Result<std::size_t> search_bytes(const gyro_context& context, const gyro_shape& shape,
                                 const gyro_search& search, Kind kind) {
  GYRO_TRY(const Layout layout, make_layout(shape, context, {}));
  if (kind == Kind::Gyroscope) return SearchState::bytes(layout);
  return gyro_bytes(context, shape, search);
}

Status run(gyro_context& context, const gyro_matrix& saliency, const gyro_shape& shape,
           const gyro_search& search, gyro_found& found, const gyro_progress* progress) {
  const SearchTime clock;
  GYRO_TRY(const Kind kind, kind_of(search));
  GYRO_TRY(const std::size_t bytes, search_bytes(context, shape, search, kind));
  const auto size =
      static_cast<std::size_t>(saliency.rows) * static_cast<std::size_t>(saliency.cols);
  GYRO_CHECK(
      check_memory(context, size * sizeof(float) + bytes + kSumBlocks * sizeof(SaliencySums)));
  GYRO_TRY(const auto device, upload(context, saliency, progress));
  GYRO_TRY(const auto scratch, DeviceArray<SaliencySums>::make(kSumBlocks));
  GYRO_TRY(const SaliencySums sums,
           sum_saliency(device.data(), size, scratch.data(), context.stream));
  GYRO_CHECK(check_sums(sums));
  const auto searched =
      kind == Kind::Gyro
          ? search_gyro(context, device.data(), sums, shape, search, clock, progress)
          : search_gyroscope(context, device.data(), sums, shape, search, clock, progress);
  GYRO_TRY(const SearchOutcome outcome, searched);
  fill(outcome, clock.seconds(), found);
  return {};
}

}  // namespace

std::int32_t search(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                    const gyro_search* search, gyro_found* found, const gyro_progress* progress,
                    gyro_failure* failure) {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_arguments(saliency, shape, search, found));
    return run(*context, saliency, *shape, *search, *found, progress);
  });
}

}  // namespace gyro::cuda

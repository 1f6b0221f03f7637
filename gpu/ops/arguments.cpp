#include "gpu/ops/arguments.hpp"

#include <limits>

namespace gyro::cuda {
namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 38;  // 1 TiB of floats

std::string size_text(std::int64_t rows, std::int64_t cols) {
  return std::to_string(rows) + "×" + std::to_string(cols);
}

Status refuse(std::string what) {
  return fail(ErrorCode::InvalidArgument, std::move(what));
}

}  // namespace

Status check_matrix(const gyro_matrix& matrix, const std::string& name) {
  if (matrix.data == nullptr) return refuse("the " + name + " is missing");
  if (matrix.rows < 1 || matrix.cols < 1) {
    return refuse("the " + name + " is empty: " + size_text(matrix.rows, matrix.cols));
  }
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  if (matrix.rows > most || matrix.cols > most || matrix.rows > kMostElements / matrix.cols) {
    return fail(ErrorCode::TooLarge,
                "no memory holds a " + name + " of " + size_text(matrix.rows, matrix.cols));
  }
  return {};
}

Result<HinmShape> checked_shape(const gyro_shape* shape, const gyro_matrix& saliency) {
  GYRO_CHECK(check_matrix(saliency, "saliency"));
  if (shape == nullptr) return fail(ErrorCode::InvalidArgument, "the shape is missing");
  const gyro_shape& s = *shape;
  if (s.rows != saliency.rows || s.cols != saliency.cols) {
    return fail(ErrorCode::InvalidArgument, "the shape is " + size_text(s.rows, s.cols) +
                                                ", the saliency " +
                                                size_text(saliency.rows, saliency.cols));
  }
  if (s.vector_size < 1 || s.rows % s.vector_size != 0) {
    return fail(ErrorCode::InvalidArgument, std::to_string(s.rows) +
                                                " rows are not a multiple of the vector size " +
                                                std::to_string(s.vector_size));
  }
  if (s.n < 1 || s.n >= s.m || s.m > 32) {
    return fail(ErrorCode::InvalidArgument,
                std::to_string(s.n) + ":" + std::to_string(s.m) + " is not an N:M pattern");
  }
  if (s.kept < s.m || s.kept > s.cols || s.kept % s.m != 0) {
    return fail(ErrorCode::InvalidArgument, std::to_string(s.kept) + " kept vectors of " +
                                                std::to_string(s.cols) +
                                                " are not whole groups of " + std::to_string(s.m));
  }
  return HinmShape{s.rows, s.cols, s.vector_size, {s.n, s.m}, s.kept};
}

Result<Permutation> checked_orders(const gyro_orders& orders, const HinmShape& shape) {
  if (orders.output_order == nullptr || orders.vector_index == nullptr) {
    return fail(ErrorCode::InvalidArgument, "the permutation is missing");
  }
  Permutation out;
  out.output_order.assign(orders.output_order, orders.output_order + shape.rows);
  out.vector_index.assign(orders.vector_index,
                          orders.vector_index + std::int64_t{shape.tiles()} * shape.kept);
  GYRO_CHECK(validate(out, shape));
  return out;
}

Status check_output(const void* out) {
  if (out == nullptr) return refuse("there is no place for the result");
  return {};
}

Result<std::size_t> allowance(const gyro_context& context) {
  GYRO_TRY(const std::size_t left, memory_left(context));
  return context.budget > 0 && context.budget <= left ? left : left / 16 * 15;
}

Status no_room(std::size_t needed, std::size_t allowed) {
  return fail(ErrorCode::TooLarge,
              "the smallest piece needs " + std::to_string(needed) + " bytes of device memory, " +
                  std::to_string(allowed) + " may be taken",
              {}, "Allow more device memory, or work on the CPU.");
}

Status stopped() {
  return fail(ErrorCode::Cancelled, "the computation was cancelled");
}

}  // namespace gyro::cuda

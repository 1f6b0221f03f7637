#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/blas.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/pruning_error_kernels.hpp"
#include "gpu/ops/screen.hpp"

namespace gyro::cuda {
namespace {

/// Floating-point operations of a piece at most, so that a cancel is heard soon.
constexpr double kMostWork = 1e12;

class ErrorMeter {
 public:
  ErrorMeter(gyro_context& context, gyro_matrix weight, gyro_matrix inputs)
      : context_(context), weight_(weight), inputs_(inputs) {}

  Status run(const std::uint8_t* bits, const gyro_row_errors& out, const gyro_progress* progress) {
    GYRO_CHECK(plan());
    const std::int64_t steps = has_inputs() ? inputs_.rows : 1;
    if (!begin(progress, "measuring the pruning error", weight_.rows * steps)) return stopped();
    for (std::int64_t row = 0; row < weight_.rows; row += rows_) {
      const std::int64_t rows = std::min(rows_, weight_.rows - row);
      GYRO_CHECK(split(bits, row, rows));
      GYRO_CHECK(write(weight_norms_, row, rows, out.weight_lost, out.weight_all));
      if (has_inputs()) {
        GYRO_CHECK(multiply(row, rows, progress));
        GYRO_CHECK(write(output_norms_, row, rows, out.output_lost, out.output_all));
      }
      if (!reach(progress, (row + rows) * steps)) return stopped();
    }
    return {};
  }

 private:
  [[nodiscard]] bool has_inputs() const { return inputs_.data != nullptr; }
  [[nodiscard]] std::size_t mask_stride() const {
    return static_cast<std::size_t>((weight_.cols + 7) / 8);
  }

  Status plan() {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    const auto cols = static_cast<std::size_t>(weight_.cols);
    const std::size_t row_bytes = 2 * cols * sizeof(float) + mask_stride() + 64;
    const std::size_t token_bytes = cols * sizeof(float);
    const auto rows = static_cast<std::size_t>(weight_.rows);
    const auto tokens = static_cast<std::size_t>(has_inputs() ? inputs_.rows : 0);
    const std::size_t least = row_bytes + (tokens > 0 ? token_bytes + 2 * sizeof(float) : 0);
    if (allowed < 4 * least) return no_room(4 * least, allowed);
    const std::size_t for_rows = tokens > 0 ? allowed / 2 : allowed;
    const std::size_t a_piece = std::min(rows, for_rows / row_bytes);
    rows_ = static_cast<std::int64_t>(a_piece);
    if (tokens > 0) {
      const auto work = static_cast<std::size_t>(
          kMostWork / (4 * static_cast<double>(rows_) * static_cast<double>(cols)));
      tokens_ = static_cast<std::int64_t>(
          std::min({tokens, allowed / 4 / token_bytes, allowed / 32 / a_piece,
                    std::max<std::size_t>(work, 64)}));
      if (tokens_ == 0) return no_room(allowed + 32 * a_piece, allowed);
    }
    return allocate();
  }

  Status allocate() {
    const auto rows = static_cast<std::size_t>(rows_);
    const auto cols = static_cast<std::size_t>(weight_.cols);
    const auto tokens = static_cast<std::size_t>(tokens_);
    GYRO_TRY(values_, DeviceArray<float>::make(2 * rows * cols));
    GYRO_TRY(bits_, DeviceArray<std::uint8_t>::make(rows * mask_stride()));
    GYRO_TRY(exponents_, DeviceArray<std::int32_t>::make(rows));
    GYRO_TRY(weight_norms_, DeviceArray<double>::make(2 * rows));
    GYRO_TRY(output_norms_, DeviceArray<double>::make(2 * rows));
    GYRO_TRY(tokens_in_, DeviceArray<float>::make(tokens * cols));
    GYRO_TRY(products_, DeviceArray<float>::make(2 * rows * tokens));
    return {};
  }

  Status split(const std::uint8_t* bits, std::int64_t row, std::int64_t rows) {
    const auto size = static_cast<std::size_t>(rows * weight_.cols);
    GYRO_CHECK(values_.upload(weight_.data + row * weight_.cols, size, context_.stream));
    const auto stride = mask_stride();
    GYRO_CHECK(bits_.upload(bits + static_cast<std::size_t>(row) * stride,
                            static_cast<std::size_t>(rows) * stride, context_.stream));
    GYRO_CHECK(require_usable(values_.data(), size, false, "weight", context_.stream));
    const PrunedRows piece{values_.data(), values_.data() + size, bits_.data(),
                           static_cast<int>(rows), static_cast<int>(weight_.cols)};
    return split_rows(piece, {weight_norms_.data(), weight_norms_.data() + rows}, exponents_.data(),
                      context_.stream);
  }

  Status multiply(std::int64_t row, std::int64_t rows, const gyro_progress* progress) {
    GYRO_CHECK(output_norms_.clear(context_.stream));
    for (std::int64_t token = 0; token < inputs_.rows; token += tokens_) {
      const std::int64_t tokens = std::min(tokens_, inputs_.rows - token);
      const auto size = static_cast<std::size_t>(tokens * inputs_.cols);
      GYRO_CHECK(tokens_in_.upload(inputs_.data + token * inputs_.cols, size, context_.stream));
      GYRO_TRY(const int exponent, moderate(size));
      GYRO_CHECK(row_products(context_, values_.data(), 2 * rows, tokens_in_.data(), tokens,
                              weight_.cols, products_.data()));
      GYRO_CHECK(add_squares(products_.data(), static_cast<int>(rows), static_cast<int>(tokens),
                             exponents_.data(), exponent,
                             {output_norms_.data(), output_norms_.data() + rows}, context_.stream));
      GYRO_CHECK(check(cudaStreamSynchronize(context_.stream), "multiplying with the inputs"));
      if (!reach(progress, row * inputs_.rows + rows * (token + tokens))) return stopped();
    }
    return {};
  }

  /// Brings the tokens on the device to a moderate size; the exponent of the factor.
  Result<int> moderate(std::size_t size) const {
    GYRO_TRY(const Screening found,
             require_usable(tokens_in_.data(), size, false, "inputs", context_.stream));
    const float factor = moderate_factor(found.largest);
    if (factor == 1) return 0;
    GYRO_CHECK(scale(tokens_in_.data(), size, factor, context_.stream));
    return std::ilogb(factor);
  }

  Status write(const DeviceArray<double>& norms, std::int64_t row, std::int64_t rows, double* lost,
               double* all) const {
    const auto get = [&](double* to, const double* from) -> Status {
      if (to == nullptr) return {};
      return check(cudaMemcpyAsync(to + row, from, static_cast<std::size_t>(rows) * sizeof(double),
                                   cudaMemcpyDeviceToHost, context_.stream),
                   "copying the sums from the device");
    };
    GYRO_CHECK(get(lost, norms.data()));
    GYRO_CHECK(get(all, norms.data() + rows));
    return check(cudaStreamSynchronize(context_.stream), "waiting for the device");
  }

  gyro_context& context_;
  gyro_matrix weight_;
  gyro_matrix inputs_;
  std::int64_t rows_ = 0;      // of a piece
  std::int64_t tokens_ = 0;    // of a piece
  DeviceArray<float> values_;  // whole rows, then what is lost of them
  DeviceArray<std::uint8_t> bits_;
  DeviceArray<std::int32_t> exponents_;
  DeviceArray<double> weight_norms_;
  DeviceArray<double> output_norms_;
  DeviceArray<float> tokens_in_;
  DeviceArray<float> products_;
};

Status check_padding(const std::uint8_t* bits, const gyro_matrix& weight) {
  if (weight.cols % 8 == 0) return {};
  const std::int64_t stride = (weight.cols + 7) / 8;
  for (std::int64_t row = 0; row < weight.rows; ++row) {
    if (bits[row * stride + stride - 1] >> (weight.cols % 8) != 0) {
      return fail(ErrorCode::Malformed,
                  "row " + std::to_string(row) + " of the mask has bits beyond the last column");
    }
  }
  return {};
}

}  // namespace

std::int32_t pruning_error(gyro_context* context, gyro_matrix weight,
                           const std::uint8_t* mask_bytes, gyro_matrix inputs, gyro_row_errors* out,
                           const gyro_progress* progress, gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(out));
    GYRO_CHECK(check_matrix(weight, "weight"));
    if (mask_bytes == nullptr) return fail(ErrorCode::InvalidArgument, "the mask is missing");
    GYRO_CHECK(check_padding(mask_bytes, weight));
    if (inputs.data != nullptr) {
      GYRO_CHECK(check_matrix(inputs, "inputs"));
      if (inputs.cols != weight.cols) {
        return fail(ErrorCode::Mismatch, "the inputs have " + std::to_string(inputs.cols) +
                                             " channels, the layer reads " +
                                             std::to_string(weight.cols));
      }
    }
    return ErrorMeter(*context, weight, inputs).run(mask_bytes, *out, progress);
  });
}

}  // namespace gyro::cuda

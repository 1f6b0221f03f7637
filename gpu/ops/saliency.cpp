#include "core/sparsity/saliency.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/saliency_kernels.hpp"
#include "gpu/ops/screen.hpp"

namespace gyro::cuda {
namespace {

Result<SaliencyForm> form_of(std::int32_t kind) {
  if (kind < 0 || kind > static_cast<std::int32_t>(SaliencyKind::Scores)) {
    return fail(ErrorCode::InvalidArgument, "there is no saliency " + std::to_string(kind));
  }
  switch (static_cast<SaliencyKind>(kind)) {
    case SaliencyKind::Magnitude:
      return SaliencyForm::Magnitude;
    case SaliencyKind::Squared:
      return SaliencyForm::Squared;
    case SaliencyKind::Wanda:
      return SaliencyForm::Scaled;
    case SaliencyKind::Ria:
      return SaliencyForm::Relative;
    case SaliencyKind::Hessian:
    case SaliencyKind::Fisher:
      return SaliencyForm::Product;
    case SaliencyKind::InverseFisher:
      return SaliencyForm::Quotient;
    case SaliencyKind::Scores:
      break;
  }
  return fail(ErrorCode::Unsupported, "scores are taken as they stand");
}

bool needs_diagonal(SaliencyForm form) {
  return form == SaliencyForm::Product || form == SaliencyForm::Quotient;
}

bool needs_norms(SaliencyForm form) {
  return form == SaliencyForm::Scaled || form == SaliencyForm::Relative;
}

Status check_inputs(const gyro_matrix& weight, SaliencyForm form,
                    const gyro_saliency_inputs& inputs) {
  const auto mismatch = [](const char* what) { return fail(ErrorCode::Mismatch, what); };
  if (needs_norms(form)) {
    GYRO_CHECK(check_matrix(inputs.norms, "norms of the inputs"));
    if (inputs.norms.rows * inputs.norms.cols != weight.cols) {
      return mismatch("the norms of the inputs are not one an input channel");
    }
  }
  if (needs_diagonal(form)) {
    GYRO_CHECK(check_matrix(inputs.diagonal, "diagonal"));
    if (inputs.diagonal.cols != weight.cols ||
        (inputs.diagonal.rows != 1 && inputs.diagonal.rows != weight.rows)) {
      return mismatch("the diagonal has neither one entry an input channel nor one a weight");
    }
  }
  return {};
}

class SaliencyMaker {
 public:
  SaliencyMaker(gyro_context& context, gyro_matrix weight, SaliencyForm form,
                const gyro_saliency_inputs& inputs)
      : context_(context), weight_(weight), form_(form), inputs_(inputs) {}

  Status run(float* out, const gyro_progress* progress) {
    GYRO_CHECK(plan());
    const bool relative = form_ == SaliencyForm::Relative;
    if (!begin(progress, "computing the saliency", weight_.rows * (relative ? 2 : 1))) {
      return stopped();
    }
    const auto add = [&](const SaliencyRows& rows, std::int64_t /*first*/) {
      return add_columns(rows, sums_.data(), context_.stream);
    };
    if (relative) GYRO_CHECK(over_pieces(add, progress, 0));
    const auto fill = [&](const SaliencyRows& rows, std::int64_t first) -> Status {
      GYRO_CHECK(fill_saliency(rows, form_, context_.stream));
      const auto size = area(rows.rows, rows.cols);
      GYRO_TRY(const Screening found, screen(rows.values, size, true, context_.stream));
      unusable_ += found.unusable;
      return values_.download(out + first * weight_.cols, size, context_.stream);
    };
    GYRO_CHECK(over_pieces(fill, progress, relative ? weight_.rows : 0));
    if (unusable_ == 0) return {};
    return fail(ErrorCode::NonFinite, std::to_string(unusable_) +
                                          " weights have no usable saliency (NaN, infinite or "
                                          "negative)");
  }

 private:
  Status plan() {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    const auto cols = static_cast<std::size_t>(weight_.cols);
    by_row_ = needs_diagonal(form_) && inputs_.diagonal.rows > 1;
    const std::size_t row_bytes = sizeof(float) * cols * (by_row_ ? 2 : 1);
    const std::size_t fixed = cols * (sizeof(float) + sizeof(double)) + kSmall;
    if (allowed < fixed + row_bytes) return no_room(fixed + row_bytes, allowed);
    rows_a_piece_ =
        std::min(static_cast<std::int64_t>((allowed - fixed) / row_bytes), weight_.rows);
    const auto piece = static_cast<std::size_t>(rows_a_piece_) * cols;
    GYRO_TRY(values_, DeviceArray<float>::make(piece));
    if (needs_diagonal(form_)) {
      GYRO_TRY(diagonal_, DeviceArray<float>::make(by_row_ ? piece : cols));
      if (!by_row_) GYRO_CHECK(diagonal_.upload(inputs_.diagonal.data, context_.stream));
    }
    if (needs_norms(form_)) GYRO_CHECK(upload_factors());
    if (form_ == SaliencyForm::Relative) {
      GYRO_TRY(sums_, DeviceArray<double>::make(cols));
      GYRO_CHECK(sums_.clear(context_.stream));
    }
    return {};
  }

  Status upload_factors() {
    std::vector<float> factors(inputs_.norms.data, inputs_.norms.data + weight_.cols);
    if (form_ == SaliencyForm::Relative) {
      for (float& factor : factors) factor = std::pow(factor, inputs_.ria_exponent);
    }
    GYRO_TRY(factors_, DeviceArray<float>::make(factors.size()));
    GYRO_CHECK(factors_.upload(factors.data(), context_.stream));
    return check(cudaStreamSynchronize(context_.stream), "waiting for the device");
  }

  template <class Work>
  Status over_pieces(const Work& work, const gyro_progress* progress, std::int64_t before) {
    for (std::int64_t first = 0; first < weight_.rows; first += rows_a_piece_) {
      const std::int64_t rows = std::min(rows_a_piece_, weight_.rows - first);
      const auto size = area(rows, weight_.cols);
      const std::int64_t start = first * weight_.cols;
      GYRO_CHECK(values_.upload(weight_.data + start, size, context_.stream));
      if (by_row_) {
        GYRO_CHECK(diagonal_.upload(inputs_.diagonal.data + start, size, context_.stream));
      }
      const SaliencyRows piece{
          values_.data(),  static_cast<int>(rows), static_cast<int>(weight_.cols),
          factors_.data(), sums_.data(),           diagonal_.data(),
          by_row_};
      GYRO_CHECK(work(piece, first));
      if (!reach(progress, before + first + rows)) return stopped();
    }
    return {};
  }

  static constexpr std::size_t kSmall = 4096;

  gyro_context& context_;
  gyro_matrix weight_;
  SaliencyForm form_;
  const gyro_saliency_inputs& inputs_;
  bool by_row_ = false;  // the diagonal has an entry a weight
  std::int64_t rows_a_piece_ = 0;
  std::uint64_t unusable_ = 0;
  DeviceArray<float> values_;
  DeviceArray<float> diagonal_;
  DeviceArray<float> factors_;
  DeviceArray<double> sums_;
};

}  // namespace

std::int32_t saliency(gyro_context* context, gyro_matrix weight, const gyro_saliency_inputs* inputs,
                      float* out, const gyro_progress* progress, gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(out));
    GYRO_CHECK(check_matrix(weight, "weight"));
    if (inputs == nullptr) return fail(ErrorCode::InvalidArgument, "the kind is missing");
    GYRO_TRY(const SaliencyForm form, form_of(inputs->kind));
    GYRO_CHECK(check_inputs(weight, form, *inputs));
    return SaliencyMaker(*context, weight, form, *inputs).run(out, progress);
  });
}

}  // namespace gyro::cuda

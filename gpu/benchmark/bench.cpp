#include "gpu/benchmark/bench.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "core/benchmark/roofline.hpp"
#include "gpu/benchmark/ceilings.hpp"
#include "gpu/benchmark/cublas_lt.hpp"
#include "gpu/benchmark/cusparse_lt.hpp"
#include "gpu/benchmark/operands.hpp"
#include "gpu/benchmark/samples.hpp"
#include "gpu/spmm/spmm.hpp"

namespace gyro::cuda {
namespace {

constexpr int kDensePeer = 1;
constexpr int kMaskedPeer = 2;
constexpr int kTwoFourPeer = 4;
constexpr double kTolerance = 4e-3;  // relative Frobenius error; rounding C to bf16 alone is 1.7e-3
constexpr std::size_t kSpare = std::size_t{768} << 20;  // workspaces, cache flush, ceilings
constexpr float kWeightDeviation = 0.05F;

class HinmProduct : public Contender {
 public:
  HinmProduct(const SpmmLayer& layer, const SpmmOperands& operands)
      : layer_(layer), operands_(operands) {}
  [[nodiscard]] Status run(cudaStream_t stream) override {
    return layer_.launch(operands_, stream);
  }

 private:
  const SpmmLayer& layer_;
  SpmmOperands operands_;
};

template <std::size_t Size>
void put(const std::string& text, char (&field)[Size]) {
  const std::size_t length = std::min(text.size(), Size - 1);
  std::memcpy(field, text.data(), length);
  field[length] = '\0';
}

void put(const Timing& timing, gyro_timing& out) {
  out.median_us = timing.median_us;
  out.p5_us = timing.p5_us;
  out.p95_us = timing.p95_us;
  out.samples = timing.samples;
  out.discarded = timing.discarded;
  put(timing.note, out.note);
}

Result<HinmShape> shape_of(const gyro_bench_cell& cell) {
  const gyro_shape& s = cell.shape;
  const bool plain = s.rows >= 1 && s.cols >= 1 && s.vector_size >= 1 &&
                     s.rows % s.vector_size == 0 && s.n >= 1 && s.m > s.n && s.kept >= s.m &&
                     s.kept % s.m == 0 && s.kept <= s.cols;
  if (!plain) return fail(ErrorCode::InvalidArgument, "the numbers of the shape do not fit");
  if (s.m > 4) return fail(ErrorCode::Unsupported, "groups of more than 4 vectors are not packed");
  if (cell.tokens < 1) return fail(ErrorCode::InvalidArgument, "there are no tokens");
  if (cell.type != GYRO_BF16 && cell.type != GYRO_FP16) {
    return fail(ErrorCode::InvalidArgument, "values are bf16 or fp16");
  }
  if (cell.samples < 0) return fail(ErrorCode::InvalidArgument, "a negative number of samples");
  return HinmShape{s.rows, s.cols, s.vector_size, {s.n, s.m}, s.kept};
}

/// Everything that is held at once: A three times (masked, dense, for 2:4), B, C, the float32
/// reference, the packed layer and its image.
Status check_memory(const gyro_context& context, const HinmShape& shape, std::int64_t tokens) {
  const auto m = static_cast<double>(shape.rows);
  const auto k = static_cast<double>(shape.cols);
  const auto n = static_cast<double>(tokens + 7);
  const double needed = 6 * m * k + 2 * k * n + 6 * m * n + 8 * m * shape.kept_per_row() +
                        static_cast<double>(kSpare);
  GYRO_TRY(const std::size_t left, memory_left(context));
  if (needed <= static_cast<double>(left)) return {};
  const auto gigabytes = [](double bytes) {
    return std::to_string(std::lround(bytes / 1e8) / 10) + " GB";
  };
  return fail(ErrorCode::TooLarge,
              "the benchmark of this shape needs " + gigabytes(needed) + " of device memory, " +
                  gigabytes(static_cast<double>(left)) + " are left",
              {}, "Choose a smaller shape.");
}

/// The data of one cell and what computes on it.
class Bench {
 public:
  Bench(gyro_context& context, const gyro_bench_cell& cell, const gyro_progress* progress)
      : context_(context), cell_(cell), progress_(progress) {}

  [[nodiscard]] Status run(gyro_bench_result& out) {
    GYRO_TRY(shape_, shape_of(cell_));
    GYRO_CHECK(check_memory(context_, shape_, cell_.tokens));
    sizes_ = {shape_.rows, shape_.cols, cell_.tokens, (cell_.tokens + 7) / 8 * 8, cell_.type};
    GYRO_TRY(const auto ceilings, measured_ceilings(context_, progress_));
    if (!begin(progress_, "making the layer", 4)) return stopped();
    GYRO_CHECK(make_product());
    if (!reach(progress_, 1)) return stopped();
    GYRO_CHECK(check_product(out));
    if (!reach(progress_, 2)) return stopped();
    GYRO_CHECK(make_peers(out));
    if (!reach(progress_, 4)) return stopped();
    GYRO_CHECK(time_all(out));
    put(layer_->path(), out.path);
    out.convert_us = layer_->convert_us();
    set_limit(out, ceilings);
    return {};
  }

 private:
  static Status stopped() { return fail(ErrorCode::Cancelled, "the benchmark was stopped"); }

  Orders orders() const {
    if (cell_.orders == nullptr) return random_orders(shape_, cell_.seed);
    const auto rows = static_cast<std::size_t>(shape_.rows);
    const auto index =
        static_cast<std::size_t>(shape_.tiles()) * static_cast<std::size_t>(shape_.kept);
    return {{cell_.orders->output_order, cell_.orders->output_order + rows},
            {cell_.orders->vector_index, cell_.orders->vector_index + index}};
  }

  Status make_product() {
    GYRO_TRY(host_, random_layer(shape_, cell_.type, orders(), cell_.seed, context_.stream));
    const gyro_packed packed = host_.view();
    auto layer = SpmmLayer::make(context_, packed, cell_.tokens, cell_.path);
    if (!layer) return fail(layer.error());
    layer_.emplace(*std::move(layer));
    GYRO_TRY(b_, DeviceArray<std::uint16_t>::make(static_cast<std::size_t>(sizes_.k) *
                                                  static_cast<std::size_t>(sizes_.pitch)));
    GYRO_CHECK(fill_normal(b_.data(), b_.size(), 1, cell_.type, cell_.seed + 2, context_.stream));
    GYRO_TRY(masked_, masked_weight(host_, context_.stream));
    GYRO_TRY(c_, CheckedOutput::make(sizes_, context_.stream));
    operands_ = {b_.data(),    sizes_.pitch, c_.data(),
                 sizes_.pitch, cell_.tokens, GYRO_ORIGINAL_ROWS};
    return {};
  }

  Status check_product(gyro_bench_result& out) {
    hinm_ = std::make_unique<HinmProduct>(*layer_, operands_);
    GYRO_CHECK(hinm_->run(context_.stream));
    GYRO_TRY(const auto difference, c_.compare(masked_.data(), b_.data(), context_.stream));
    out.relative_error = difference.relative_error;
    if (difference.wrong == 0 && difference.overwritten == 0 &&
        difference.relative_error < kTolerance) {
      return {};
    }
    return fail(ErrorCode::Internal,
                "the product of " + layer_->path() +
                    " is wrong: " + std::to_string(difference.wrong) + " elements, " +
                    std::to_string(difference.overwritten) + " written outside, relative error " +
                    std::to_string(difference.relative_error),
                {}, "Nothing was timed. Choose another path.");
  }

  Result<DeviceArray<std::uint16_t>> dense_weight(std::uint64_t seed) {
    GYRO_TRY(auto out, DeviceArray<std::uint16_t>::make(masked_.size()));
    GYRO_CHECK(
        fill_normal(out.data(), out.size(), kWeightDeviation, cell_.type, seed, context_.stream));
    return out;
  }

  Status make_peers(gyro_bench_result& out) {
    if ((cell_.peers & kDensePeer) != 0) {
      GYRO_TRY(dense_, dense_weight(cell_.seed + 3));
      GYRO_CHECK(add_peer(
          out.dense, dense_.data(),
          make_dense_product(sizes_, dense_.data(), b_.data(), c_.data(), context_.stream)));
    }
    if ((cell_.peers & kMaskedPeer) != 0) {
      GYRO_CHECK(add_peer(
          out.masked, masked_.data(),
          make_dense_product(sizes_, masked_.data(), b_.data(), c_.data(), context_.stream)));
    }
    if ((cell_.peers & kTwoFourPeer) != 0) {
      GYRO_TRY(pruned_, dense_weight(cell_.seed + 4));
      GYRO_CHECK(add_peer(
          out.two_four, pruned_.data(),
          make_two_four_product(sizes_, pruned_.data(), b_.data(), c_.data(), context_.stream)));
    }
    return {};
  }

  /// A peer that is missing is noted; one whose product is wrong is not timed either.
  Status add_peer(gyro_timing& out, const std::uint16_t* a,
                  Result<std::unique_ptr<Contender>> made) {
    if (!made) {
      put(made.error().what, out.note);
      return {};
    }
    GYRO_CHECK(c_.poison(context_.stream));
    GYRO_CHECK((*made)->run(context_.stream));
    GYRO_TRY(const auto difference, c_.compare(a, b_.data(), context_.stream));
    if (difference.wrong != 0 || difference.overwritten != 0) {
      put("its product is wrong", out.note);
      return {};
    }
    peers_.push_back({*std::move(made), &out});
    return {};
  }

  Status time_all(gyro_bench_result& out) {
    std::vector<Contender*> contenders{hinm_.get()};
    for (const auto& peer : peers_) contenders.push_back(peer.contender.get());
    GYRO_TRY(const auto timings,
             take_samples(context_, contenders, {cell_.cold != 0, cell_.samples}, progress_));
    put(timings[0], out.hinm);
    for (std::size_t i = 0; i < peers_.size(); ++i) put(timings[i + 1], *peers_[i].timing);
    return {};
  }

  void set_limit(gyro_bench_result& out, const std::vector<Ceiling>& ceilings) const {
    const ProductWork work = work_of(shape_, cell_.tokens);
    const Limit limit = limit_of(work, cell_.tokens, ceilings);
    out.bytes = work.bytes;
    put(limit.name, out.ceiling);
    if (out.hinm.samples > 0) out.share_of_ceiling = limit.us / out.hinm.median_us;
  }

  struct Peer {
    std::unique_ptr<Contender> contender;
    gyro_timing* timing;
  };

  gyro_context& context_;
  const gyro_bench_cell& cell_;
  const gyro_progress* progress_;
  HinmShape shape_;
  ProductSizes sizes_;
  HostLayer host_;
  std::optional<SpmmLayer> layer_;
  DeviceArray<std::uint16_t> b_;
  DeviceArray<std::uint16_t> masked_;
  DeviceArray<std::uint16_t> dense_;
  DeviceArray<std::uint16_t> pruned_;
  CheckedOutput c_;
  SpmmOperands operands_;
  std::unique_ptr<Contender> hinm_;
  std::vector<Peer> peers_;
};

}  // namespace

std::int32_t bench(gyro_context* context, const gyro_bench_cell* cell, gyro_bench_result* out,
                   const gyro_progress* progress, gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    if (cell == nullptr || out == nullptr) {
      return fail(ErrorCode::InvalidArgument, "there is no cell or no place for its result");
    }
    *out = {};
    return Bench(*context, *cell, progress).run(*out);
  });
}

}  // namespace gyro::cuda

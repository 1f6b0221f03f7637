#include "gpu/search/state.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "gpu/ops/output_costs_kernels.hpp"
#include "gpu/search/transfer.hpp"

namespace gyro::cuda {
namespace {

constexpr std::size_t kAlignment = 256;

std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

/// Hands out pieces of one allocation; without one it only counts.
class Carver {
 public:
  explicit Carver(std::byte* base) : base_(base) {}

  template <class T>
  void take(T*& out, std::size_t count) {
    if (base_ != nullptr) out = reinterpret_cast<T*>(base_ + used_);
    used_ += (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

/// kFactors numbers coprime to `modulus`, evenly spread over its residues.
void fill_factors(int modulus, std::uint16_t* out) {
  std::vector<std::uint16_t> coprime;
  for (int k = 1; k < std::max(modulus, 2); ++k) {
    if (std::gcd(k, modulus) == 1) coprime.push_back(static_cast<std::uint16_t>(k));
  }
  for (int i = 0; i < kFactors; ++i) {
    out[i] = coprime[size(i) * coprime.size() / kFactors % coprime.size()];
  }
}

}  // namespace

std::size_t SearchState::lay_out(std::byte* base) {
  const Layout& l = field_.layout;
  Carver carver(base);
  const std::size_t by_row = size(l.rows) * size(l.stride);
  const std::size_t columns = size(l.tiles) * size(l.cols) * size(l.width);
  carver.take(by_row_, l.wide ? 0 : by_row);
  carver.take(codes_, l.wide ? by_row : 0);
  carver.take(field_.columns, l.wide ? 0 : columns);
  carver.take(field_.sheets, l.wide ? size(l.tiles) * size(l.stride) * size(l.width) : 0);
  carver.take(field_.table, size(l.rows) * size(l.cluster_tiles));
  carver.take(field_.order, size(l.rows));
  carver.take(field_.before, size(l.rows));
  carver.take(field_.index, size(l.tiles) * size(l.slots));
  carver.take(field_.changed, size(l.tiles));
  carver.take(field_.control, 2);
  carver.take(field_.counts, 1);
  carver.take(pace_, 1);
  carver.take(kept_, size(l.rows));
  carver.take(factors_, size(kFactorSizes) * kFactors);
  field_.next = field_.control + 1;
  field_.by_row = by_row_;
  field_.codes = codes_;
  field_.factors = factors_;
  field_.pace = pace_;
  return carver.used();
}

std::size_t SearchState::bytes(const Layout& layout) {
  SearchState counted;
  counted.field_.layout = layout;
  return counted.lay_out(nullptr);
}

Result<SearchState> SearchState::make(const gyro_context& context, const Layout& layout,
                                      const float* saliency, const SaliencySums& sums) {
  SearchState out;
  out.field_.layout = layout;
  out.launch_ = {context.stream, context.capability >= 90};
  out.saliency_ = saliency;
  out.sums_ = sums;
  out.scale_ = (layout.wide ? kCodedMean : 1) * double(layout.rows) * layout.cols / sums.total;
  GYRO_TRY(out.memory_, DeviceArray<std::byte>::make(bytes(layout)));
  out.lay_out(out.memory_.data());
  GYRO_CHECK(check(cudaMemsetAsync(out.field_.changed, 0,
                                   size(layout.tiles) * sizeof(std::uint32_t), context.stream),
                   "clearing device memory"));
  GYRO_CHECK(out.upload_factors());
  GYRO_CHECK(layout.wide
                 ? code_saliency(saliency, out.scale_, layout, out.codes_, context.stream)
                 : round_saliency(saliency, out.scale_, layout, out.by_row_, context.stream));
  return out;
}

Status SearchState::upload_factors() {
  const Layout& l = field_.layout;
  const int groups = l.groups / l.parts;
  const int dropped = l.dropped_groups / l.parts;
  const int rows = l.tiles / l.clusters * l.height;
  const std::array<int, kFactorSizes> sizes{groups,      groups + 1, dropped,
                                            dropped + 1, rows,       rows + l.height};
  std::vector<std::uint16_t> factors(sizes.size() * kFactors);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const int modulus = i >= 4 && !l.moves_rows() ? 1 : sizes[i];
    fill_factors(std::min(modulus, 65535), &factors[i * kFactors]);
  }
  GYRO_CHECK(check(cudaMemcpyAsync(factors_, factors.data(), factors.size() * 2,
                                   cudaMemcpyHostToDevice, launch_.stream),
                   "copying to the device"));
  return check(cudaStreamSynchronize(launch_.stream), "copying to the device");
}

Status SearchState::load(const std::vector<std::int32_t>& order) {
  GYRO_CHECK(check(cudaMemcpyAsync(field_.order, order.data(), order.size() * 4,
                                   cudaMemcpyHostToDevice, launch_.stream),
                   "copying to the device"));
  // The column vectors are not there yet, or no longer wanted: their place is scratch.
  const Layout& l = field_.layout;
  auto* const sums =
      l.wide ? reinterpret_cast<double*>(field_.sheets) : reinterpret_cast<double*>(field_.columns);
  GYRO_CHECK(sum_rows(saliency_, field_.order, l.tiles, l.height, l.cols, sums, launch_.stream));
  GYRO_CHECK(choose_vectors(sums, l.tiles, l.cols, l.kept,
                            VectorIndex<std::uint16_t>{field_.index, l.slots}, launch_.stream));
  return check(cudaStreamSynchronize(launch_.stream), "choosing vectors");
}

Status SearchState::start(const Control& control) {
  GYRO_CHECK(check(cudaMemcpyAsync(field_.control, &control, sizeof control, cudaMemcpyHostToDevice,
                                   launch_.stream),
                   "copying to the device"));
  return check(cudaMemsetAsync(field_.counts, 0, sizeof(Counts), launch_.stream),
               "clearing device memory");
}

Status SearchState::place() {
  if (field_.layout.wide) return {};  // its sweeps do
  return place_rows(field_, true, {launch_.stream, false});
}

Result<double> SearchState::retained() {
  const Layout& l = field_.layout;
  const gyro_shape shape{l.rows, l.cols, l.height, l.n, l.m, l.kept};
  GYRO_CHECK(count_kept(saliency_, shape, field_.order, l.rows,
                        VectorIndex<const std::uint16_t>{field_.index, l.slots}, kept_,
                        launch_.stream));
  GYRO_TRY(const auto kept, fetch(kept_, size(l.rows), launch_.stream));
  return std::accumulate(kept.begin(), kept.end(), 0.0) / sums_.total;
}

Result<FoundOrders> SearchState::orders() const {
  const Layout& l = field_.layout;
  FoundOrders out;
  GYRO_TRY(out.output_order, fetch(field_.order, size(l.rows), launch_.stream));
  GYRO_TRY(const auto index, fetch(field_.index, size(l.tiles) * size(l.slots), launch_.stream));
  out.vector_index.reserve(size(l.tiles) * size(l.kept));
  for (int t = 0; t < l.tiles; ++t) {
    const auto own = index.begin() + std::ptrdiff_t{t} * l.slots;
    out.vector_index.insert(out.vector_index.end(), own, own + l.kept);
  }
  return out;
}

}  // namespace gyro::cuda

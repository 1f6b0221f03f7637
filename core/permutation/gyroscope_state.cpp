#include "core/permutation/gyroscope_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/base/parallel.hpp"
#include "core/base/random.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kPurpose = 0x6779726f;  // "gyro": the tiles' random streams
constexpr double kOutlier = 128;                // levels are cut off at this many times the mean
constexpr int kWide = 8;                        // rows that are copied in one go
constexpr int kBlock = 16;                      // columns that stay in the cache while rows change

}  // namespace

GyroscopeState::GyroscopeState(const MatrixView& saliency, const HinmShape& shape, int window,
                               std::uint64_t seed, int threads, const StopCheck& stop)
    : shape_(shape),
      tile_shape_{shape.vector_size,  stride_for(shape.vector_size),
                  shape.cols,         shape.kept,
                  shape.nm.n,         shape.nm.m,
                  window / shape.nm.m},
      by_row_(index(shape.rows) * index(shape.cols)),
      order_(index(shape.rows), -1),
      slots_(index(shape.tiles()) * index(shape.cols)),
      shares_(index(shape.tiles()) * index(shape.kept)),
      dropped_from_(index(shape.tiles()) * index(tile_shape_.windows() + 1)) {
  columns_ = hwy::AllocateAligned<std::int16_t>(index(shape.tiles()) * tile_levels());
  if (tile_shape_.stride != shape.vector_size) {  // the padding counts nothing
    parallel_for(shape.tiles(), threads, [&](int t) {
      if (stop && stop()) return;
      std::fill_n(columns_.get() + index(t) * tile_levels(), tile_levels(), std::int16_t{0});
    });
  }
  if (shape.nm != NmPattern{2, 4}) {
    marks_ = hwy::AllocateAligned<std::int16_t>(index(shape.tiles()) * index(shape.groups()) * 2 *
                                                index(tile_shape_.stride));
  }
  for (int t = 0; t < shape.tiles(); ++t) {
    RandomStream stream(seed, kPurpose, static_cast<std::uint64_t>(t));
    const std::uint64_t first = stream.next();
    random_.emplace_back(first, stream.next());
  }
  round_saliency(saliency, threads, stop);
}

void GyroscopeState::round_saliency(const MatrixView& saliency, int threads,
                                    const StopCheck& stop) {
  const auto rows = index(shape_.rows);
  std::vector<double> sums(rows);
  std::vector<float> largest(rows);
  parallel_for(shape_.rows, threads, [&](int r) {
    if (stop && stop()) return;
    sums[index(r)] = saliency.row(r).cast<double>().sum();
    largest[index(r)] = saliency.row(r).maxCoeff();
  });
  const double top = *std::max_element(largest.begin(), largest.end());
  if (top <= 0) return;
  const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) /
                      (static_cast<double>(shape_.rows) * shape_.cols);
  scale_ = kLargestLevel / std::min(top, kOutlier * mean);
  parallel_for(shape_.rows, threads, [&](int r) {
    if (stop && stop()) return;
    const float* const from = saliency.data() + index(r) * cols();
    std::int16_t* const to = &by_row_[index(r) * cols()];
    for (std::size_t c = 0; c < cols(); ++c) {
      const double level = std::min<double>(from[c] * scale_ + 0.5, kLargestLevel);
      to[c] = static_cast<std::int16_t>(level);
    }
  });
}

TileState GyroscopeState::tile(int t) {
  TileState out;
  out.levels = levels(t);
  out.vector_index = &slots_[index(t) * cols()];
  out.shares = &shares_[index(t) * index(shape_.kept)];
  out.dropped_from = &dropped_from_[index(t) * index(tile_shape_.windows() + 1)];
  if (marks_) {
    out.marks = marks_.get() + index(t) * index(shape_.groups()) * 2 * index(tile_shape_.stride);
  }
  return out;
}

void GyroscopeState::load(const Permutation& permutation, bool shuffle, int threads,
                          const StopCheck& stop) {
  parallel_for(shape_.tiles(), threads, [&](int t) {
    if (stop && stop()) return;
    load_vectors(t, permutation.tile_vectors(shape_, t), shuffle);
    set_rows(t, permutation.tile_rows(shape_, t).data());
    refresh_tile(tile_shape_, tile(t));
  });
}

/// Kept vectors as they come, the dropped by column. A dropped column belongs to the window of the
/// kept one before it, so that a window owns a run of columns: whatever is exchanged in it, the
/// windows stay in column order.
void GyroscopeState::load_vectors(int t, std::span<const std::int32_t> kept, bool shuffle) {
  const int windows = tile_shape_.windows();
  const int size = tile_shape_.window * tile_shape_.m;
  std::int32_t* const vector_index = &slots_[index(t) * cols()];
  std::int32_t* const dropped_from = &dropped_from_[index(t) * index(windows + 1)];
  std::vector<char> is_kept(cols(), 0);
  for (const auto c : kept) is_kept[index(c)] = 1;
  std::copy(kept.begin(), kept.end(), vector_index);
  std::int32_t slot = shape_.kept;
  int seen = 0;  // kept columns
  for (int c = 0; c < shape_.cols; ++c) {
    if (is_kept[index(c)] == 0) {
      vector_index[slot++] = c;
    } else if (seen++ % size == 0) {
      dropped_from[(seen - 1) / size] = slot;
    }
  }
  dropped_from[0] = shape_.kept;
  dropped_from[windows] = shape_.cols;
  if (!shuffle) return;
  for (int first = 0; first < shape_.kept; first += size) {
    for (int k = std::min(size, shape_.kept - first); k > 1; --k) {
      std::swap(vector_index[first + k - 1], vector_index[first + random(t).below(k)]);
    }
  }
}

Permutation GyroscopeState::permutation() const {
  Permutation out;
  out.output_order = order_;
  for (int t = 0; t < shape_.tiles(); ++t) {
    out.vector_index.insert(out.vector_index.end(), vectors(t), vectors(t) + shape_.kept);
  }
  return out;
}

std::int64_t GyroscopeState::retained(int threads) const {
  std::vector<std::int64_t> sums(index(shape_.tiles()));
  parallel_for(shape_.tiles(), threads, [&](int t) {
    std::vector<std::int32_t> kept(height());
    rate_rows(tile_shape_, levels(t), vectors(t), kept.data());
    sums[index(t)] = std::accumulate(kept.begin(), kept.end(), std::int64_t{0});
  });
  return std::accumulate(sums.begin(), sums.end(), std::int64_t{0});
}

int GyroscopeState::set_rows(int t, const std::int32_t* rows) {
  std::int32_t* const own = this->rows(t);
  std::vector<int> places;
  for (int i = 0; i < shape_.vector_size; ++i) {
    if (own[i] == rows[i]) continue;
    own[i] = rows[i];
    places.push_back(i);
  }
  if (places.empty()) return 0;
  copy_rows(t, places);
  refresh_tile(tile_shape_, tile(t));
  return static_cast<int>(places.size());
}

void GyroscopeState::copy_rows(int t, const std::vector<int>& places) {
  std::int16_t* const to = columns_.get() + index(t) * tile_levels();
  const bool wide = shape_.cols >= kWide;
  std::vector<int> single;
  for (std::size_t i = 0; i < places.size();) {
    const int block = places[i] / kWide;
    std::size_t end = i;
    while (end < places.size() && places[end] / kWide == block) ++end;
    const int first = block * kWide;
    if (wide && end - i > 1 && first + kWide <= shape_.vector_size) {
      std::array<const std::int16_t*, kWide> from{};
      for (int k = 0; k < kWide; ++k) from[index(k)] = levels_of(rows(t)[first + k]);
      place_rows(tile_shape_, from, first, to);
    } else {
      single.insert(single.end(), places.begin() + static_cast<std::ptrdiff_t>(i),
                    places.begin() + static_cast<std::ptrdiff_t>(end));
    }
    i = end;
  }
  copy_singly(t, single);
}

void GyroscopeState::copy_singly(int t, const std::vector<int>& places) {
  std::int16_t* const to = columns_.get() + index(t) * tile_levels();
  const auto stride = index(tile_shape_.stride);
  for (std::size_t first = 0; first < cols() && !places.empty(); first += kBlock) {
    const std::size_t last = std::min(first + kBlock, cols());
    for (const int place : places) {
      const std::int16_t* const from = levels_of(rows(t)[place]);
      for (std::size_t c = first; c < last; ++c) to[c * stride + index(place)] = from[c];
    }
  }
}

}  // namespace gyro

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/sparsity/packed.hpp"

namespace gyro {

/// Folding makes layers that were permuted each on its own fit together: a layer writes its rows in
/// permuted order (RowOrder::Permuted), and what reads them has that taken into its vector index,
/// once and offline. At run time nothing is translated.

/// Where a consumer finds its input channels: channel c is row positions[c] of the stored
/// activations. A permutation of 0 … channels − 1.
using ChannelPositions = std::vector<std::int32_t>;

/// A producer's channels among those of its consumer.
struct ProducerOutput {
  std::int32_t channels = 0;
  /// σ_o if the rows are stored in permuted order; empty: in original order.
  std::span<const std::int32_t> output_order;
};

/// Positions behind one producer: the inverse of σ_o. Fails if σ_o is no permutation.
[[nodiscard]] Result<ChannelPositions> positions_of(const ProducerOutput& producer);

/// Positions behind a concatenation of producers, in the order they are joined.
[[nodiscard]] Result<ChannelPositions> positions_of_concatenation(
    std::span<const ProducerOutput> producers);

/// Positions of what is read in blocks of `length` neighbours a channel: the kh·kw columns of a
/// convolution's input channel, or the H·W features that flattening makes of one.
[[nodiscard]] ChannelPositions positions_of_blocks(const ChannelPositions& channels, int length);

/// Positions behind a residual add: all its producers must be stored in one shared order. Fails
/// with Mismatch, naming the first that is not.
[[nodiscard]] Result<ChannelPositions> positions_of_sum(std::span<const ProducerOutput> producers);

/// The layer that reads permuted activations: index'[t][j] = positions[index[t][j]]. Values,
/// metadata and output order stay. Fails with Mismatch unless there is a position a column.
[[nodiscard]] Result<PackedLayer> fold_inputs(PackedLayer layer, const ChannelPositions& positions);

}  // namespace gyro

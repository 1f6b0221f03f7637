#include "core/model/folding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

constexpr std::int32_t kUnset = -1;

/// Fails unless positions are a permutation; what fold_inputs() needs to keep a layer valid.
Status check_positions(const ChannelPositions& positions) {
  std::vector<char> seen(positions.size(), 0);
  for (const auto position : positions) {
    const bool inside = position >= 0 && static_cast<std::size_t>(position) < positions.size();
    if (inside && seen[static_cast<std::size_t>(position)]++ == 0) continue;
    return fail(ErrorCode::Mismatch,
                fmt::format("position {} of {} channels is not there or taken twice", position,
                            positions.size()),
                {}, advice::kChanged);
  }
  return {};
}

bool same_order(const ProducerOutput& a, const ProducerOutput& b) {
  return a.channels == b.channels && std::equal(a.output_order.begin(), a.output_order.end(),
                                                b.output_order.begin(), b.output_order.end());
}

}  // namespace

Result<ChannelPositions> positions_of(const ProducerOutput& producer) {
  const auto channels = static_cast<std::size_t>(std::max(producer.channels, 0));
  if (producer.output_order.empty()) return identity_order(producer.channels);
  if (producer.output_order.size() != channels) {
    return fail(ErrorCode::Mismatch,
                fmt::format("an output order of {} rows for {} channels",
                            producer.output_order.size(), channels),
                {}, advice::kChanged);
  }
  ChannelPositions out(channels, kUnset);
  for (std::size_t i = 0; i < channels; ++i) {
    const std::int32_t channel = producer.output_order[i];
    if (channel < 0 || channel >= producer.channels ||
        out[static_cast<std::size_t>(channel)] != kUnset) {
      return fail(
          ErrorCode::Mismatch,
          fmt::format("the output order is no permutation: row {} names channel {}", i, channel),
          {}, advice::kChanged);
    }
    out[static_cast<std::size_t>(channel)] = static_cast<std::int32_t>(i);
  }
  return out;
}

Result<ChannelPositions> positions_of_concatenation(std::span<const ProducerOutput> producers) {
  ChannelPositions out;
  for (const ProducerOutput& producer : producers) {
    GYRO_TRY(const ChannelPositions part, positions_of(producer));
    const auto offset = static_cast<std::int32_t>(out.size());
    for (const auto position : part) out.push_back(offset + position);
  }
  return out;
}

ChannelPositions positions_of_blocks(const ChannelPositions& channels, int length) {
  ChannelPositions out;
  out.reserve(channels.size() * static_cast<std::size_t>(length));
  for (const auto position : channels) {
    for (int i = 0; i < length; ++i) out.push_back(position * length + i);
  }
  return out;
}

Result<ChannelPositions> positions_of_sum(std::span<const ProducerOutput> producers) {
  if (producers.empty())
    return fail(ErrorCode::InvalidArgument, "there is nothing to add", {},
                "Name at least one layer.");
  for (std::size_t i = 1; i < producers.size(); ++i) {
    if (same_order(producers[0], producers[i])) continue;
    return fail(ErrorCode::Mismatch,
                fmt::format("summand {} is stored in another order than the first", i + 1), {},
                "Search them with one shared output order, or store them in original order.");
  }
  return positions_of(producers.front());
}

Result<PackedLayer> fold_inputs(PackedLayer layer, const ChannelPositions& positions) {
  if (positions.size() != static_cast<std::size_t>(layer.shape.cols)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("{} positions for a layer that reads {} channels", positions.size(),
                            layer.shape.cols),
                {}, advice::kChanged);
  }
  GYRO_CHECK(check_positions(positions));
  GYRO_CHECK(validate(layer));
  for (auto& column : layer.permutation.vector_index) {
    column = positions[static_cast<std::size_t>(column)];
  }
  return layer;
}

}  // namespace gyro

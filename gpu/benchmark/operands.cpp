#include "gpu/benchmark/operands.hpp"

#include <numeric>

#include "core/base/random.hpp"

namespace gyro::cuda {
namespace {

constexpr std::uint64_t kOrderPurpose = 0x6f72646572;
constexpr std::uint64_t kIndexPurpose = 0x696e646578;

}  // namespace

gyro_packed HostLayer::view() const {
  gyro_packed out{};
  out.shape = {shape.rows, shape.cols, shape.vector_size, shape.nm.n, shape.nm.m, shape.kept};
  out.type = type;
  out.output_order = orders.output_order.data();
  out.vector_index = orders.vector_index.data();
  out.values = values.data();
  out.metadata = metadata.data();
  return out;
}

Orders random_orders(const HinmShape& shape, std::uint64_t seed) {
  Orders out;
  out.output_order = std::vector<std::int32_t>(static_cast<std::size_t>(shape.rows));
  std::iota(out.output_order.begin(), out.output_order.end(), 0);
  RandomStream(seed, kOrderPurpose).shuffle(std::span(out.output_order));
  out.vector_index.reserve(static_cast<std::size_t>(shape.tiles()) *
                           static_cast<std::size_t>(shape.kept));
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    RandomStream random(seed, kIndexPurpose, static_cast<std::uint64_t>(tile));
    const auto drawn = random.draw(shape.cols, shape.kept);
    out.vector_index.insert(out.vector_index.end(), drawn.begin(), drawn.end());
  }
  return out;
}

}  // namespace gyro::cuda

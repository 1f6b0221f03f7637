#include <algorithm>
#include <array>
#include <utility>

#include "gpu/spmm/path.hpp"
#include "gpu/spmm/sm80/sm80.hpp"

namespace gyro::cuda {
namespace {

class Sm80Image : public SpmmImage {
 public:
  explicit Sm80Image(sm80::Blocks blocks) : blocks_(std::move(blocks)) {}

  [[nodiscard]] std::size_t device_bytes() const override {
    return blocks_.values.size() * sizeof(uint4) + blocks_.index.size() * sizeof(std::int32_t) +
           blocks_.output_order.size() * sizeof(std::int32_t) + blocks_.bias.size() * sizeof(float);
  }
  [[nodiscard]] Status launch(const SpmmOperands& operands, cudaStream_t stream) const override {
    return sm80::launch(blocks_, operands, stream);
  }

 private:
  sm80::Blocks blocks_;
};

bool fits(const gyro_context& context, const HinmShape& shape) {
  return context.capability >= 80 && shape.nm == NmPattern{2, 4} &&
         shape.vector_size % sm80::kRowBlock == 0;
}

/// The longest of three roads: B gathered out of the L2 cache once a row block, the products, and
/// the stages of one tile behind each other; all as measured on an H100.
double cost_us(const gyro_context& context, const HinmShape& shape, std::int64_t tokens) {
  constexpr double kBytesPerUs = 60e3;  // of one multiprocessor
  constexpr double kFlopPerUs = 2.6e6;  // of one multiprocessor, zeros counted
  constexpr double kStageUs = 0.6;
  constexpr double kStartUs = 8;
  int rows = sm80::kRowBlock;
  while (rows < 128 && shape.vector_size % (2 * rows) == 0) rows *= 2;
  const double vectors = static_cast<double>(shape.rows) / rows * shape.kept;
  const auto columns = static_cast<double>((tokens + 63) / 64 * 64);
  const double bytes = vectors * columns * 2;
  const double flop = 2.0 * shape.rows * shape.kept * columns;
  const double stages = (shape.kept + sm80::kStageVectors - 1) / sm80::kStageVectors;
  const double together =
      std::max(bytes / kBytesPerUs, flop / kFlopPerUs) / context.multiprocessors;
  return kStartUs + std::max(together, kStageUs * stages);
}

Result<std::unique_ptr<SpmmImage>> prepare(const gyro_context& context,
                                           const PackedOnDevice& packed, cudaStream_t stream) {
  GYRO_TRY(auto blocks, sm80::convert(packed, stream));
  blocks.shared_memory = context.shared_memory;
  return std::make_unique<Sm80Image>(std::move(blocks));
}

constexpr std::array<SpmmPath, 1> kPaths{{{"sm80", fits, cost_us, prepare}}};

}  // namespace

std::span<const SpmmPath> sm80_paths() {
  return kPaths;
}

}  // namespace gyro::cuda

#include <array>
#include <utility>

#include "gpu/spmm/path.hpp"
#include "gpu/spmm/sm90/cost.hpp"
#include "gpu/spmm/sm90/image.hpp"
#include "gpu/spmm/sm90/launch.hpp"

namespace gyro::cuda {
namespace {

using sm90::Variant;

class Sm90Image : public SpmmImage {
 public:
  Sm90Image(sm90::DeviceImage image, sm90::Launcher launcher)
      : image_(std::move(image)), launcher_(std::move(launcher)) {}

  [[nodiscard]] std::size_t device_bytes() const override {
    return image_.bytes() + launcher_.bytes();
  }
  [[nodiscard]] Status launch(const SpmmOperands& operands, cudaStream_t stream) const override {
    return launcher_.launch(image_, operands, stream);
  }

 private:
  sm90::DeviceImage image_;
  sm90::Launcher launcher_;
};

template <Variant Kind>
bool fits(const gyro_context& context, const HinmShape& shape) {
  return context.capability == 90 && shape.nm == NmPattern{2, 4} &&
         shape.vector_size % Kind.rows == 0;
}

template <Variant Kind>
double cost_us(const gyro_context& context, const HinmShape& shape, std::int64_t tokens) {
  return sm90::cost_us(context, Kind, shape, tokens);
}

template <Variant Kind>
Result<std::unique_ptr<SpmmImage>> prepare(const gyro_context& context,
                                           const PackedOnDevice& packed, cudaStream_t stream) {
  GYRO_TRY(auto launcher, sm90::Launcher::make(Kind, packed.type == GYRO_BF16, context));
  GYRO_TRY(auto image, sm90::make_image(packed, Kind.rows, stream));
  return std::make_unique<Sm90Image>(std::move(image), std::move(launcher));
}

template <Variant Kind>
constexpr SpmmPath path(const char* name) {
  return {name, fits<Kind>, cost_us<Kind>, prepare<Kind>};
}

/// v: rows of a part of a tile; pair: two blocks share A; split: blocks share the kept dimension.
constexpr std::array kPaths{
    path<Variant{128, 256, 1, false}>("sm90/v128"),
    path<Variant{128, 256, 2, false}>("sm90/v128-pair"),
    path<Variant{128, 64, 1, true}>("sm90/v128-split"),
    path<Variant{64, 512, 1, false}>("sm90/v64"),
    path<Variant{64, 64, 1, true}>("sm90/v64-split"),
};

}  // namespace

std::span<const SpmmPath> sm90_paths() {
  return kPaths;
}

}  // namespace gyro::cuda

#include <algorithm>
#include <array>
#include <string>

#include "gpu/spmm/path.hpp"
#include "gpu/spmm/sm90/cost.hpp"
#include "gpu/spmm/sm90/image.hpp"
#include "gpu/spmm/sm90/launch.hpp"

namespace gyro::cuda {
namespace {

using sm90::Form;

class Sm90Image : public SpmmImage {
 public:
  Sm90Image(sm90::DeviceImage image, Form form, bool bf16, const gyro_context& context)
      : image_(std::move(image)), form_(form), bf16_(bf16), context_(context) {}

  [[nodiscard]] std::size_t device_bytes() const override { return image_.bytes(); }
  [[nodiscard]] Status launch(const SpmmOperands& operands, cudaStream_t stream) const override {
    return sm90::launch(context_, image_, form_, bf16_, operands, stream);
  }

 private:
  sm90::DeviceImage image_;
  Form form_;
  bool bf16_;
  gyro_context context_;
};

template <int Rows>
bool fits(const gyro_context& context, const HinmShape& shape) {
  return context.capability == 90 && shape.nm == NmPattern{2, 4} && shape.vector_size % Rows == 0;
}

template <int Rows, Form Kind>
double cost_us(const gyro_context& context, const HinmShape& shape, std::int64_t tokens) {
  return sm90::cost_us(context, {Rows, Kind}, shape, tokens);
}

template <int Rows, Form Kind>
Result<std::unique_ptr<SpmmImage>> prepare(const gyro_context& context,
                                           const PackedOnDevice& packed, cudaStream_t stream) {
  GYRO_CHECK(sm90::allow_shared_memory());
  GYRO_TRY(auto image, sm90::make_image(packed, Rows, stream));
  return std::make_unique<Sm90Image>(std::move(image), Kind, packed.type == GYRO_BF16, context);
}

template <int Rows, Form Kind>
constexpr SpmmPath path(const char* name) {
  return {name, fits<Rows>, cost_us<Rows, Kind>, prepare<Rows, Kind>};
}

constexpr std::array kPaths{
    path<128, Form::Single>("sm90/v128"),      path<128, Form::Pair>("sm90/v128-pair"),
    path<128, Form::Split>("sm90/v128-split"), path<64, Form::Single>("sm90/v64"),
    path<64, Form::Split>("sm90/v64-split"),
};

}  // namespace

std::span<const SpmmPath> sm90_paths() {
  return kPaths;
}

}  // namespace gyro::cuda

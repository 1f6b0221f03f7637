#include <array>

#include "gpu/spmm/general/general.hpp"
#include "gpu/spmm/path.hpp"

namespace gyro::cuda {
namespace {

template <class T>
Status copy(DeviceArray<T>& to, const T* from, std::size_t size, cudaStream_t stream) {
  GYRO_TRY(to, DeviceArray<T>::make(size));
  return check(cudaMemcpyAsync(to.data(), from, size * sizeof(T), cudaMemcpyDeviceToDevice, stream),
               "copying the packed layer");
}

/// The packed layer itself.
class GeneralImage : public SpmmImage {
 public:
  [[nodiscard]] Status take(const PackedOnDevice& packed, cudaStream_t stream) {
    const HinmShape& shape = packed.shape;
    const auto rows = static_cast<std::size_t>(shape.rows);
    const auto per_row = static_cast<std::size_t>(shape.kept_per_row());
    packed_ = packed;
    GYRO_CHECK(copy(output_order_, packed.output_order, rows, stream));
    GYRO_CHECK(copy(vector_index_, packed.vector_index,
                    static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept),
                    stream));
    GYRO_CHECK(copy(values_, packed.values, rows * per_row, stream));
    GYRO_CHECK(copy(metadata_, packed.metadata, rows * ((per_row + 7) / 8), stream));
    if (packed.bias != nullptr) GYRO_CHECK(copy(bias_, packed.bias, rows, stream));
    packed_.output_order = output_order_.data();
    packed_.vector_index = vector_index_.data();
    packed_.values = values_.data();
    packed_.metadata = metadata_.data();
    packed_.bias = bias_.data();
    return {};
  }

  [[nodiscard]] std::size_t device_bytes() const override {
    return (output_order_.size() + vector_index_.size()) * sizeof(std::int32_t) +
           (values_.size() + metadata_.size()) * sizeof(std::uint16_t) +
           bias_.size() * sizeof(float);
  }
  [[nodiscard]] Status launch(const SpmmOperands& operands, cudaStream_t stream) const override {
    return general::launch(packed_, operands, stream);
  }

 private:
  PackedOnDevice packed_;
  DeviceArray<std::int32_t> output_order_;
  DeviceArray<std::int32_t> vector_index_;
  DeviceArray<std::uint16_t> values_;
  DeviceArray<std::uint16_t> metadata_;
  DeviceArray<float> bias_;
};

bool fits(const gyro_context& /*context*/, const HinmShape& shape) {
  return shape.nm.m <= 4;
}

double cost_us(const gyro_context& context, const HinmShape& shape, std::int64_t tokens) {
  constexpr double kFlopPerUs = 18e3;  // of one multiprocessor, as measured on an H100
  constexpr double kStartUs = 8;
  const auto columns = static_cast<double>((tokens + 63) / 64 * 64);
  const double flop = 2.0 * shape.rows * shape.kept_per_row() * columns;
  return kStartUs + flop / kFlopPerUs / context.multiprocessors;
}

Result<std::unique_ptr<SpmmImage>> prepare(const gyro_context& /*context*/,
                                           const PackedOnDevice& packed, cudaStream_t stream) {
  auto image = std::make_unique<GeneralImage>();
  GYRO_CHECK(image->take(packed, stream));
  return image;
}

constexpr std::array<SpmmPath, 1> kPaths{{{"general", fits, cost_us, prepare}}};

}  // namespace

std::span<const SpmmPath> general_paths() {
  return kPaths;
}

}  // namespace gyro::cuda

#pragma once

#include <cstdint>
#include <vector>

#include "gpu/search/field.hpp"
#include "gpu/search/kernels.hpp"
#include "gpu/search/saliency.hpp"

namespace gyro::cuda {

/// A permutation on the host, as the module's interface has it.
struct FoundOrders {
  std::vector<std::int32_t> output_order;  ///< [rows]
  std::vector<std::int32_t> vector_index;  ///< [tiles · kept]
};

/// What the annealing holds on the device, in one allocation: about 4 bytes a weight, 2 if the
/// layout is wide.
class SearchState {
 public:
  /// Takes the memory; `saliency` [rows × cols] is device memory that stays, `sums` its sums.
  [[nodiscard]] static Result<SearchState> make(const gyro_context& context, const Layout& layout,
                                                const float* saliency, const SaliencySums& sums);

  /// Bytes that a search over this layer takes on the device besides the saliency.
  [[nodiscard]] static std::size_t bytes(const Layout& layout);

  /// Puts rows in this order, [rows], and gives every tile its default vectors. Waits until it is
  /// done; the column vectors are gone until place().
  [[nodiscard]] Status load(const std::vector<std::int32_t>& order);
  /// What the first sweep goes by; nothing is counted yet.
  [[nodiscard]] Status start(const Control& control);
  /// Column vectors of every tile anew, from the order.
  [[nodiscard]] Status place();

  /// Saliency that the present permutation keeps, a share of the total, in double.
  [[nodiscard]] Result<double> retained();
  [[nodiscard]] Result<FoundOrders> orders() const;

  [[nodiscard]] const Field& field() const { return field_; }
  [[nodiscard]] Pace* pace() const { return pace_; }
  [[nodiscard]] const Launch& launch() const { return launch_; }
  [[nodiscard]] double total() const { return sums_.total; }
  /// Units that the sweeps reckon in, halves or codes, per unit of saliency.
  [[nodiscard]] double scale() const { return scale_; }

 private:
  std::size_t lay_out(std::byte* base);
  [[nodiscard]] Status upload_factors();

  DeviceArray<std::byte> memory_;
  Field field_{};
  Launch launch_;
  const float* saliency_ = nullptr;
  SaliencySums sums_;
  double scale_ = 0;
  __half* by_row_ = nullptr;
  Code* codes_ = nullptr;
  std::uint16_t* factors_ = nullptr;
  Pace* pace_ = nullptr;
  double* kept_ = nullptr;  ///< [rows]
};

}  // namespace gyro::cuda

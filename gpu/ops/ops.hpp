#pragma once

#include "gpu/module/context.hpp"

/// The table's entries for the arithmetic around a search (core/device/module_abi.h says what each
/// does). All of them refuse empty and contradictory sizes and values that are not finite, work in
/// pieces where the memory budget is smaller than the layer, and can be cancelled between pieces.
/// The results are the same for every budget, up to the last digits of the sums in float.
namespace gyro::cuda {

/// Within one unit in the last place of compute_saliency(); 2e-6 relative for Ria. Scores need no
/// computation and are not supported.
std::int32_t saliency(gyro_context* context, gyro_matrix weight, const gyro_saliency_inputs* inputs,
                      float* out, const gyro_progress* progress, gyro_failure* failure) noexcept;

/// The mask and the sums of build_mask() and measure(), bit for bit.
std::int32_t mask(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                  gyro_orders orders, std::uint8_t* mask_bytes, double* row_retained,
                  const gyro_progress* progress, gyro_failure* failure) noexcept;

/// Weight sums in double, 1e-12 relative. Output sums from products in float (no TF32), each
/// within 2e-5 of |row|² |X|²_F / tokens or of itself, whichever is larger.
std::int32_t pruning_error(gyro_context* context, gyro_matrix weight,
                           const std::uint8_t* mask_bytes, gyro_matrix inputs, gyro_row_errors* out,
                           const gyro_progress* progress, gyro_failure* failure) noexcept;

/// Sums in float, 5e-6 relative; an argument error where one leaves the range of float.
std::int32_t tile_products(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                           gyro_orders orders, float* out, const gyro_progress* progress,
                           gyro_failure* failure) noexcept;

/// Column sums in double over ascending rows, 1e-9 of a tile's total saliency.
std::int32_t output_costs(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                          const std::int32_t* remaining, const std::int32_t* clusters,
                          std::int32_t c, double* out, const gyro_progress* progress,
                          gyro_failure* failure) noexcept;

/// 2e-6 relative.
std::int32_t input_costs(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                         gyro_orders orders, const std::int32_t* slot, double* out,
                         const gyro_progress* progress, gyro_failure* failure) noexcept;

/// Optimal up to rounding: total cost within 1e-12 of the largest |cost| times size. With ties the
/// assignment may be another one than solve_assignment()'s, the same on every run.
std::int32_t assign(gyro_context* context, std::int32_t batch, std::int32_t size,
                    const double* cost, std::int32_t* assignment, const gyro_progress* progress,
                    gyro_failure* failure) noexcept;

}  // namespace gyro::cuda

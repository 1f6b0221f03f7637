#pragma once

#include <cstdint>

#include "gpu/spmm/sm90/schedule.hpp"

namespace gyro::cuda::sm90 {

/// What a launch gives a kernel; all in device memory.
struct Arguments {
  const std::uint8_t* image;   ///< [tiles × stages] image blocks
  const std::int32_t* index;   ///< [tiles × stages × kBlock] rows of B, −1: read as zero
  const float* bias;           ///< [rows] in permuted order
  const std::int32_t* row_of;  ///< [rows] where a permuted row goes in C
  const std::uint16_t* b;
  std::uint16_t* c;
  std::int64_t ldb;
  std::int64_t ldc;
  bool has_bias;
  float* partial;  ///< split kernels: [2 × blocks] sums of pieces, see split_kernel.cuh
  int* arrived;    ///< split kernels: [blocks × consumer warps] pieces of an item that are there,
                   ///< 0 between launches
  int rows_of_b;   ///< split kernels
  bool padded;     ///< the last stage of every tile has indices of −1
  Schedule schedule;
};

}  // namespace gyro::cuda::sm90

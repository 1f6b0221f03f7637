#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "gpu/search/layout.hpp"

namespace gyro::cuda {

/// A temperature that follows how often its moves lose and are done all the same; the reasons for
/// it stand at core/permutation/gyroscope_schedule.hpp. Temperatures in units of the mean saliency.
struct Thermostat {
  float temperature = 1;
  float lowest = 0;
  float highest = 1;
  float first = 0;  ///< log-odds of a losing move wanted at the start (a judgement, counted double)
  float last = 0;   ///< and at the end of the annealing,
  float bend = 1;   ///< and on the way: below 1 it comes down early
  float counted = 0;
  float moved = 0;
  float last_change = 0;  ///< share of the budget
};

/// Where in its budget a search is: share at sweep `from`, and what a sweep adds. Written by the
/// host between sweeps.
struct Pace {
  float share = 0;
  float per_sweep = 0;
  std::uint32_t from = 0;
  float warmth = 1;  ///< 1: there is time for rows to start at `first`; 0: a few sweeps only
};

/// Saliency in a byte: the bits 6 to 13 of a half, four of the exponent and four of the mantissa.
/// So order is kept, and two codes become two halves in two instructions. With the mean at
/// kCodedMean, codes reach up to 256 times the mean, down to 1/128 of it within 1/32, below in even
/// steps.
using Code = std::uint8_t;
inline constexpr double kCodedMean = 0x1p-7;

/// What was done since the start.
struct Counts {
  unsigned long long vectors = 0;
  unsigned long long losing_vectors = 0;
  unsigned long long rows = 0;
  unsigned long long losing_rows = 0;
  unsigned long long row_sweeps = 0;  ///< in which rows moved
};

/// What steers the sweeps, on the device: the last kernel of a sweep plans the next.
struct Control {
  float vector_temperature = 1;
  float row_temperature = 1;
  std::uint32_t sweep = 0;
  std::uint32_t seed = 0;
  float hotter_rows = 0;   ///< log-odds that rows start higher in a search of a few sweeps
  float frozen = 0;        ///< temperature of the quench
  float vector_pairs = 0;  ///< judged in a sweep in which rows rest,
  float few_pairs = 0;     ///< and in one that moves them
  float row_pairs = 0;
  float rest = 0;             ///< share of the rows that move between two sweeps that move rows
  std::uint32_t begins = 1;   ///< the next sweep is the search's first (wide layouts)
  std::uint32_t resting = 0;  ///< sweeps, from this one on, in which rows stay
  Thermostat vectors;
  Thermostat rows;
  Counts heard;  ///< that the thermostats know of
};

/// Random factors for a round's pairing i -> (a i + b) mod size: numbers coprime to size.
inline constexpr int kFactors = 256;
/// The sizes that occur: groups of a part, groups of dropped vectors of a part, rows of a cluster;
/// of each the smaller and the larger one.
inline constexpr int kFactorSizes = 6;

/// All that the kernels of a sweep work on; device memory.
struct Field {
  Layout layout;
  Control* control;
  Control* next;  ///< that a wide layout's sweep begins with, and leaves behind
  Counts* counts;
  const Pace* pace;
  const __half* by_row;  ///< [rows][stride] saliency in units of its mean
  __half* columns;       ///< [tiles][cols][width] the same by column vector, rows in their order
  const Code* codes;     ///< both as codes, if the layout is wide; else there are none
  Code* sheets;          ///< the second in sheets: [tiles][width / sheet][stride][sheet]
  std::int32_t* order;   ///< [rows] output order
  std::int32_t* before;  ///< [rows] scratch
  std::uint16_t* index;  ///< [tiles][slots] columns: kept in group order, then the dropped
  float* table;          ///< what a row would keep in a tile, by cluster: [tiles][tiles · V]
  std::uint32_t*
      changed;  ///< [tiles] bit i: rows of its i-th kSheetRows (the last: the rest) moved
  const std::uint16_t* factors;  ///< [kFactorSizes][kFactors]
};

}  // namespace gyro::cuda

#include "core/io/scalar.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}
float float_of(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}

// Without branches and without float subnormals as operands, so that it becomes SIMD code and
// small weights are not slow.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = (std::uint32_t{half} & 0x8000U) << 16;
  const std::uint32_t magnitude = (std::uint32_t{half} & 0x7fffU) << 13;
  const std::uint32_t special = magnitude >= 0x0f800000U ? 112U << 23 : 0U;
  const std::uint32_t normal = magnitude + (112U << 23) + special;
  const float small = float_of(magnitude + (113U << 23)) - float_of(113U << 23);
  return float_of((magnitude < 0x00800000U ? bits_of(small) : normal) | sign);
}

std::uint16_t to_half(float value) {
  const std::uint32_t sign = bits_of(value) & 0x80000000U;
  const std::uint32_t magnitude = bits_of(value) ^ sign;
  std::uint32_t out = 0;
  if (magnitude >= 143U << 23) {  // 2^16 and more, infinity, NaN
    out = magnitude > 0x7f800000U ? 0x7e00U : 0x7c00U;
  } else if (magnitude < 113U << 23) {  // subnormal in half: the addition rounds
    out = bits_of(float_of(magnitude) + float_of(126U << 23)) - (126U << 23);
  } else {
    out = (magnitude - (112U << 23) + 0xfffU + ((magnitude >> 13) & 1U)) >> 13;
  }
  return static_cast<std::uint16_t>(out | (sign >> 16));
}

std::uint16_t to_bfloat(float value) {
  const std::uint32_t bits = bits_of(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

template <class Stored, class Convert>
void convert_in(const std::byte* from, std::int64_t count, float* to, Convert convert) {
  for (std::int64_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, from + i * static_cast<std::int64_t>(sizeof(Stored)), sizeof(Stored));
    to[i] = convert(stored);
  }
}

template <class Stored>
void cast_in(const std::byte* from, std::int64_t count, float* to) {
  convert_in<Stored>(from, count, to, [](Stored stored) { return static_cast<float>(stored); });
}

template <class Stored, class Convert>
void convert_out(const float* from, std::int64_t count, std::byte* to, Convert convert) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Stored stored = convert(from[i]);
    std::memcpy(to + i * static_cast<std::int64_t>(sizeof(Stored)), &stored, sizeof(Stored));
  }
}

template <class Word, class Swap>
void swap_words(std::span<std::byte> entries, Swap swap) {
  for (std::size_t at = 0; at + sizeof(Word) <= entries.size(); at += sizeof(Word)) {
    Word word;
    std::memcpy(&word, entries.data() + at, sizeof(Word));
    word = swap(word);
    std::memcpy(entries.data() + at, &word, sizeof(Word));
  }
}

}  // namespace

std::string_view name_of(ScalarType type) {
  switch (type) {
    case ScalarType::F16:
      return "float16";
    case ScalarType::BF16:
      return "bfloat16";
    case ScalarType::F32:
      return "float32";
    case ScalarType::F64:
      return "float64";
    case ScalarType::I8:
      return "int8";
    case ScalarType::U8:
      return "uint8";
    case ScalarType::I16:
      return "int16";
    case ScalarType::U16:
      return "uint16";
    case ScalarType::I32:
      return "int32";
    case ScalarType::U32:
      return "uint32";
    case ScalarType::I64:
      return "int64";
    case ScalarType::U64:
      return "uint64";
    case ScalarType::Bool:
      return "bool";
  }
  return "unknown";
}

std::size_t size_of(ScalarType type) {
  switch (type) {
    case ScalarType::I8:
    case ScalarType::U8:
    case ScalarType::Bool:
      return 1;
    case ScalarType::F16:
    case ScalarType::BF16:
    case ScalarType::I16:
    case ScalarType::U16:
      return 2;
    case ScalarType::F32:
    case ScalarType::I32:
    case ScalarType::U32:
      return 4;
    case ScalarType::F64:
    case ScalarType::I64:
    case ScalarType::U64:
      return 8;
  }
  return 1;
}

bool is_floating(ScalarType type) {
  return type == ScalarType::F16 || type == ScalarType::BF16 || type == ScalarType::F32 ||
         type == ScalarType::F64;
}

std::int64_t TensorInfo::count() const {
  std::int64_t product = 1;
  for (const auto extent : shape) product *= extent;
  return product;
}

std::int64_t TensorInfo::bytes() const {
  return count() * static_cast<std::int64_t>(size_of(type));
}

Result<std::int64_t> checked_bytes(ScalarType type, const std::vector<std::int64_t>& shape) {
  if (shape.size() > 32) {
    return fail(ErrorCode::Malformed, fmt::format("it has {} dimensions", shape.size()), {},
                advice::kDamaged);
  }
  auto left = (std::int64_t{1} << 62) / static_cast<std::int64_t>(size_of(type));
  bool empty = false;
  for (const auto extent : shape) {
    if (extent < 0) {
      return fail(ErrorCode::Malformed,
                  fmt::format("its shape {} has a negative extent", shape_text(shape)), {},
                  advice::kDamaged);
    }
    empty |= extent == 0;
    left /= std::max<std::int64_t>(extent, 1);
    if (left == 0) {
      return fail(ErrorCode::Malformed,
                  fmt::format("its shape {} is too large for any file", shape_text(shape)), {},
                  advice::kDamaged);
    }
  }
  return empty ? 0 : TensorInfo{{}, type, shape}.bytes();
}

void swap_bytes(std::size_t size, std::span<std::byte> entries) {
  if (size == 2) {
    swap_words<std::uint16_t>(entries, [](auto word) { return __builtin_bswap16(word); });
  } else if (size == 4) {
    swap_words<std::uint32_t>(entries, [](auto word) { return __builtin_bswap32(word); });
  } else if (size == 8) {
    swap_words<std::uint64_t>(entries, [](auto word) { return __builtin_bswap64(word); });
  }
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "×"));
}

void convert_to_float(ScalarType type, const std::byte* from, std::int64_t count, float* to) {
  switch (type) {
    case ScalarType::F16:
      return convert_in<std::uint16_t>(from, count, to, from_half);
    case ScalarType::BF16:
      return convert_in<std::uint16_t>(
          from, count, to, [](std::uint16_t bits) { return float_of(std::uint32_t{bits} << 16); });
    case ScalarType::F32:
      if (count > 0) std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
      return;
    case ScalarType::F64:
      return cast_in<double>(from, count, to);
    case ScalarType::I8:
      return cast_in<std::int8_t>(from, count, to);
    case ScalarType::U8:
      return cast_in<std::uint8_t>(from, count, to);
    case ScalarType::I16:
      return cast_in<std::int16_t>(from, count, to);
    case ScalarType::U16:
      return cast_in<std::uint16_t>(from, count, to);
    case ScalarType::I32:
      return cast_in<std::int32_t>(from, count, to);
    case ScalarType::U32:
      return cast_in<std::uint32_t>(from, count, to);
    case ScalarType::I64:
      return cast_in<std::int64_t>(from, count, to);
    case ScalarType::U64:
      return cast_in<std::uint64_t>(from, count, to);
    case ScalarType::Bool:
      return convert_in<std::uint8_t>(from, count, to,
                                      [](std::uint8_t value) { return value != 0 ? 1.0F : 0.0F; });
  }
}

void convert_from_float(ScalarType type, const float* from, std::int64_t count, std::byte* to) {
  if (type == ScalarType::F16) {
    convert_out<std::uint16_t>(from, count, to, to_half);
  } else if (type == ScalarType::BF16) {
    convert_out<std::uint16_t>(from, count, to, to_bfloat);
  } else if (type == ScalarType::F64) {
    convert_out<double>(from, count, to, [](float value) { return double{value}; });
  } else if (type == ScalarType::F32) {
    convert_out<float>(from, count, to, [](float value) { return value; });
  }
}

}  // namespace gyro

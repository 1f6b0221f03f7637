#include "core/io/npy_header.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/advice.hpp"
#include "core/io/input_file.hpp"
#include "core/io/scalar.hpp"

namespace gyro {
namespace {

constexpr std::uint32_t kLongestHeader = 1 << 20;
constexpr std::int64_t kTile = 64;

tl::unexpected<Error> malformed(std::string what) {
  return fail(ErrorCode::Malformed, std::move(what), "", advice::kDamaged);
}

/// A reader of the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at(char wanted) {
    skip_space();
    return !rest_.empty() && rest_.front() == wanted;
  }
  bool done() {
    skip_space();
    return rest_.empty();
  }
  std::optional<std::string> text() {
    const char quote = at('"') ? '"' : '\'';
    if (!take(quote)) return std::nullopt;
    const auto end = rest_.find(quote);
    if (end == std::string_view::npos) return std::nullopt;
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return out;
  }
  std::optional<bool> truth() {
    skip_space();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(std::strlen(word));
      return value;
    }
    return std::nullopt;
  }
  std::optional<std::int64_t> number() {
    skip_space();
    std::int64_t value = 0;
    const auto result = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (result.ec != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(result.ptr - rest_.data()));
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // written by Python 2
    return value;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }
  std::string_view rest_;
};

Status parse_type(const std::string& descr, NpyHeader& header) {
  using enum ScalarType;
  constexpr std::array<std::pair<std::string_view, ScalarType>, 12> kTypes{{{"f2", F16},
                                                                            {"f4", F32},
                                                                            {"f8", F64},
                                                                            {"i1", I8},
                                                                            {"u1", U8},
                                                                            {"i2", I16},
                                                                            {"u2", U16},
                                                                            {"i4", I32},
                                                                            {"u4", U32},
                                                                            {"i8", I64},
                                                                            {"u8", U64},
                                                                            {"b1", Bool}}};
  const std::string_view order = std::string_view(descr).substr(0, 1);
  const bool marked = !order.empty() && std::string_view("<>|=").find(order) != std::string::npos;
  const std::string_view code = std::string_view(descr).substr(marked ? 1 : 0);
  for (const auto& [text, type] : kTypes) {
    if (text != code) continue;
    header.info.type = type;
    header.big_endian = order == ">" && size_of(type) > 1;
    return {};
  }
  if (code.starts_with('O')) {
    return fail(ErrorCode::Unsupported, "it holds pickled Python objects, which are never loaded",
                "", "Save it as an array of float32 or float16.");
  }
  return fail(ErrorCode::Unsupported, fmt::format("it holds NumPy's type “{}”", descr), "",
              "Save it as an array of float32 or float16.");
}

Result<std::vector<std::int64_t>> parse_shape(Literal& literal) {
  std::vector<std::int64_t> shape;
  if (!literal.take('(')) return malformed("its header has no valid shape");
  while (!literal.take(')')) {
    const auto extent = literal.number();
    if (!extent || shape.size() >= 32) return malformed("its header has no valid shape");
    shape.push_back(*extent);
    if (!literal.take(',') && !literal.at(')')) {
      return malformed("its header has no valid shape");
    }
  }
  return shape;
}

Result<NpyHeader> parse_literal(std::string_view text) {
  Literal literal(text);
  NpyHeader header;
  bool has_type = false;
  bool has_order = false;
  bool has_shape = false;
  if (!literal.take('{')) return malformed("its header is not a dictionary");
  while (!literal.take('}')) {
    const auto key = literal.text();
    if (!key || !literal.take(':')) return malformed("its header is not a valid dictionary");
    if (*key == "descr" && !has_type) {
      has_type = true;
      if (literal.at('[')) {
        return fail(ErrorCode::Unsupported, "it holds a structured type", "",
                    "Save each field as an array of its own.");
      }
      const auto descr = literal.text();
      if (!descr) return malformed("its header has no valid type");
      GYRO_CHECK(parse_type(*descr, header));
    } else if (*key == "fortran_order" && !has_order) {
      has_order = true;
      const auto order = literal.truth();
      if (!order) return malformed("its header has no valid order");
      header.fortran_order = *order;
    } else if (*key == "shape" && !has_shape) {
      has_shape = true;
      GYRO_TRY(header.info.shape, parse_shape(literal));
    } else {
      return malformed(fmt::format("its header has the key “{}” twice or it is unknown", *key));
    }
    if (!literal.take(',') && !literal.at('}')) {
      return malformed("its header is not a valid dictionary");
    }
  }
  if (!literal.done() || !has_type || !has_order || !has_shape) {
    return malformed("its header lacks descr, fortran_order or shape");
  }
  return header;
}

/// Source: cols × rows, result: rows × cols.
template <class Word>
void transpose(const std::byte* from, std::byte* to, std::int64_t rows, std::int64_t cols) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(Word));
  for (std::int64_t r0 = 0; r0 < rows; r0 += kTile) {
    for (std::int64_t c0 = 0; c0 < cols; c0 += kTile) {
      for (std::int64_t r = r0; r < std::min(rows, r0 + kTile); ++r) {
        for (std::int64_t c = c0; c < std::min(cols, c0 + kTile); ++c) {
          std::memcpy(to + (r * cols + c) * kSize, from + (c * rows + r) * kSize, sizeof(Word));
        }
      }
    }
  }
}

void transpose(std::size_t size, const std::byte* from, std::byte* to, std::int64_t rows,
               std::int64_t cols) {
  if (size == 1) return transpose<std::uint8_t>(from, to, rows, cols);
  if (size == 2) return transpose<std::uint16_t>(from, to, rows, cols);
  if (size == 4) return transpose<std::uint32_t>(from, to, rows, cols);
  transpose<std::uint64_t>(from, to, rows, cols);
}

/// Fortran order of any rank: as many transpositions of matrices as there are leading axes.
void to_c_order(const TensorInfo& info, const std::byte* from, std::byte* to, std::byte* spare) {
  const auto size = static_cast<std::int64_t>(size_of(info.type));
  const std::int64_t count = info.count();
  std::int64_t before = 1;
  std::int64_t rest = count;
  const auto axes = info.shape.size() - 1;
  // After step i the first i axes lead in C order, the others still follow in Fortran order.
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t extent = info.shape[axis];
    rest /= extent;
    std::byte* target = (axes - axis) % 2 == 1 ? to : spare;
    for (std::int64_t b = 0; b < before; ++b) {
      const std::int64_t start = b * extent * rest * size;
      transpose(static_cast<std::size_t>(size), from + start, target + start, extent, rest);
    }
    before *= extent;
    from = target;
  }
}

}  // namespace

Result<NpyHeader> read_npy_header(const ByteSource& source, std::uint64_t size) {
  std::array<std::byte, 8> magic{};
  GYRO_CHECK(source(magic));
  if (std::memcmp(magic.data(), "\x93NUMPY", 6) != 0) return malformed("it is not an .npy array");
  const auto version = static_cast<unsigned>(magic[6]);
  if (version < 1 || version > 3) {
    return fail(ErrorCode::Unsupported, fmt::format(".npy version {} is unknown", version), {},
                "Save it again with numpy.save.");
  }
  std::uint32_t length = 0;
  const std::size_t width = version == 1 ? 2 : 4;
  GYRO_CHECK(source(std::as_writable_bytes(std::span(&length, 1)).first(width)));
  const std::uint64_t data_start = 8 + width + length;
  if (length > kLongestHeader || data_start > size) {
    return malformed(fmt::format("its header is said to be {} bytes long", length));
  }
  std::string text(length, '\0');
  GYRO_CHECK(source(std::as_writable_bytes(std::span(text))));
  GYRO_TRY(NpyHeader header, parse_literal(text));
  header.data_start = data_start;
  GYRO_TRY(const std::int64_t bytes, checked_bytes(header.info.type, header.info.shape));
  if (static_cast<std::uint64_t>(bytes) > size - data_start) {
    return malformed(fmt::format("its shape {} of {} needs {} bytes, but only {} are there",
                                 shape_text(header.info.shape), name_of(header.info.type), bytes,
                                 size - data_start));
  }
  return header;
}

Result<Tensor> arrange_npy(const NpyHeader& header, Tensor stored) {
  if (header.big_endian) {
    // The reader made this buffer for us alone.
    swap_bytes(size_of(header.info.type),
               {const_cast<std::byte*>(stored.data.data()), stored.data.size()});
  }
  if (!header.fortran_order || header.info.shape.size() < 2 || stored.data.empty()) return stored;
  GYRO_TRY(auto ordered, make_buffer(header.info.bytes()));
  std::shared_ptr<std::byte> spare;
  if (header.info.shape.size() > 2) {
    GYRO_TRY(spare, make_buffer(header.info.bytes()));
  }
  to_c_order(header.info, stored.data.data(), ordered.get(), spare.get());
  stored.data = {ordered.get(), stored.data.size()};
  stored.owner = std::move(ordered);
  return stored;
}

}  // namespace gyro

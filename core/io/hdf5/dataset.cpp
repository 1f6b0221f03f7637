#include "core/io/hdf5/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include "core/base/advice.hpp"
#include "core/io/scalar.hpp"

namespace gyro::hdf5 {
namespace {

constexpr std::uint64_t kDeflateRatio = 1032;  // the most that one deflated byte can become
constexpr std::int64_t kBlock = 8 << 20;
constexpr H5Z_filter_t kLzf = 32000;

tl::unexpected<Error> unsupported(std::string what) {
  return fail(ErrorCode::Unsupported, std::move(what), "",
              "Store it as an array of floats, uncompressed or with gzip.");
}

tl::unexpected<Error> malformed(std::string what) {
  return fail(ErrorCode::Malformed, std::move(what), "", advice::kDamaged);
}

struct FloatLayout {
  std::size_t size, sign, exponent, exponent_size, mantissa, mantissa_size, bias;
  bool operator==(const FloatLayout&) const = default;
};

std::optional<ScalarType> float_type(hid_t type) {
  FloatLayout found{};
  found.size = H5Tget_size(type);
  found.bias = H5Tget_ebias(type);
  if (H5Tget_fields(type, &found.sign, &found.exponent, &found.exponent_size, &found.mantissa,
                    &found.mantissa_size) < 0) {
    return std::nullopt;
  }
  if (H5Tget_norm(type) != H5T_NORM_IMPLIED || H5Tget_offset(type) != 0) return std::nullopt;
  if (found == FloatLayout{2, 15, 10, 5, 0, 10, 15}) return ScalarType::F16;
  if (found == FloatLayout{2, 15, 7, 8, 0, 7, 127}) return ScalarType::BF16;
  if (found == FloatLayout{4, 31, 23, 8, 0, 23, 127}) return ScalarType::F32;
  if (found == FloatLayout{8, 63, 52, 11, 0, 52, 1023}) return ScalarType::F64;
  return std::nullopt;
}

std::optional<ScalarType> integer_type(hid_t type) {
  using enum ScalarType;
  const auto size = H5Tget_size(type);
  if (H5Tget_offset(type) != 0 || H5Tget_precision(type) != 8 * size) return std::nullopt;
  const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
  if (size == 1) return is_signed ? I8 : U8;
  if (size == 2) return is_signed ? I16 : U16;
  if (size == 4) return is_signed ? I32 : U32;
  if (size == 8) return is_signed ? I64 : U64;
  return std::nullopt;
}

/// h5py stores bool as an enumeration of int8 with FALSE and TRUE.
std::optional<ScalarType> enumeration_type(hid_t type) {
  if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return std::nullopt;
  for (const auto& [index, wanted] : {std::pair{0U, "FALSE"}, std::pair{1U, "TRUE"}}) {
    char* name = H5Tget_member_name(type, index);
    const bool matches = name != nullptr && std::strcmp(name, wanted) == 0;
    H5free_memory(name);
    if (!matches) return std::nullopt;
  }
  return ScalarType::Bool;
}

std::string_view class_name(H5T_class_t type_class) {
  switch (type_class) {
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "compound values";
    case H5T_REFERENCE:
      return "references";
    case H5T_VLEN:
      return "lists of varying length";
    case H5T_ARRAY:
      return "arrays as entries";
    case H5T_ENUM:
      return "an enumeration";
    case H5T_FLOAT:
      return "floats of an unusual layout";
    case H5T_INTEGER:
      return "integers of an unusual layout";
    default:
      return "values of another type";
  }
}

Status inspect_type(Dataset& out) {
  const auto type_class = H5Tget_class(out.type.get());
  std::optional<ScalarType> type;
  if (type_class == H5T_FLOAT) type = float_type(out.type.get());
  if (type_class == H5T_INTEGER) type = integer_type(out.type.get());
  if (type_class == H5T_ENUM) type = enumeration_type(out.type.get());
  if (!type) return unsupported(fmt::format("it holds {}, not numbers", class_name(type_class)));
  out.info.type = *type;
  if (size_of(*type) == 1) return {};
  const auto order = H5Tget_order(out.type.get());
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) return unsupported("its byte order is rare");
  out.big_endian = order == H5T_ORDER_BE;
  return {};
}

Status inspect_shape(Dataset& out) {
  const Handle space(H5Dget_space(out.id.get()), H5Sclose);
  if (!space) return malformed("its shape cannot be read");
  const auto kind = H5Sget_simple_extent_type(space.get());
  if (kind == H5S_NULL) return unsupported("it is empty: it has no shape");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  if (rank < 0 || rank > H5S_MAX_RANK ||
      H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr) < 0) {
    return malformed("its shape cannot be read");
  }
  for (int i = 0; i < rank; ++i) {
    const auto extent = extents[static_cast<std::size_t>(i)];
    if (extent > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max())) {
      return malformed(fmt::format("it claims an extent of {}", extent));
    }
    out.info.shape.push_back(static_cast<std::int64_t>(extent));
  }
  GYRO_CHECK(checked_bytes(out.info.type, out.info.shape));
  return {};
}

tl::unexpected<Error> too_large(const Dataset& dataset, std::uint64_t file_size) {
  return malformed(fmt::format("its shape {} of {} cannot be true for a file of {} bytes",
                               shape_text(dataset.info.shape), name_of(dataset.info.type),
                               file_size));
}

Status check_filters(hid_t creation) {
  const int count = H5Pget_nfilters(creation);
  if (count < 0 || count > H5Z_MAX_NFILTERS) return malformed("its filters cannot be read");
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t values = 0;
    const auto filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr,
                                       0, nullptr, &config);
    const bool built_in = filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
                          filter == H5Z_FILTER_FLETCHER32 || filter == H5Z_FILTER_SZIP;
    if (!built_in) {
      return unsupported(
          fmt::format("its filter {}{} is not loaded, only gzip, szip, shuffle and "
                      "fletcher32 are",
                      static_cast<int>(filter), filter == kLzf ? " (LZF)" : ""));
    }
    if (H5Zfilter_avail(filter) <= 0) return unsupported("this HDF5 library lacks its filter");
  }
  return {};
}

Status check_contiguous(const Dataset& dataset, std::uint64_t file_size) {
  const auto bytes = static_cast<std::uint64_t>(dataset.info.bytes());
  const std::uint64_t stored = H5Dget_storage_size(dataset.id.get());
  if (stored == 0) return {};  // never written: the fill value stands for it
  const haddr_t offset = H5Dget_offset(dataset.id.get());
  if (stored < bytes || offset == HADDR_UNDEF || bytes > file_size || offset > file_size - bytes) {
    return malformed("its data lie outside the file: it is cut off or damaged");
  }
  return {};
}

Status check_chunks(Dataset& dataset, hid_t creation, std::uint64_t file_size) {
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const auto& shape = dataset.info.shape;
  const int rank = H5Pget_chunk(creation, H5S_MAX_RANK, extents.data());
  if (rank <= 0 || static_cast<std::size_t>(rank) != shape.size()) {
    return malformed("its chunks cannot be read");
  }
  auto bytes = static_cast<std::uint64_t>(size_of(dataset.info.type));
  std::uint64_t chunks = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::uint64_t extent = extents[i];
    const auto length = static_cast<std::uint64_t>(shape[i]);
    if (extent == 0 || extent > (std::uint64_t{1} << 32) / bytes) {
      return malformed("its chunks are larger than the format allows");
    }
    bytes *= extent;
    const std::uint64_t across = length / extent + (length % extent != 0 ? 1 : 0);
    if (across != 0 && chunks > file_size / across) {
      return malformed("it claims more chunks than the file can hold");
    }
    chunks *= across;
  }
  if (bytes / kDeflateRatio > file_size) return too_large(dataset, file_size);
  dataset.chunk_rows = static_cast<std::int64_t>(extents[0]);
  dataset.chunk_bytes = static_cast<std::int64_t>(bytes);
  return {};
}

Status check_storage(Dataset& dataset, std::uint64_t file_size) {
  const Handle creation(H5Dget_create_plist(dataset.id.get()), H5Pclose);
  if (!creation) return malformed("its storage cannot be read");
  const auto layout = H5Pget_layout(creation.get());
  if (layout == H5D_VIRTUAL) return unsupported("it is a virtual data set over other files");
  if (H5Pget_external_count(creation.get()) != 0) return unsupported("its data lie in other files");
  GYRO_CHECK(check_filters(creation.get()));
  if (static_cast<std::uint64_t>(dataset.info.bytes()) / kDeflateRatio > file_size) {
    return too_large(dataset, file_size);
  }
  if (layout == H5D_COMPACT) return {};
  if (layout == H5D_CONTIGUOUS) return check_contiguous(dataset, file_size);
  if (layout == H5D_CHUNKED) return check_chunks(dataset, creation.get(), file_size);
  return malformed("its storage is of an unknown kind");
}

Status read_rows(const Dataset& dataset, hid_t space, std::int64_t first, std::int64_t rows,
                 std::byte* to) {
  std::array<hsize_t, H5S_MAX_RANK> start{};
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const auto& shape = dataset.info.shape;
  std::copy(shape.begin(), shape.end(), extents.begin());
  start[0] = static_cast<hsize_t>(first);
  extents[0] = static_cast<hsize_t>(rows);
  const Handle memory(H5Screate_simple(static_cast<int>(shape.size()), extents.data(), nullptr),
                      H5Sclose);
  if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, extents.data(), nullptr) <
          0 ||
      H5Dread(dataset.id.get(), dataset.type.get(), memory.get(), space, H5P_DEFAULT, to) < 0) {
    return malformed("its data cannot be read");
  }
  return {};
}

}  // namespace

Result<Dataset> open_dataset(hid_t file, const std::string& path, std::uint64_t file_size) {
  Dataset out;
  out.info.name = path;
  out.id = Handle(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!out.id) return malformed("its description is damaged");
  out.type = Handle(H5Dget_type(out.id.get()), H5Tclose);
  if (!out.type) return malformed("its type cannot be read");
  GYRO_CHECK(inspect_type(out));
  GYRO_CHECK(inspect_shape(out));
  GYRO_CHECK(check_storage(out, file_size));
  return out;
}

Status read_dataset(const Dataset& dataset, std::span<std::byte> to,
                    const std::function<void(std::int64_t)>& advanced) {
  const auto size = size_of(dataset.info.type);
  if (dataset.info.shape.empty()) {
    if (H5Dread(dataset.id.get(), dataset.type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, to.data()) <
        0) {
      return malformed("its data cannot be read");
    }
    if (dataset.big_endian) swap_bytes(size, to);
    return {};
  }
  const Handle space(H5Dget_space(dataset.id.get()), H5Sclose);
  const std::int64_t rows = dataset.info.shape[0];
  const std::int64_t row_bytes = dataset.info.bytes() / rows;
  const std::int64_t chunks = std::max<std::int64_t>(1, kBlock / row_bytes / dataset.chunk_rows);
  const std::int64_t step = chunks * dataset.chunk_rows;
  for (std::int64_t first = 0; first < rows; first += step) {
    const std::int64_t part = std::min(step, rows - first);
    const auto piece = to.subspan(static_cast<std::size_t>(first * row_bytes),
                                  static_cast<std::size_t>(part * row_bytes));
    GYRO_CHECK(read_rows(dataset, space.get(), first, part, piece.data()));
    if (dataset.big_endian) swap_bytes(size, piece);
    advanced(part * row_bytes);
  }
  return {};
}

}  // namespace gyro::hdf5

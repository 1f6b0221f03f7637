#include "core/io/hdf5/attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "core/base/advice.hpp"

namespace gyro::hdf5 {
namespace {

constexpr hssize_t kLongestList = 1024;
constexpr std::size_t kLongestText = std::size_t{1} << 16;

using Text = std::optional<std::string>;

Text variable_text(hid_t attribute, hid_t type) {
  char* data = nullptr;
  if (H5Aread(attribute, type, static_cast<void*>(&data)) < 0) return std::nullopt;
  Text out(data == nullptr ? "" : data);  // libhdf5 gives no pointer for an empty text
  H5free_memory(data);
  return out;
}

Text fixed_text(hid_t attribute, hid_t type) {
  const std::size_t size = H5Tget_size(type);
  if (size == 0 || size > kLongestText) return std::nullopt;
  std::string out(size, '\0');
  if (H5Aread(attribute, type, out.data()) < 0) return std::nullopt;
  out.resize(std::min(out.find('\0'), out.size()));
  if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) out.resize(out.find_last_not_of(' ') + 1);
  return out;
}

Text text_value(hid_t attribute, hid_t type) {
  const htri_t variable = H5Tis_variable_str(type);
  if (variable < 0) return std::nullopt;
  // libhdf5 converts between character sets by refusing: it must be asked for the stored one.
  return variable > 0 ? variable_text(attribute, type) : fixed_text(attribute, type);
}

/// `count` numbers in C's type T, converted by libhdf5; a list unless the attribute is a scalar.
template <class T>
Text number_values(hid_t attribute, hid_t native, hssize_t count, bool list) {
  std::vector<T> values(static_cast<std::size_t>(count));
  if (H5Aread(attribute, native, values.data()) < 0) return std::nullopt;
  return list ? fmt::format("[{}]", fmt::join(values, ",")) : fmt::format("{}", values.front());
}

/// h5py's bool is an enumeration of int8: 0 or 1.
Text enumeration_value(hid_t attribute, hid_t type, bool list) {
  std::int8_t value = 0;
  if (list || H5Tget_size(type) != 1 || H5Aread(attribute, type, &value) < 0) return std::nullopt;
  return fmt::format("{}", value);
}

Text value_of(hid_t attribute) {
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const Handle space(H5Aget_space(attribute), H5Sclose);
  if (!type || !space) return std::nullopt;
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (count < 1 || count > kLongestList || rank < 0 || rank > 1) return std::nullopt;
  switch (H5Tget_class(type.get())) {
    case H5T_STRING:
      return count == 1 ? text_value(attribute, type.get()) : std::nullopt;
    case H5T_INTEGER:
      if (H5Tget_size(type.get()) > 8) return std::nullopt;
      return H5Tget_sign(type.get()) == H5T_SGN_NONE
                 ? number_values<std::uint64_t>(attribute, H5T_NATIVE_UINT64, count, rank == 1)
                 : number_values<std::int64_t>(attribute, H5T_NATIVE_INT64, count, rank == 1);
    case H5T_FLOAT:
      if (H5Tget_size(type.get()) > 8) return std::nullopt;
      return number_values<double>(attribute, H5T_NATIVE_DOUBLE, count, rank == 1);
    case H5T_ENUM:
      return enumeration_value(attribute, type.get(), rank == 1);
    default:
      return std::nullopt;
  }
}

herr_t visit(hid_t object, const char* name, const H5A_info_t* /*info*/, void* user) noexcept {
  const auto& on_attribute = *static_cast<const OnAttribute*>(user);
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  if (!attribute) return 0;
  const Text text = value_of(attribute.get());
  return !text || on_attribute(name, *text) ? 0 : 1;
}

}  // namespace

Status read_attributes(hid_t file, const std::string& object, const OnAttribute& on_attribute) {
  const Handle id(H5Oopen(file, object.empty() ? "/" : object.c_str(), H5P_DEFAULT), H5Oclose);
  if (!id)
    return fail(ErrorCode::NotFound, "there is no group or tensor of that name", {},
                "Check the name; gyro inspect lists the tensors.");
  hsize_t at = 0;
  auto* user = const_cast<OnAttribute*>(&on_attribute);
  if (H5Aiterate2(id.get(), H5_INDEX_NAME, H5_ITER_INC, &at, visit, user) < 0) {
    return fail(ErrorCode::Malformed, "its attributes cannot be read", "", advice::kDamaged);
  }
  return {};
}

}  // namespace gyro::hdf5

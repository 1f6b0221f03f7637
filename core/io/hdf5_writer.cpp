#include "core/io/hdf5_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

/// Keeps libhdf5 from printing its errors while it lives, on this thread.
class QuietHdf5 {
 public:
  QuietHdf5() {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  QuietHdf5(const QuietHdf5&) = delete;
  QuietHdf5& operator=(const QuietHdf5&) = delete;
  ~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

tl::unexpected<Error> refused(std::string_view action, const std::string& name) {
  return fail(ErrorCode::WriteFailed, fmt::format("libhdf5 could not {}", action), name,
              "Check that there is memory and space enough, and try again.");
}

/// An IEEE-like type of two bytes, sign in bit 15.
hdf5::Handle half_type(std::size_t exponent_bits) {
  hdf5::Handle type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  const std::size_t mantissa_bits = 15 - exponent_bits;
  H5Tset_fields(type.get(), 15, mantissa_bits, exponent_bits, 0, mantissa_bits);
  H5Tset_ebias(type.get(), (std::size_t{1} << (exponent_bits - 1)) - 1);
  H5Tset_size(type.get(), 2);
  return type;
}

hdf5::Handle type_of(ScalarType type) {
  const auto copy = [](hid_t id) { return hdf5::Handle(H5Tcopy(id), H5Tclose); };
  switch (type) {
    case ScalarType::F16:
      return half_type(5);
    case ScalarType::BF16:
      return half_type(8);
    case ScalarType::F32:
      return copy(H5T_IEEE_F32LE);
    case ScalarType::F64:
      return copy(H5T_IEEE_F64LE);
    case ScalarType::I8:
      return copy(H5T_STD_I8LE);
    case ScalarType::Bool:
    case ScalarType::U8:
      return copy(H5T_STD_U8LE);
    case ScalarType::I16:
      return copy(H5T_STD_I16LE);
    case ScalarType::U16:
      return copy(H5T_STD_U16LE);
    case ScalarType::I32:
      return copy(H5T_STD_I32LE);
    case ScalarType::U32:
      return copy(H5T_STD_U32LE);
    case ScalarType::I64:
      return copy(H5T_STD_I64LE);
    case ScalarType::U64:
      return copy(H5T_STD_U64LE);
  }
  return {};
}

/// Whole rows up to about 512 KiB, the size that libhdf5's chunk cache (1 MiB) likes.
std::vector<hsize_t> chunk_of(const std::vector<hsize_t>& extents, std::size_t entry) {
  constexpr std::size_t limit = std::size_t{1} << 19;
  std::vector<hsize_t> chunk(extents.size(), 1);
  std::size_t bytes = entry;
  for (std::size_t axis = extents.size(); axis-- > 0;) {
    chunk[axis] = std::clamp<hsize_t>(limit / bytes, 1, extents[axis]);
    bytes *= chunk[axis];
  }
  return chunk;
}

hdf5::Handle creation_list(const std::vector<hsize_t>& extents, std::size_t entry,
                           Hdf5Storage storage) {
  hdf5::Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(list.get(), false);
  H5Pset_fill_time(list.get(), H5D_FILL_TIME_NEVER);
  if (storage == Hdf5Storage::Gzip && !extents.empty()) {
    const auto chunk = chunk_of(extents, entry);
    H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(list.get());
    H5Pset_deflate(list.get(), 1);
  }
  return list;
}

struct AttributeWriter {
  hid_t file;
  const std::string& object;
  const std::string& name;

  [[nodiscard]] bool write(hid_t type, const std::vector<hsize_t>& extents,
                           const void* data) const {
    const hdf5::Handle space(extents.empty() ? H5Screate(H5S_SCALAR)
                                             : H5Screate_simple(static_cast<int>(extents.size()),
                                                                extents.data(), nullptr),
                             H5Sclose);
    const hdf5::Handle creation(H5Pcreate(H5P_ATTRIBUTE_CREATE), H5Pclose);
    H5Pset_char_encoding(creation.get(), H5T_CSET_UTF8);
    const hdf5::Handle attribute(
        H5Acreate_by_name(file, object.c_str(), name.c_str(), type, space.get(), creation.get(),
                          H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    return attribute && H5Awrite(attribute.get(), type, data) >= 0;
  }
  bool operator()(const std::string& text) const {
    const hdf5::Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    const char* data = text.c_str();
    return write(type.get(), {}, &data);
  }
  bool operator()(double value) const { return write(H5T_IEEE_F64LE, {}, &value); }
  bool operator()(std::int64_t value) const { return write(H5T_STD_I64LE, {}, &value); }
  bool operator()(std::uint64_t value) const { return write(H5T_STD_U64LE, {}, &value); }
  bool operator()(const std::vector<std::int64_t>& values) const {
    return write(H5T_STD_I64LE, {values.size()}, values.data());
  }
};

}  // namespace

Result<Hdf5Writer> Hdf5Writer::create() {
  // The core driver takes two files of one name for the same file.
  static std::atomic<std::uint64_t> counter{0};
  const QuietHdf5 quiet;
  const hdf5::Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access.get(), std::size_t{1} << 22, false);
  Hdf5Writer writer;
  const std::string name = fmt::format("gyroscope-in-memory-{}.h5", counter++);
  writer.file_ =
      hdf5::Handle(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  writer.links_ = hdf5::Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  if (!writer.file_ || !writer.links_) return refused("start a file", {});
  H5Pset_create_intermediate_group(writer.links_.get(), 1);
  H5Pset_char_encoding(writer.links_.get(), H5T_CSET_UTF8);
  return writer;
}

Status Hdf5Writer::dataset(const std::string& name, ScalarType type,
                           const std::vector<std::int64_t>& shape, std::span<const std::byte> bytes,
                           Hdf5Storage storage) {
  const QuietHdf5 quiet;
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  std::size_t expected = size_of(type);
  for (const auto extent : extents) expected *= extent;
  if (expected == 0 || expected != bytes.size()) {
    return fail(ErrorCode::Internal,
                fmt::format("{} bytes were given for a set of {}", bytes.size(), expected), name,
                advice::kDefect);
  }
  const hdf5::Handle stored = type_of(type);
  const hdf5::Handle space(
      H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose);
  const hdf5::Handle creation = creation_list(extents, size_of(type), storage);
  const hdf5::Handle set(H5Dcreate2(file_.get(), name.c_str(), stored.get(), space.get(),
                                    links_.get(), creation.get(), H5P_DEFAULT),
                         H5Dclose);
  if (!set) return refused("make the set", name);
  if (H5Dwrite(set.get(), stored.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) {
    return refused("write the set", name);
  }
  return {};
}

Status Hdf5Writer::attribute(const std::string& object, const std::string& name,
                             const AttributeValue& value) {
  const QuietHdf5 quiet;
  if (std::visit(AttributeWriter{file_.get(), object, name}, value)) return {};
  return refused("write the attribute", fmt::format("{}: {}", object, name));
}

Result<std::vector<std::byte>> Hdf5Writer::finish() {
  const QuietHdf5 quiet;
  const hdf5::Handle file = std::move(file_);
  if (H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0) return refused("finish the file", {});
  const auto size = H5Fget_file_image(file.get(), nullptr, 0);
  if (size <= 0) return refused("finish the file", {});
  try {
    std::vector<std::byte> image(static_cast<std::size_t>(size));
    if (H5Fget_file_image(file.get(), image.data(), image.size()) != size) {
      return refused("finish the file", {});
    }
    return image;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::TooLarge, fmt::format("a file of {} bytes does not fit memory", size),
                {}, advice::kMemory);
  }
}

}  // namespace gyro

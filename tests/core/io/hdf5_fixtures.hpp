#pragma once

#include <string>
#include <vector>

#include "core/io/hdf5/handle.hpp"

namespace gyro::test {

using hdf5::Handle;

/// Writes small HDF5 files through libhdf5.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::string& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose),
        parents_(H5Pcreate(H5P_LINK_CREATE), H5Pclose),
        plain_(H5Pcreate(H5P_DATASET_CREATE), H5Pclose) {
    H5Pset_create_intermediate_group(parents_.get(), 1);
  }

  [[nodiscard]] hid_t file() const { return file_.get(); }
  [[nodiscard]] hid_t parents() const { return parents_.get(); }

  /// Stores `values` of `memory` as `type`; an empty list leaves the set unwritten.
  template <class T>
  void add(const std::string& name, hid_t type, const std::vector<hsize_t>& shape, hid_t memory,
           const std::vector<T>& values, hid_t creation = -1) const {
    const Handle space(
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
        H5Sclose);
    const Handle set(H5Dcreate2(file_.get(), name.c_str(), type, space.get(), parents_.get(),
                                creation >= 0 ? creation : plain_.get(), H5P_DEFAULT),
                     H5Dclose);
    if (!values.empty()) {
      H5Dwrite(set.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    }
  }

  void add_floats(const std::string& name, const std::vector<hsize_t>& shape,
                  const std::vector<float>& values, hid_t creation = -1) const {
    add(name, H5T_IEEE_F32LE, shape, H5T_NATIVE_FLOAT, values, creation);
  }

 private:
  Handle file_;
  Handle parents_;
  Handle plain_;
};

/// IEEE binary16 as h5py writes it.
inline Handle half_type(H5T_order_t order = H5T_ORDER_LE) {
  Handle type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
  H5Tset_size(type.get(), 2);
  H5Tset_ebias(type.get(), 15);
  H5Tset_order(type.get(), order);
  return type;
}

inline Handle chunked(const std::vector<hsize_t>& chunk) {
  Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
  return creation;
}

}  // namespace gyro::test

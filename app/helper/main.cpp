#include <cstdio>

#include "core/io/hdf5/server.hpp"

int main() {
  const int code = gyro::hdf5::serve();
  std::fputs(
      "gyro-hdf5 is started by Gyroscope to read HDF5 files; there is nothing to run here.\n",
      stderr);
  return code;
}

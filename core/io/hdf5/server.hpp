#pragma once

namespace gyro::hdf5 {

/// The helper process: answers requests on kSocket about the file kFile until the other side is
/// gone. Returns the exit code.
int serve();

}  // namespace gyro::hdf5

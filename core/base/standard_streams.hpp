#pragma once

namespace gyro {

/// Opens /dev/null in place of every standard stream that is closed: its number may not become that
/// of a file or a pipe. Reading from it ends at once, writing fails or is lost.
void hold_standard_streams();

}  // namespace gyro

#include "core/base/standard_streams.hpp"

#include <fcntl.h>

#include <initializer_list>

namespace gyro {

void hold_standard_streams() {
  for (const int stream : {0, 1, 2}) {
    if (fcntl(stream, F_GETFD) < 0) static_cast<void>(open("/dev/null", O_RDONLY));
  }
}

}  // namespace gyro

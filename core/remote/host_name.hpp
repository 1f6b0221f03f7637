#pragma once

#include <string>

namespace gyro::remote {

/// What this machine calls itself.
[[nodiscard]] std::string host_name();

}  // namespace gyro::remote

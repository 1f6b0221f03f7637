#pragma once

namespace gyro::desktop {

class BenchmarkPanel;
class Devices;

/// Offers the GPUs of a session's workers to a benchmark panel, whose runs go into a worker of
/// their own. The workers are asked when the panel is first seen.
void connectDevices(BenchmarkPanel* panel, Devices* devices);

}  // namespace gyro::desktop

#pragma once

/// What to do, where several places advise the same; Error::advice.
namespace gyro::advice {

/// A file that others wrote.
inline constexpr const char* kDamaged = "The file is damaged: download or copy it again.";
inline constexpr const char* kCutOff =
    "It is cut off, damaged or still being written: download or copy it again.";
/// A file that Gyroscope wrote, or should have.
inline constexpr const char* kPermutations =
    "Give a file that 'gyro permute -o' or the window's export wrote.";
inline constexpr const char* kResults = "Give a file that 'gyro bench --json' wrote.";
inline constexpr const char* kRecordAgain =
    "The file was changed or is damaged: record the search again.";
inline constexpr const char* kChanged = "The file was changed or is damaged: write it again.";
inline constexpr const char* kOtherWeights =
    "The file was changed, or it belongs to other weights.";
inline constexpr const char* kMemory = "Close other programs, or use a machine with more memory.";
inline constexpr const char* kLimits =
    "Close other programs, or raise the limits on processes, files and memory (ulimit -a).";
inline constexpr const char* kVersions = "Install one version of Gyroscope on both sides.";
inline constexpr const char* kModule = "Install the module again.";
inline constexpr const char* kUntrusted = "Do not trust this device; use --device cpu.";
inline constexpr const char* kListed = "Choose another device; gyro devices lists them.";
/// What no input can cause.
inline constexpr const char* kDefect = "This is a defect of Gyroscope: please report it.";

}  // namespace gyro::advice

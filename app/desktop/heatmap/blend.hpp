#pragma once

#include <QRgb>
#include <cstdint>

namespace gyro::desktop {

/// An opaque pixel under a colour that is premultiplied by its alpha; `under` = 255 − alpha.
/// Two channels of 8 bits at a time, rounded.
inline QRgb blended(QRgb pixel, std::uint32_t color, std::uint32_t under) {
  constexpr std::uint32_t kPair = 0x00FF00FFU;
  const auto part = [under](std::uint32_t pair) {
    const std::uint32_t product = pair * under;
    return ((product + ((product >> 8) & kPair) + 0x00800080U) >> 8) & kPair;
  };
  return (color + (part(pixel & kPair) | (part((pixel >> 8) & kPair) << 8))) | 0xFF000000U;
}

}  // namespace gyro::desktop

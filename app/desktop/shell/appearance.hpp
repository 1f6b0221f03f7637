#pragma once

namespace gyro::desktop {

enum class Appearance { System, Light, Dark };

/// Sets palette and icon theme of the application, live. System: what the platform said at start.
void applyAppearance(Appearance appearance);

/// Breeze as the fallback of the icon theme, its dark variant on a dark palette. Call after every
/// change of the palette.
void applyIconTheme();

}  // namespace gyro::desktop

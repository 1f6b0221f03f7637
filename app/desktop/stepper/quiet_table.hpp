#pragma once

class QTableView;

namespace gyro::desktop {

/// A table for figures: read-only, rows close together, no frame, whole rows
/// selected.
[[nodiscard]] QTableView* makeQuietTable();

}  // namespace gyro::desktop

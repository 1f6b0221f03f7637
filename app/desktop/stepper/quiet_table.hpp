#pragma once

class QAbstractItemView;
class QTableView;

namespace gyro::desktop {

/// A table for figures: read-only, rows close together, no frame, whole rows
/// selected.
[[nodiscard]] QTableView* makeQuietTable();

/// Makes the check boxes of a list stand out: styles draw their outline from the window's colour,
/// which in a dark list is hardly seen. Call again after a change of the palette.
void clearCheckBoxes(QAbstractItemView* view);

}  // namespace gyro::desktop

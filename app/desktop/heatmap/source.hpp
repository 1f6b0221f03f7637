#pragma once

#include <QString>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro::desktop {

/// What a cell shows.
enum class HeatmapKind {
  Weight,
  Saliency,
  Mask,          ///< kept, lost by N:M, dropped with its vector; density when zoomed out
  KeptWeight,    ///< the weight where the mask keeps it, else pruned (counts as 0 in aggregates)
  LostSaliency,  ///< the saliency where the mask prunes, else 0
  TileId,        ///< the tile of the cell's row
  Matrix,        ///< any other matrix: costs, clusters, tile flow, overlap, vector index
};

/// In which order rows and columns stand.
enum class HeatmapOrder {
  Original,
  Permuted,  ///< rows in σ_o order, columns original
  Packed,    ///< rows in σ_o order, each tile's kept columns in group order
};

/// What one pixel shows when it covers several cells. NaN cells are left out.
enum class Aggregate {
  Mean,           ///< plain mean; for values that are all ≥ 0
  MeanAbsolute,   ///< mean |w|
  SignedMaximum,  ///< the value of largest magnitude, with its sign
  Rms,            ///< √mean w²
  Sample,         ///< one of the cells, for categories
};

enum class MaskState { Unknown, Kept, LostByNm, DroppedWithVector };

[[nodiscard]] QString nameOf(HeatmapKind kind);     ///< "kept weight"
[[nodiscard]] QString nameOf(HeatmapOrder order);   ///< "σ_o order"
[[nodiscard]] QString nameOf(Aggregate aggregate);  ///< "mean |w|"
[[nodiscard]] QString nameOf(MaskState state);      ///< "lost by N:M"; empty for Unknown

/// A layer with what is known about it so far; shared data, cheap to copy. weight or saliency is
/// needed, everything else may be missing. `mask` and `permutation` belong to `shape`.
struct HeatmapLayer {
  SharedMatrix weight;
  SharedMatrix saliency;
  HinmShape shape;  ///< rows = 0 while there is none
  std::shared_ptr<const Permutation> permutation;
  std::shared_ptr<const Mask> mask;
};

/// The words around a generic matrix.
struct MatrixText {
  QString title;  ///< "cost of each cluster in each tile"
  QString rowName = QStringLiteral("row");
  QString columnName = QStringLiteral("column");
  QString valueName = QStringLiteral("value");
  /// What row i and column j stand for, where that is not i and j (drawn rows, sorted clusters).
  std::vector<std::int32_t> rowIds;
  std::vector<std::int32_t> columnIds;
  std::vector<int> rowBorders;     ///< heavy lines before these rows (cluster borders), ascending
  std::vector<int> columnBorders;  ///< heavy lines before these columns, ascending
};

/// Everything about one cell; −1 where a number is not known or does not apply.
struct CellInfo {
  int row = -1;     ///< as shown, 0 on top
  int column = -1;  ///< as shown
  int originalRow = -1;
  int originalColumn = -1;
  int permutedRow = -1;   ///< position of the row in σ_o
  int packedColumn = -1;  ///< position in the tile's vector index; −1 if the vector is dropped
  float value = 0;        ///< what the cell shows; NaN for a pruned cell of a kept weight
  float weight = 0;       ///< NaN if there is none
  float saliency = 0;     ///< NaN if there is none
  MaskState state = MaskState::Unknown;
  int tile = -1;
  int group = -1;  ///< group of M vectors inside the tile
  int lane = -1;   ///< place inside the group, 0 … M − 1

  [[nodiscard]] bool valid() const { return row >= 0 && column >= 0; }
};

/// What a heatmap shows, as a grid of cells: a kind of value in an order. Immutable, so that the
/// window and its jobs share it. The order is a table of rows and, packed, one of columns per tile;
/// no value is copied.
class HeatmapSource {
 public:
  using Pointer = std::shared_ptr<const HeatmapSource>;

  /// Fails with the reason when the kind or order needs something that the layer lacks.
  [[nodiscard]] static Result<Pointer> make(HeatmapLayer layer, HeatmapKind kind,
                                            HeatmapOrder order);
  /// A generic matrix of at least one cell.
  [[nodiscard]] static Result<Pointer> make(SharedMatrix matrix, MatrixText text);

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] HeatmapKind kind() const { return kind_; }
  [[nodiscard]] HeatmapOrder order() const { return order_; }
  [[nodiscard]] const HeatmapLayer& layer() const { return layer_; }
  [[nodiscard]] const MatrixText& text() const { return text_; }
  /// "weight · σ_o order"
  [[nodiscard]] QString title() const;
  /// The aggregate that suits the kind.
  [[nodiscard]] Aggregate defaultAggregate() const;

  /// The values of row `row`, columns first … last − 1, as numbers that can be averaged: mask 0/1,
  /// pruned cells of a kept weight 0.
  void readRow(int row, int first, int last, float* out) const;
  /// The same as shown cell by cell: prunedCell() and lostByNmCell() stand for themselves.
  void readExactRow(int row, int first, int last, float* out) const;
  /// The row's values where they lie in memory unchanged and in this order, else null.
  [[nodiscard]] const float* directRow(int row) const;

  [[nodiscard]] CellInfo cell(int row, int column) const;
  [[nodiscard]] int originalRow(int row) const;
  /// The row that shows original row `original`.
  [[nodiscard]] int shownRow(int original) const;
  /// The column of `row` that shows original column `original`; −1 where that vector is dropped.
  [[nodiscard]] int shownColumn(int row, int original) const;

  /// Rows of a tile where rows stand tile by tile, else 0; columns of a group where packed, else 0.
  [[nodiscard]] int tileRows() const;
  [[nodiscard]] int groupColumns() const;

 private:
  HeatmapSource() = default;
  void index();
  [[nodiscard]] int tileOfOriginal(int original) const;
  [[nodiscard]] const std::int32_t* packedColumns(int row) const;
  [[nodiscard]] int placeInTile(int tile, int originalColumn) const;
  [[nodiscard]] MaskState stateOf(int originalRow, int originalColumn) const;
  void gather(const Matrix& from, int row, int first, int last, float* out) const;
  enum class Masked { Kept, KeptOrPruned, Lost, Bits, States };
  void readMasked(Masked what, int row, int first, int last, float* out) const;
  void readUnpacked(Masked what, int row, int first, int last, float* out) const;
  [[nodiscard]] float maskedCell(Masked what, int originalRow, int originalColumn) const;

  HeatmapKind kind_ = HeatmapKind::Matrix;
  HeatmapOrder order_ = HeatmapOrder::Original;
  int rows_ = 0;
  int columns_ = 0;
  HeatmapLayer layer_;
  SharedMatrix matrix_;
  MatrixText text_;
  std::vector<std::int32_t> position_;  ///< [rows] place of each original row in σ_o
  Mask tileVectors_;                    ///< [tiles × cols] which vectors each tile keeps
};

/// NaNs with a payload of their own: cells that have no value because the mask pruned them, and
/// cells of a mask that the N:M level lost.
[[nodiscard]] float prunedCell();
[[nodiscard]] float lostByNmCell();
[[nodiscard]] bool isPrunedCell(float value);
[[nodiscard]] bool isLostByNmCell(float value);

}  // namespace gyro::desktop

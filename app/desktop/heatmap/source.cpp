#include "app/desktop/heatmap/source.hpp"

#include <fmt/format.h>

#include <QCoreApplication>
#include <algorithm>
#include <bit>
#include <limits>

#include "app/desktop/heatmap/mask_row.hpp"

namespace gyro::desktop {
namespace {

constexpr std::uint32_t kPrunedBits = 0x7FC0DEADU;
constexpr std::uint32_t kLostByNmBits = 0x7FC0ABCDU;
constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();

QString tr(const char* text) {
  return QCoreApplication::translate("Heatmap", text);
}

bool needsMask(HeatmapKind kind) {
  return kind == HeatmapKind::Mask || kind == HeatmapKind::KeptWeight ||
         kind == HeatmapKind::LostSaliency;
}

bool needsWeight(HeatmapKind kind) {
  return kind == HeatmapKind::Weight || kind == HeatmapKind::KeptWeight;
}

bool needsSaliency(HeatmapKind kind) {
  return kind == HeatmapKind::Saliency || kind == HeatmapKind::LostSaliency;
}

tl::unexpected<Error> missing(const char* what, HeatmapKind kind, const char* advice) {
  return fail(ErrorCode::InvalidArgument, fmt::format("there is no {} to show yet", what),
              nameOf(kind).toStdString(), advice);
}

Status check(const HeatmapLayer& layer, HeatmapKind kind, HeatmapOrder order) {
  const auto* run = "Run a strategy or open a permutation first.";
  if (needsWeight(kind) && !layer.weight) return missing("weight", kind, "Select a layer.");
  if (needsSaliency(kind) && !layer.saliency) return missing("saliency", kind, "Select a layer.");
  if (needsMask(kind) && !layer.mask) return missing("mask", kind, run);
  if ((order != HeatmapOrder::Original || kind == HeatmapKind::TileId) && !layer.permutation) {
    return missing("permutation", kind, run);
  }
  if (layer.permutation) GYRO_CHECK(validate(*layer.permutation, layer.shape));
  return {};
}

Status checkSizes(const HeatmapLayer& layer, Eigen::Index rows, Eigen::Index cols) {
  const auto agrees = [&](Eigen::Index r, Eigen::Index c) { return r == rows && c == cols; };
  const bool all = (!layer.weight || agrees(layer.weight->rows(), layer.weight->cols())) &&
                   (!layer.saliency || agrees(layer.saliency->rows(), layer.saliency->cols())) &&
                   (!layer.mask || agrees(layer.mask->rows(), layer.mask->cols())) &&
                   (layer.shape.rows == 0 || agrees(layer.shape.rows, layer.shape.cols));
  if (all) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("weight, saliency, mask and shape are not all {}×{}", rows, cols),
              "heatmap", "Prune this layer again.");
}

Status checkCells(Eigen::Index rows, Eigen::Index columns) {
  if (rows > 0 && columns > 0) return {};
  return fail(ErrorCode::InvalidArgument, "the matrix has no cells", "heatmap", "");
}

}  // namespace

float prunedCell() {
  return std::bit_cast<float>(kPrunedBits);
}
float lostByNmCell() {
  return std::bit_cast<float>(kLostByNmBits);
}
bool isPrunedCell(float value) {
  return std::bit_cast<std::uint32_t>(value) == kPrunedBits;
}
bool isLostByNmCell(float value) {
  return std::bit_cast<std::uint32_t>(value) == kLostByNmBits;
}

QString nameOf(HeatmapKind kind) {
  switch (kind) {
    case HeatmapKind::Weight:
      return tr("weight");
    case HeatmapKind::Saliency:
      return tr("saliency");
    case HeatmapKind::Mask:
      return tr("mask");
    case HeatmapKind::KeptWeight:
      return tr("kept weight");
    case HeatmapKind::LostSaliency:
      return tr("lost saliency");
    case HeatmapKind::TileId:
      return tr("tile");
    case HeatmapKind::Matrix:
      break;
  }
  return tr("matrix");
}

QString nameOf(HeatmapOrder order) {
  switch (order) {
    case HeatmapOrder::Original:
      return tr("original order");
    case HeatmapOrder::Permuted:
      return QStringLiteral("σ_o ") + tr("order");
    case HeatmapOrder::Packed:
      break;
  }
  return tr("packed");
}

QString nameOf(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::Mean:
      return tr("mean");
    case Aggregate::MeanAbsolute:
      return tr("mean |w|");
    case Aggregate::SignedMaximum:
      return tr("max |w| with sign");
    case Aggregate::Rms:
      return tr("RMS");
    case Aggregate::Sample:
      break;
  }
  return tr("one cell");
}

QString nameOf(MaskState state) {
  switch (state) {
    case MaskState::Kept:
      return tr("kept");
    case MaskState::LostByNm:
      return tr("lost by N:M");
    case MaskState::DroppedWithVector:
      return tr("dropped with its vector");
    case MaskState::Unknown:
      break;
  }
  return {};
}

Result<HeatmapSource::Pointer> HeatmapSource::make(HeatmapLayer layer, HeatmapKind kind,
                                                   HeatmapOrder order) {
  const auto& any = layer.weight ? layer.weight : layer.saliency;
  if (!any) return missing("weight", kind, "Select a layer.");
  if (kind == HeatmapKind::Matrix) return make(any, MatrixText{});
  GYRO_CHECK(checkCells(any->rows(), any->cols()));
  GYRO_CHECK(checkSizes(layer, any->rows(), any->cols()));
  GYRO_CHECK(check(layer, kind, order));
  const std::shared_ptr<HeatmapSource> source(new HeatmapSource);
  source->kind_ = kind;
  source->order_ = order;
  source->rows_ = static_cast<int>(any->rows());
  source->columns_ =
      order == HeatmapOrder::Packed ? layer.shape.kept : static_cast<int>(any->cols());
  source->layer_ = std::move(layer);
  source->index();
  return Pointer(source);
}

Result<HeatmapSource::Pointer> HeatmapSource::make(SharedMatrix matrix, MatrixText text) {
  GYRO_CHECK(checkCells(matrix ? matrix->rows() : 0, matrix ? matrix->cols() : 0));
  const std::shared_ptr<HeatmapSource> source(new HeatmapSource);
  source->rows_ = static_cast<int>(matrix->rows());
  source->columns_ = static_cast<int>(matrix->cols());
  source->matrix_ = std::move(matrix);
  source->text_ = std::move(text);
  return Pointer(source);
}

void HeatmapSource::index() {
  if (!layer_.permutation) return;
  const auto& shape = layer_.shape;
  const auto& permutation = *layer_.permutation;
  position_.resize(static_cast<std::size_t>(shape.rows));
  for (int i = 0; i < shape.rows; ++i) {
    const auto original = permutation.output_order[static_cast<std::size_t>(i)];
    position_[static_cast<std::size_t>(original)] = i;
  }
  tileVectors_ = Mask(shape.tiles(), shape.cols);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    for (const auto column : permutation.tile_vectors(shape, tile)) tileVectors_.set(tile, column);
  }
}

QString HeatmapSource::title() const {
  if (kind_ == HeatmapKind::Matrix) return text_.title;
  return nameOf(kind_) + QStringLiteral(" · ") + nameOf(order_);
}

Aggregate HeatmapSource::defaultAggregate() const {
  switch (kind_) {
    case HeatmapKind::Weight:
    case HeatmapKind::KeptWeight:
      return Aggregate::MeanAbsolute;
    case HeatmapKind::TileId:
      return Aggregate::Sample;
    default:
      return Aggregate::Mean;
  }
}

int HeatmapSource::originalRow(int row) const {
  if (order_ == HeatmapOrder::Original) return row;
  return layer_.permutation->output_order[static_cast<std::size_t>(row)];
}

int HeatmapSource::shownRow(int original) const {
  if (original < 0 || original >= rows_) return -1;
  if (order_ == HeatmapOrder::Original) return original;
  return position_[static_cast<std::size_t>(original)];
}

int HeatmapSource::shownColumn(int row, int original) const {
  if (row < 0 || row >= rows_ || original < 0) return -1;
  if (order_ == HeatmapOrder::Packed) return placeInTile(row / tileRows(), original);
  return original < columns_ ? original : -1;
}

int HeatmapSource::tileRows() const {
  return order_ == HeatmapOrder::Original ? 0 : layer_.shape.vector_size;
}

int HeatmapSource::groupColumns() const {
  return order_ == HeatmapOrder::Packed ? layer_.shape.nm.m : 0;
}

int HeatmapSource::tileOfOriginal(int original) const {
  if (position_.empty()) return -1;
  return position_[static_cast<std::size_t>(original)] / layer_.shape.vector_size;
}

const std::int32_t* HeatmapSource::packedColumns(int row) const {
  if (order_ != HeatmapOrder::Packed) return nullptr;
  return layer_.permutation->tile_vectors(layer_.shape, row / tileRows()).data();
}

int HeatmapSource::placeInTile(int tile, int originalColumn) const {
  const auto vectors = layer_.permutation->tile_vectors(layer_.shape, tile);
  const auto found = std::find(vectors.begin(), vectors.end(), originalColumn);
  return found == vectors.end() ? -1 : static_cast<int>(found - vectors.begin());
}

MaskState HeatmapSource::stateOf(int originalRow, int originalColumn) const {
  if (!layer_.mask) return MaskState::Unknown;
  if (layer_.mask->at(originalRow, originalColumn)) return MaskState::Kept;
  const int tile = tileOfOriginal(originalRow);
  if (tile < 0) return MaskState::Unknown;
  return tileVectors_.at(tile, originalColumn) ? MaskState::LostByNm : MaskState::DroppedWithVector;
}

void HeatmapSource::gather(const Matrix& from, int row, int first, int last, float* out) const {
  const float* values = from.data() + std::int64_t{originalRow(row)} * from.cols();
  if (const auto* columns = packedColumns(row)) {
    gatherColumns(values, columns + first, last - first, out);
  } else {
    std::copy(values + first, values + last, out);
  }
}

void HeatmapSource::readUnpacked(Masked what, int row, int first, int last, float* out) const {
  const auto words = layer_.mask->words_of(row);
  const auto from = [&](const SharedMatrix& m) { return m->data() + row * m->cols() + first; };
  switch (what) {
    case Masked::Kept:
      return selectKept(words, first, last, from(layer_.weight), 0, out);
    case Masked::KeptOrPruned:
      return selectKept(words, first, last, from(layer_.weight), kPrunedBits, out);
    case Masked::Lost:
      return selectPruned(words, first, last, from(layer_.saliency), out);
    case Masked::Bits:
      return maskValues(words, first, last, out);
    case Masked::States:
      const auto vectors = tileVectors_.words_of(tileOfOriginal(row));
      return maskValues(words, vectors, first, last, lostByNmCell(), out);
  }
}

float HeatmapSource::maskedCell(Masked what, int originalRow, int originalColumn) const {
  float value = 0;
  readUnpacked(what, originalRow, originalColumn, originalColumn + 1, &value);
  return value;
}

/// Packed, a long part is unfolded for all columns at once and then gathered.
void HeatmapSource::readMasked(Masked what, int row, int first, int last, float* out) const {
  const int original = originalRow(row);
  const auto* columns = packedColumns(row);
  if (columns == nullptr) return readUnpacked(what, original, first, last, out);
  const int all = layer_.mask->cols();
  if ((last - first) * 16 < all) {
    for (int i = first; i < last; ++i) *out++ = maskedCell(what, original, columns[i]);
    return;
  }
  thread_local std::vector<float> values;
  values.resize(static_cast<std::size_t>(all));
  readUnpacked(what, original, 0, all, values.data());
  gatherColumns(values.data(), columns + first, last - first, out);
}

const float* HeatmapSource::directRow(int row) const {
  if (kind_ == HeatmapKind::Matrix) return matrix_->data() + std::int64_t{row} * columns_;
  if (order_ == HeatmapOrder::Packed) return nullptr;
  const std::int64_t offset = std::int64_t{originalRow(row)} * columns_;
  if (kind_ == HeatmapKind::Weight) return layer_.weight->data() + offset;
  if (kind_ == HeatmapKind::Saliency) return layer_.saliency->data() + offset;
  return nullptr;
}

void HeatmapSource::readRow(int row, int first, int last, float* out) const {
  switch (kind_) {
    case HeatmapKind::Weight:
      return gather(*layer_.weight, row, first, last, out);
    case HeatmapKind::Saliency:
      return gather(*layer_.saliency, row, first, last, out);
    case HeatmapKind::KeptWeight:
      return readMasked(Masked::Kept, row, first, last, out);
    case HeatmapKind::LostSaliency:
      return readMasked(Masked::Lost, row, first, last, out);
    case HeatmapKind::Mask:
      return readMasked(Masked::Bits, row, first, last, out);
    case HeatmapKind::TileId:
      std::fill(out, out + (last - first), static_cast<float>(tileOfOriginal(originalRow(row))));
      return;
    case HeatmapKind::Matrix:
      std::copy(directRow(row) + first, directRow(row) + last, out);
  }
}

void HeatmapSource::readExactRow(int row, int first, int last, float* out) const {
  if (kind_ == HeatmapKind::KeptWeight) {
    return readMasked(Masked::KeptOrPruned, row, first, last, out);
  }
  if (kind_ == HeatmapKind::Mask && !position_.empty()) {
    return readMasked(Masked::States, row, first, last, out);
  }
  readRow(row, first, last, out);
}

CellInfo HeatmapSource::cell(int row, int column) const {
  CellInfo info;
  if (row < 0 || column < 0 || row >= rows_ || column >= columns_) return info;
  info.row = row;
  info.column = column;
  info.weight = info.saliency = kNothing;
  readExactRow(row, column, column + 1, &info.value);
  if (isLostByNmCell(info.value)) info.value = 0;
  if (kind_ == HeatmapKind::Matrix) {
    const auto id = [](const std::vector<std::int32_t>& ids, int i) {
      return static_cast<std::size_t>(i) < ids.size() ? ids[static_cast<std::size_t>(i)] : i;
    };
    info.originalRow = id(text_.rowIds, row);
    info.originalColumn = id(text_.columnIds, column);
    return info;
  }
  const auto* columns = packedColumns(row);
  info.originalRow = originalRow(row);
  info.originalColumn = columns != nullptr ? columns[column] : column;
  if (layer_.weight) info.weight = (*layer_.weight)(info.originalRow, info.originalColumn);
  if (layer_.saliency) info.saliency = (*layer_.saliency)(info.originalRow, info.originalColumn);
  info.state = stateOf(info.originalRow, info.originalColumn);
  if (position_.empty()) return info;
  info.permutedRow = position_[static_cast<std::size_t>(info.originalRow)];
  info.tile = tileOfOriginal(info.originalRow);
  info.packedColumn = columns != nullptr ? column : placeInTile(info.tile, info.originalColumn);
  if (info.packedColumn < 0) return info;
  info.group = info.packedColumn / layer_.shape.nm.m;
  info.lane = info.packedColumn % layer_.shape.nm.m;
  return info;
}

}  // namespace gyro::desktop

#include "app/desktop/compare/difference_job.hpp"

#include <QObject>
#include <utility>

namespace gyro::desktop {
namespace {

constexpr int kBlock = 64;  // rows between two looks at a cancel

float cellOf(MaskAgreement agreement) {
  switch (agreement) {
    case MaskAgreement::OnlyA:
      return kOnlyA;
    case MaskAgreement::OnlyB:
      return kOnlyB;
    case MaskAgreement::Both:
      return kBoth;
    case MaskAgreement::Neither:
      break;
  }
  return prunedCell();
}

Result<SharedMatrix> picture(const Mask& a, const Mask& b, const std::vector<std::int32_t>& order,
                             Progress& progress) {
  auto out = std::make_shared<Matrix>(a.rows(), a.cols());
  for (int i = 0; i < a.rows(); ++i) {
    if (i % kBlock == 0 && !progress.reach(i)) return fail(ErrorCode::Cancelled, "cancelled");
    const int row = order[static_cast<std::size_t>(i)];
    for (int c = 0; c < a.cols(); ++c) (*out)(i, c) = cellOf(agreement_of(a, b, row, c));
  }
  return SharedMatrix(std::move(out));
}

MatrixText wordsOf(const HinmShape& shape, const std::vector<std::int32_t>& order) {
  MatrixText text;
  text.title = QObject::tr("difference of the masks");
  text.valueName = QObject::tr("−1 only A, 0 both, +1 only B");
  text.rowIds.assign(order.begin(), order.end());
  for (int row = shape.vector_size; row < shape.rows; row += shape.vector_size) {
    text.rowBorders.push_back(row);
  }
  return text;
}

}  // namespace

Result<DifferencePtr> compareMasks(const RunPtr& a, const RunPtr& b, Progress& progress) {
  const Mask& in_a = *a->result.mask;
  const Mask& in_b = *b->result.mask;
  if (in_a.rows() != in_b.rows() || in_a.cols() != in_b.cols()) {
    return fail(ErrorCode::Mismatch, "the runs are of layers of different size",
                (a->name + QStringLiteral(" · ") + b->name).toStdString(),
                "Choose two runs of one layer.");
  }
  if (!progress.begin("comparing masks", in_a.rows()))
    return fail(ErrorCode::Cancelled, "cancelled");
  const HinmShape& shape = a->result.problem->shape;
  auto out = std::make_shared<DifferenceResult>();
  out->a = a;
  out->b = b;
  out->order = canonical(a->result.search.permutation, shape).output_order;
  out->tiles = tile_differences(in_a, in_b, out->order, shape.vector_size);
  out->all = mask_difference(in_a, in_b);
  GYRO_TRY(auto cells, picture(in_a, in_b, out->order, progress));
  auto source = HeatmapSource::make(std::move(cells), wordsOf(shape, out->order));
  if (source) out->source = *source;
  return DifferencePtr(std::move(out));
}

}  // namespace gyro::desktop

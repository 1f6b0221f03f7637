#include "core/trace/projection.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <numeric>

#include "core/base/random.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kPurpose = 0x9ca0;  // of the starting directions
constexpr Eigen::Index kDirections = 8;     // two are wanted; the others speed it up
constexpr int kRounds = 60;
constexpr float kTolerance = 1e-6F;

using ColumnMatrix = Eigen::MatrixXf;

ColumnMatrix orthonormal(const ColumnMatrix& directions) {
  const Eigen::HouseholderQR<ColumnMatrix> qr(directions);
  return qr.householderQ() * ColumnMatrix::Identity(directions.rows(), directions.cols());
}

ColumnMatrix random_directions(Eigen::Index size, Eigen::Index count) {
  RandomStream random(1, kPurpose);
  return ColumnMatrix::NullaryExpr(size, count, [&] { return random.unit() - 0.5F; });
}

/// Directions that span the leading principal components, the strongest first, and the variance
/// along each.
std::pair<ColumnMatrix, Eigen::VectorXf> leading_directions(const Matrix& centred) {
  const Eigen::Index count = std::min({kDirections, centred.rows(), centred.cols()});
  ColumnMatrix basis = orthonormal(random_directions(centred.cols(), count));
  Eigen::VectorXf strength = Eigen::VectorXf::Zero(count);
  for (int round = 0; round < kRounds; ++round) {
    const ColumnMatrix seen = centred * basis;
    const Eigen::SelfAdjointEigenSolver<ColumnMatrix> solver(seen.transpose() * seen);
    const Eigen::VectorXf now = solver.eigenvalues().reverse();
    basis = (basis * solver.eigenvectors()).rowwise().reverse().eval();
    const auto watched = std::min<Eigen::Index>(2, count);
    const bool settled =
        (now - strength).head(watched).cwiseAbs().sum() <= kTolerance * now.head(watched).sum();
    strength = now;
    if (settled) break;
    basis = orthonormal(centred.transpose() * (centred * basis));
  }
  return {basis, strength};
}

void fix_sign(Eigen::Ref<Eigen::VectorXd> axis) {
  Eigen::Index largest = 0;
  axis.cwiseAbs().maxCoeff(&largest);
  if (axis[largest] < 0) axis = -axis;
}

}  // namespace

Projection principal_plane(MatrixView points) {
  Projection out;
  out.points = MatrixD::Zero(points.rows(), 2);
  if (points.rows() < 2 || points.cols() < 1) return out;
  const Eigen::RowVectorXf mean = points.colwise().mean();
  const Matrix centred = points.rowwise() - mean;
  const double variance = centred.squaredNorm();
  if (!(variance > 0)) return out;
  const auto [basis, strength] = leading_directions(centred);
  const auto axes = std::min<Eigen::Index>(2, basis.cols());
  for (Eigen::Index axis = 0; axis < axes; ++axis) {
    Eigen::VectorXd coordinates = (centred * basis.col(axis)).cast<double>();
    fix_sign(coordinates);
    out.explained += coordinates.squaredNorm() / variance;
    out.points.col(axis) = coordinates;
  }
  out.explained = std::min(out.explained, 1.0);
  return out;
}

Matrix drawn_channels(MatrixView saliency, const HinmShape& shape, const Permutation& before,
                      const StepDetail& detail, int tile) {
  const auto count = static_cast<Eigen::Index>(detail.sampled.size());
  if (tile < 0) {
    Matrix out(count, saliency.cols());
    for (Eigen::Index i = 0; i < count; ++i) {
      out.row(i) = saliency.row(detail.sampled[static_cast<std::size_t>(i)].channel);
    }
    return out;
  }
  const auto rows = before.tile_rows(shape, tile);
  Matrix out(count, static_cast<Eigen::Index>(rows.size()));
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto column = detail.sampled[static_cast<std::size_t>(i)].channel;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      out(i, static_cast<Eigen::Index>(r)) = saliency(rows[r], column);
    }
  }
  return out;
}

std::vector<std::int32_t> cluster_order(const StepDetail& detail) {
  std::vector<std::int32_t> out(detail.sampled.size());
  std::iota(out.begin(), out.end(), 0);
  const bool clustered = detail.cluster_of.size() == detail.sampled.size();
  std::stable_sort(out.begin(), out.end(), [&](std::int32_t a, std::int32_t b) {
    const auto i = static_cast<std::size_t>(a);
    const auto j = static_cast<std::size_t>(b);
    if (clustered) return detail.cluster_of[i] < detail.cluster_of[j];
    return detail.sampled[i].partition < detail.sampled[j].partition;
  });
  return out;
}

}  // namespace gyro

#include "core/assignment/kmeans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/assignment/pairwise.hpp"
#include "core/assignment/transport.hpp"

namespace gyro {
namespace {

/// Coordinates up to this, or down to its inverse, are squared in float without harm.
constexpr float kSquareRange = 1e15F;

class Kmeans {
 public:
  Kmeans(const MatrixView& points, int clusters, RandomStream& random, const KmeansOptions& options)
      : points_(points),
        options_(options),
        norms_(points.rows()),
        centres_(clusters, points.cols()),
        cost_(points.rows(), clusters),
        capacity_(static_cast<std::size_t>(clusters),
                  static_cast<std::int32_t>(points.rows() / clusters)) {
    const auto drawn = random.draw(static_cast<int>(points.rows()), clusters);
    for (int c = 0; c < clusters; ++c) {
      centres_.row(c) = points.row(drawn[static_cast<std::size_t>(c)]);
    }
  }

  Result<Clusters> run() {
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(points_.cols());
    for (Eigen::Index p = 0; p < points_.rows(); ++p) {
      if (stopped()) return cancelled();
      norms_[p] = points_.row(p).cast<double>().squaredNorm();
      sum += points_.row(p).cast<double>();
    }
    const double least = options_.tolerance * mean_variance(sum);
    Clusters out;
    for (int i = 0; i < std::max(1, options_.max_iterations); ++i) {
      const auto inertia = assign(out);
      if (!inertia && i > 0 && inertia.error().code == ErrorCode::Cancelled) break;
      if (!inertia) return fail(inertia.error());
      out.iterations.push_back({*inertia, move_centres(out.cluster_of)});
      if (out.iterations.back().shift <= least) break;
    }
    if (stopped()) return out;
    out.spread.assign(capacity_.size(), 0);
    for (std::size_t p = 0; p < out.cluster_of.size(); ++p) {
      const auto c = out.cluster_of[p];
      out.spread[static_cast<std::size_t>(c)] +=
          squared_distance(points_.row(static_cast<Eigen::Index>(p)), centres_.row(c));
    }
    return out;
  }

 private:
  [[nodiscard]] bool stopped() const { return options_.stop && options_.stop(); }
  static tl::unexpected<Error> cancelled() { return fail(ErrorCode::Cancelled, "cancelled"); }

  template <class A, class B>
  static double squared_distance(const A& a, const B& b) {
    return (a.template cast<double>() - b.template cast<double>()).squaredNorm();
  }

  [[nodiscard]] double mean_variance(const Eigen::RowVectorXd& sum) const {
    const auto count = static_cast<double>(points_.rows());
    const double squares = norms_.sum() / count;
    return std::max(0.0, squares - (sum / count).squaredNorm()) /
           static_cast<double>(points_.cols());
  }

  Result<double> assign(Clusters& out) {
    if (!inner_products(points_, view_of(centres_), products_, options_.stop)) return cancelled();
    const Eigen::RowVectorXd centre_norms =
        centres_.cast<double>().rowwise().squaredNorm().transpose();
    cost_ = -2 * products_.cast<double>();
    cost_.colwise() += norms_;
    cost_.rowwise() += centre_norms;
    GYRO_TRY(Transport found, solve_transport(cost_, capacity_, {prices_, options_.stop}));
    prices_ = std::move(found.prices);
    out.cluster_of = std::move(found.bin_of);
    return std::max(0.0, found.cost);
  }

  /// Σ over the clusters of the squared movement of the centre.
  double move_centres(const std::vector<std::int32_t>& cluster_of) {
    MatrixD means = MatrixD::Zero(centres_.rows(), centres_.cols());
    for (std::size_t p = 0; p < cluster_of.size(); ++p) {
      means.row(cluster_of[p]) += points_.row(static_cast<Eigen::Index>(p)).cast<double>();
    }
    means /= static_cast<double>(capacity_.front());
    const Matrix old = std::exchange(centres_, Matrix(means.cast<float>()));
    return squared_distance(old, centres_);
  }

  MatrixView points_;
  const KmeansOptions& options_;
  Eigen::VectorXd norms_;  ///< squared
  Matrix centres_;
  Matrix products_;
  MatrixD cost_;
  std::vector<std::int32_t> capacity_;
  std::vector<double> prices_;
};

}  // namespace

Result<Clusters> balanced_kmeans(const MatrixView& points, int clusters, RandomStream& random,
                                 const KmeansOptions& options) {
  if (clusters < 1 || points.rows() < clusters || points.rows() % clusters != 0) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} points do not make {} clusters of equal size", points.rows(), clusters));
  }
  if (count_nonfinite(points) > 0) {
    return fail(ErrorCode::InvalidArgument, "the points are not all finite");
  }
  const float scale = moderate_scale(points, kSquareRange);
  if (scale == 1) return Kmeans(points, clusters, random, options).run();
  const Matrix scaled = scale * points;
  GYRO_TRY(Clusters out, Kmeans(view_of(scaled), clusters, random, options).run());
  const double back = 1 / (static_cast<double>(scale) * scale);
  for (double& spread : out.spread) spread *= back;
  for (auto& iteration : out.iterations) {
    iteration.inertia *= back;
    iteration.shift *= back;
  }
  return out;
}

}  // namespace gyro

#include "core/device/cost_matrices.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "core/base/parallel.hpp"
#include "core/device/checks.hpp"
#include "core/permutation/best_of_rows.hpp"

namespace gyro {
namespace {

/// Calls body(tile) for every tile and reports each. Fails when cancelled.
template <class Body>
Status for_tiles(const SearchProblem& problem, const char* phase, Progress& progress, int threads,
                 const Body& body) {
  progress.begin(phase, problem.shape.tiles());
  parallel_for(problem.shape.tiles(), threads, [&](int tile) {
    if (progress.cancelled()) return;
    body(tile);
    progress.advance();
  });
  if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
  return {};
}

/// Column sums of the rows of each tile, [tiles × cols].
MatrixD column_sums(const SearchProblem& problem, std::span<const std::int32_t> rows) {
  const int tiles = problem.shape.tiles();
  const std::size_t each = rows.size() / static_cast<std::size_t>(tiles);
  MatrixD out = MatrixD::Zero(tiles, problem.shape.cols);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.row(static_cast<Eigen::Index>(i / each)) += problem.saliency.row(rows[i]).cast<double>();
  }
  return out;
}

double sum_of_smallest(Eigen::RowVectorXd values, Eigen::Index count) {
  std::nth_element(values.begin(), values.begin() + count, values.end());
  return values.head(count).sum();
}

/// One tile of the input permutation: its groups without the vector that each gives away.
struct OpenGroups {
  Matrix last;                  ///< [groups × V] the N-th best of the others in each row
  Matrix given;                 ///< [groups × V] the vector given away
  Eigen::VectorXd others_lost;  ///< [groups] Σ of the others less their N − 1 best
  Eigen::VectorXd given_sum;    ///< [groups]
};

/// [kept × V]: the vectors of a tile in group order.
Matrix tile_values(const SearchProblem& problem, const Permutation& permutation, int tile) {
  const auto rows = permutation.tile_rows(problem.shape, tile);
  const auto vectors = permutation.tile_vectors(problem.shape, tile);
  Matrix out(problem.shape.kept, problem.shape.vector_size);
  for (std::size_t place = 0; place < vectors.size(); ++place) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      out(static_cast<Eigen::Index>(place), static_cast<Eigen::Index>(r)) =
          problem.saliency(rows[r], vectors[place]);
    }
  }
  return out;
}

/// `places` [groups] of the tile.
OpenGroups open_groups(const HinmShape& shape, const Matrix& values,
                       std::span<const std::int32_t> places) {
  OpenGroups out{Matrix(shape.groups(), shape.vector_size),
                 Matrix(shape.groups(), shape.vector_size),
                 Eigen::VectorXd(shape.groups()),
                 {}};
  BestOfRows best(shape.nm.n, shape.vector_size);
  for (int group = 0; group < shape.groups(); ++group) {
    const int given = places[static_cast<std::size_t>(group)];
    double others = 0;
    best.clear();
    for (int member = 0; member < shape.nm.m; ++member) {
      if (member == given) continue;
      best.offer(values.row(group * shape.nm.m + member).data());
      others += values.row(group * shape.nm.m + member).cast<double>().sum();
    }
    out.last.row(group) = best.last();
    out.given.row(group) = values.row(group * shape.nm.m + given);
    out.others_lost[group] = others - best.sum_without_last();
  }
  out.given_sum = out.given.cast<double>().rowwise().sum();
  return out;
}

}  // namespace

Result<Matrix> tile_products(const SearchProblem& problem, const Permutation& permutation,
                             Progress& progress, int threads) {
  GYRO_CHECK(check_orders(problem, permutation));
  Matrix out(problem.shape.rows, problem.shape.tiles());
  GYRO_CHECK(for_tiles(problem, "tile products", progress, threads, [&](int tile) {
    const auto vectors = permutation.tile_vectors(problem.shape, tile);
    for (int row = 0; row < problem.shape.rows; ++row) {
      double sum = 0;
      for (const auto column : vectors) sum += problem.saliency(row, column);
      out(row, tile) = static_cast<float>(sum);
    }
  }));
  return out;
}

Result<MatrixD> output_costs(const SearchProblem& problem, std::span<const std::int32_t> remaining,
                             std::span<const std::int32_t> clusters, Progress& progress,
                             int threads) {
  GYRO_CHECK(check_clusters(problem, remaining, clusters));
  const int tiles = problem.shape.tiles();
  const MatrixD rest = column_sums(problem, remaining);
  const MatrixD joining = column_sums(problem, clusters);
  MatrixD out(tiles, tiles);
  const int dropped = problem.shape.cols - problem.shape.kept;
  GYRO_CHECK(for_tiles(problem, "output costs", progress, threads, [&](int tile) {
    for (int cluster = 0; cluster < tiles && !progress.cancelled(); ++cluster) {
      out(tile, cluster) =
          dropped == 0 ? 0 : sum_of_smallest(rest.row(tile) + joining.row(cluster), dropped);
    }
  }));
  return out;
}

Result<MatrixD> input_costs(const SearchProblem& problem, const Permutation& permutation,
                            std::span<const std::int32_t> places, Progress& progress, int threads) {
  GYRO_CHECK(check_orders(problem, permutation));
  GYRO_CHECK(check_places(problem, places));
  const int groups = problem.shape.groups();
  MatrixD out(Eigen::Index{problem.shape.tiles()} * groups, groups);
  GYRO_CHECK(for_tiles(problem, "input costs", progress, threads, [&](int tile) {
    const auto first = static_cast<std::size_t>(tile) * static_cast<std::size_t>(groups);
    const OpenGroups open = open_groups(problem.shape, tile_values(problem, permutation, tile),
                                        places.subspan(first, static_cast<std::size_t>(groups)));
    for (int group = 0; group < groups && !progress.cancelled(); ++group) {
      for (int given = 0; given < groups; ++given) {
        const double kept =
            open.last.row(group).cwiseMax(open.given.row(given)).cast<double>().sum();
        out(Eigen::Index{tile} * groups + group, given) =
            std::max(0.0, open.others_lost[group] + open.given_sum[given] - kept);
      }
    }
  }));
  return out;
}

}  // namespace gyro

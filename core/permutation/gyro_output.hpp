#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/assignment/assignment.hpp"
#include "core/assignment/kmeans.hpp"
#include "core/base/random.hpp"
#include "core/permutation/kept_sums.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// How gyro's output permutation proposes.
struct GyroOutputOptions {
  std::uint64_t seed = 1;
  KmeansOptions kmeans;
  int threads = 0;
  StopCheck stop;
};

/// The output channel permutation of gyro-permutation: partitions are the tiles, judged at the
/// vector level. A proposal depends on the current order and its stream alone, so that it can be
/// made again at any time.
class GyroOutput {
 public:
  struct Proposal {
    std::vector<std::int32_t> drawn;       ///< [tiles · sample] positions in the order, by tile
    std::vector<std::int32_t> cluster_of;  ///< [tiles · sample]; empty when sample = 1
    std::vector<double> cluster_spread;
    Matrix kept;  ///< [tiles × clusters] kept once cluster j joins tile i, scaled
    std::vector<std::int32_t> assignment;  ///< [tiles]
    double kept_before = 0;                ///< Σ over the tiles, absolute
    double kept_after = 0;
    std::int32_t moved = 0;  ///< rows that change their tile
    std::vector<Change> changes;
    bool better = false;  ///< the total loss falls strictly
  };

  /// `problem` must outlive this.
  GyroOutput(const SearchProblem& problem, std::vector<std::int32_t> order,
             GyroOutputOptions options);

  /// Draws `sample` rows out of every tile, clusters and assigns them. Nothing when stopped.
  [[nodiscard]] std::optional<Proposal> propose(int sample, std::uint64_t stream) const;
  void accept(const Proposal& proposal);

  [[nodiscard]] const std::vector<std::int32_t>& order() const { return order_; }
  /// What the vector level keeps now, absolute.
  [[nodiscard]] double kept() const;
  /// Saliency lost in tile i once cluster j joins it, [tiles × clusters], of a proposal.
  [[nodiscard]] MatrixD losses(const Proposal& proposal) const;
  /// Saliency that leaving everything in place loses.
  [[nodiscard]] double loss_of_staying() const { return total_ - kept(); }
  [[nodiscard]] double total() const { return total_; }

 private:
  /// Column sums, padded for sum_of_largest(), [tiles × cols].
  struct Parts {
    Matrix rest;      ///< of the rows that stay in a tile
    Matrix drawn;     ///< of the rows drawn out of a tile
    Matrix clusters;  ///< of the rows of a cluster; empty without clustering: as drawn

    [[nodiscard]] const Matrix& joining() const { return clusters.size() > 0 ? clusters : drawn; }
  };

  [[nodiscard]] bool stopped() const { return options_.stop && options_.stop(); }
  void draw(Proposal& proposal, int sample, RandomStream& random) const;
  [[nodiscard]] bool cluster(Proposal& proposal, RandomStream& random) const;
  [[nodiscard]] Parts sum_parts(const Proposal& proposal) const;
  [[nodiscard]] bool fill_kept(Proposal& proposal, const Parts& parts) const;
  [[nodiscard]] double kept_with(const Parts& parts, int tile, const Matrix& joining, int cluster,
                                 std::vector<float>& scratch) const;
  void place(Proposal& proposal) const;
  void judge(Proposal& proposal, const Parts& parts) const;
  void recount(Proposal& proposal) const;
  void refresh(int tile);
  [[nodiscard]] std::int32_t drawn_row(const Proposal& proposal, std::size_t index) const {
    return order_[static_cast<std::size_t>(proposal.drawn[index])];
  }
  [[nodiscard]] Eigen::VectorXd sums_of(std::vector<std::int32_t> rows) const;
  [[nodiscard]] double kept_of(const Eigen::VectorXd& sums) const;
  [[nodiscard]] std::vector<std::int32_t> rows_of(int tile) const;

  const SearchProblem& problem_;
  GyroOutputOptions options_;
  std::vector<std::int32_t> order_;
  MatrixD sums_;                          ///< [tiles × cols] column sums, rows ascending
  std::vector<SelectionWindow> windows_;  ///< [tiles] of the sums
  std::vector<double> tile_kept_;         ///< [tiles]
  double total_ = 0;
  double scale_ = 1;  ///< of the float sums, a power of two
};

}  // namespace gyro

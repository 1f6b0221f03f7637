#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/assignment/assignment.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// The tile-wise input channel permutation of gyro-permutation in one tile: partitions are the
/// groups of M kept vectors, judged by what N:M keeps. A proposal depends on the current groups and
/// its stream alone, so that it can be made again at any time.
class GyroInput {
 public:
  struct Proposal {
    std::vector<std::int32_t> drawn;  ///< [groups] position of the vector drawn of each group
    Matrix joined;  ///< [groups × drawn] Σ max(N-th best of the rest, vector), scaled
    std::vector<std::int32_t> assignment;  ///< [groups]
    double gain = 0;                       ///< saliency that the tile keeps more, absolute
    std::int32_t moved = 0;                ///< vectors that change their group
    bool better = false;                   ///< the total loss falls strictly
  };

  /// `tile_rows` and `vectors` as in Permutation; vectors change places inside windows of so many
  /// of them (windows.hpp), a multiple of M; 0: anywhere.
  GyroInput(const SearchProblem& problem, int tile, std::span<const std::int32_t> tile_rows,
            std::span<const std::int32_t> vectors, std::uint64_t seed, StopCheck stop,
            int window = 0);

  /// Draws one vector out of each group and assigns them anew. Nothing when stopped.
  [[nodiscard]] std::optional<Proposal> propose(std::uint64_t stream) const;
  /// The same with given positions, one in each group.
  [[nodiscard]] std::optional<Proposal> assign(std::vector<std::int32_t> places) const;
  /// The changes of the tile's vector index; the groups take their new vectors.
  std::vector<Change> accept(const Proposal& proposal);

  [[nodiscard]] std::span<const std::int32_t> vectors() const { return vectors_; }
  [[nodiscard]] int groups() const { return static_cast<int>(vectors_.size()) / m_; }

  /// Saliency that N:M drops in group i once drawn vector j joins it, [groups × drawn].
  [[nodiscard]] MatrixD losses(const Proposal& proposal) const;

 private:
  void split(const Proposal& proposal, Matrix& rest, Matrix& drawn) const;
  [[nodiscard]] std::vector<std::int32_t> others(const Proposal& proposal, int group) const;
  [[nodiscard]] bool assign_windows(Proposal& proposal) const;
  void judge(Proposal& proposal, const Matrix& rest, const Matrix& drawn) const;

  int tile_;
  int n_;
  int m_;
  std::uint64_t seed_;
  StopCheck stop_;
  int window_;                         ///< groups
  std::vector<std::int32_t> vectors_;  ///< columns, in group order
  std::vector<std::int32_t> slots_;    ///< row of values_ of each place
  Matrix values_;                      ///< [kept × V] rows of the tile ascending, scaled
  double scale_ = 1;                   ///< a power of two
};

}  // namespace gyro

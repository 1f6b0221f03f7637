#include "core/permutation/gyro_output.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>
#include <utility>

#include "core/assignment/pairwise.hpp"
#include "core/base/parallel.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kOutputSteps = 0x6779726f00000001;
/// Column sums a proposal must judge before threads pay.
constexpr std::int64_t kWorthThreads = 1 << 19;
/// A proposal whose predicted loss, in float, is more than this share of the total above the
/// present one is rejected without an exact count.
constexpr double kClearlyWorse = 1e-6;

/// Largest saliency that float sums of a tile's column and of a row bear.
constexpr float kSumRange = 1e30F;

std::size_t at(Eigen::Index index) {
  return static_cast<std::size_t>(index);
}

std::span<const float> row_span(const Matrix& matrix, Eigen::Index row) {
  return {matrix.data() + row * matrix.cols(), at(matrix.cols())};
}

}  // namespace

GyroOutput::GyroOutput(const SearchProblem& problem, std::vector<std::int32_t> order,
                       GyroOutputOptions options)
    : problem_(problem),
      options_(std::move(options)),
      order_(std::move(order)),
      sums_(problem.shape.tiles(), problem.shape.cols),
      windows_(at(problem.shape.tiles())),
      tile_kept_(at(problem.shape.tiles())),
      scale_(moderate_scale(problem.saliency, kSumRange)) {
  parallel_for(problem_.shape.tiles(), options_.threads, [this](int tile) {
    if (!stopped()) refresh(tile);
  });
  total_ = sums_.sum();
}

double GyroOutput::kept() const {
  return std::accumulate(tile_kept_.begin(), tile_kept_.end(), 0.0);
}

std::vector<std::int32_t> GyroOutput::rows_of(int tile) const {
  const auto first = order_.begin() + std::ptrdiff_t{tile} * problem_.shape.vector_size;
  return {first, first + problem_.shape.vector_size};
}

Eigen::VectorXd GyroOutput::sums_of(std::vector<std::int32_t> rows) const {
  std::sort(rows.begin(), rows.end());
  Eigen::VectorXd out = Eigen::VectorXd::Zero(problem_.shape.cols);
  for (const auto row : rows) out += problem_.saliency.row(row).transpose().cast<double>();
  return out;
}

double GyroOutput::kept_of(const Eigen::VectorXd& sums) const {
  std::vector<double> values(sums.data(), sums.data() + sums.size());
  const auto end = values.begin() + problem_.shape.kept;
  std::nth_element(values.begin(), end - 1, values.end(), std::greater<>());
  std::sort(values.begin(), end, std::greater<>());
  return std::accumulate(values.begin(), end, 0.0);
}

void GyroOutput::refresh(int tile) {
  const Eigen::VectorXd sums = sums_of(rows_of(tile));
  sums_.row(tile) = sums.transpose();
  tile_kept_[at(tile)] = kept_of(sums);
  const Eigen::VectorXf single = (scale_ * sums).cast<float>();
  windows_[at(tile)] = selection_window({single.data(), at(single.size())}, problem_.shape.kept,
                                        std::max(4, problem_.shape.cols / 10));
}

std::optional<GyroOutput::Proposal> GyroOutput::propose(int sample, std::uint64_t stream) const {
  RandomStream random(options_.seed, kOutputSteps, stream);
  Proposal out;
  out.kept_before = kept();
  draw(out, sample, random);
  if (sample > 1 && !cluster(out, random)) return std::nullopt;
  const Parts parts = sum_parts(out);
  if (!fill_kept(out, parts)) return std::nullopt;
  auto found = solve_assignment(Matrix(-out.kept), {{}, options_.stop});
  if (!found || stopped()) return std::nullopt;
  out.assignment = std::move(found->column_of);
  place(out);
  judge(out, parts);
  return out;
}

void GyroOutput::draw(Proposal& proposal, int sample, RandomStream& random) const {
  const int size = problem_.shape.vector_size;
  for (int tile = 0; tile < problem_.shape.tiles(); ++tile) {
    for (const int place : random.draw(size, sample)) {
      proposal.drawn.push_back(tile * size + place);
    }
  }
}

bool GyroOutput::cluster(Proposal& proposal, RandomStream& random) const {
  Matrix points(static_cast<Eigen::Index>(proposal.drawn.size()), problem_.shape.cols);
  for (std::size_t i = 0; i < proposal.drawn.size(); ++i) {
    points.row(static_cast<Eigen::Index>(i)) = problem_.saliency.row(drawn_row(proposal, i));
  }
  KmeansOptions kmeans = options_.kmeans;
  kmeans.stop = options_.stop;
  auto found = balanced_kmeans(points, problem_.shape.tiles(), random, kmeans);
  if (!found || stopped()) return false;
  proposal.cluster_of = std::move(found->cluster_of);
  proposal.cluster_spread = std::move(found->spread);
  return true;
}

GyroOutput::Parts GyroOutput::sum_parts(const Proposal& proposal) const {
  const auto tiles = problem_.shape.tiles();
  const auto cols = problem_.shape.cols;
  const auto padded = (cols + kSumsStep - 1) / kSumsStep * kSumsStep;
  const auto sample = proposal.drawn.size() / at(tiles);
  MatrixD drawn = MatrixD::Zero(tiles, cols);
  MatrixD clusters = MatrixD::Zero(proposal.cluster_of.empty() ? 0 : tiles, cols);
  for (std::size_t i = 0; i < proposal.drawn.size(); ++i) {
    const auto row = problem_.saliency.row(drawn_row(proposal, i)).cast<double>();
    drawn.row(static_cast<Eigen::Index>(i / sample)) += row;
    if (clusters.rows() > 0) clusters.row(proposal.cluster_of[i]) += row;
  }
  Parts out;
  out.rest = Matrix::Constant(tiles, padded, kSumsPadding);
  out.rest.leftCols(cols) = (scale_ * (sums_ - drawn)).cast<float>();
  out.drawn = Matrix::Zero(tiles, padded);
  out.drawn.leftCols(cols) = (scale_ * drawn).cast<float>();
  if (clusters.rows() > 0) {
    out.clusters = Matrix::Zero(tiles, padded);
    out.clusters.leftCols(cols) = (scale_ * clusters).cast<float>();
  }
  return out;
}

double GyroOutput::kept_with(const Parts& parts, int tile, const Matrix& joining, int cluster,
                             std::vector<float>& scratch) const {
  const auto cols = static_cast<float>(problem_.shape.cols);
  const float shift = (joining.row(cluster).sum() - parts.drawn.row(tile).sum()) / cols;
  const SelectionWindow window{windows_[at(tile)].low + shift, windows_[at(tile)].high + shift};
  return sum_of_largest(row_span(parts.rest, tile), row_span(joining, cluster), problem_.shape.kept,
                        window, scratch);
}

bool GyroOutput::fill_kept(Proposal& proposal, const Parts& parts) const {
  const int tiles = problem_.shape.tiles();
  const Matrix& joining = parts.joining();
  proposal.kept.resize(tiles, tiles);
  std::atomic<bool> complete{true};
  const bool threads = std::int64_t{tiles} * tiles * problem_.shape.cols >= kWorthThreads;
  parallel_for(tiles, threads ? options_.threads : 1, [&](int tile) {
    if (stopped()) complete = false;
    if (!complete) return;
    std::vector<float> scratch;
    for (int cluster = 0; cluster < tiles; ++cluster) {
      proposal.kept(tile, cluster) =
          static_cast<float>(kept_with(parts, tile, joining, cluster, scratch));
    }
  });
  return complete;
}

void GyroOutput::place(Proposal& proposal) const {
  const auto sample = proposal.drawn.size() / at(problem_.shape.tiles());
  std::vector<std::vector<std::int32_t>> clusters(at(problem_.shape.tiles()));
  for (std::size_t i = 0; i < proposal.drawn.size(); ++i) {
    const auto cluster = proposal.cluster_of.empty() ? i / sample : at(proposal.cluster_of[i]);
    clusters[cluster].push_back(proposal.drawn[i]);
  }
  for (std::size_t tile = 0; tile < clusters.size(); ++tile) {
    auto& incoming = clusters[at(proposal.assignment[tile])];
    const auto first = proposal.drawn.begin() + static_cast<std::ptrdiff_t>(tile * sample);
    std::vector<std::int32_t> places(first, first + static_cast<std::ptrdiff_t>(sample));
    std::sort(places.begin(), places.end());
    std::sort(incoming.begin(), incoming.end());
    std::vector<std::int32_t> open;
    std::vector<std::int32_t> movers;
    std::set_difference(places.begin(), places.end(), incoming.begin(), incoming.end(),
                        std::back_inserter(open));
    std::set_difference(incoming.begin(), incoming.end(), places.begin(), places.end(),
                        std::back_inserter(movers));
    for (std::size_t i = 0; i < open.size(); ++i) {
      proposal.changes.push_back({-1, open[i], order_[at(movers[i])]});
    }
  }
  proposal.moved = static_cast<std::int32_t>(proposal.changes.size());
}

void GyroOutput::judge(Proposal& proposal, const Parts& parts) const {
  proposal.kept_after = proposal.kept_before;
  if (proposal.moved == 0) return;
  double gain = 0;
  std::vector<float> scratch;
  for (int tile = 0; tile < problem_.shape.tiles(); ++tile) {
    gain += proposal.kept(tile, proposal.assignment[at(tile)]) -
            static_cast<float>(kept_with(parts, tile, parts.drawn, tile, scratch));
  }
  gain /= scale_;
  proposal.kept_after += gain;
  if (gain > -kClearlyWorse * total_) recount(proposal);
}

void GyroOutput::recount(Proposal& proposal) const {
  auto order = order_;
  std::vector<char> touched(tile_kept_.size(), 0);
  for (const auto& change : proposal.changes) {
    order[at(change.position)] = change.channel;
    touched[at(change.position / problem_.shape.vector_size)] = 1;
  }
  proposal.kept_after = 0;
  for (std::size_t tile = 0; tile < tile_kept_.size(); ++tile) {
    if (touched[tile] == 0) {
      proposal.kept_after += tile_kept_[tile];
      continue;
    }
    const auto first =
        order.begin() + static_cast<std::ptrdiff_t>(tile) * problem_.shape.vector_size;
    proposal.kept_after += kept_of(sums_of({first, first + problem_.shape.vector_size}));
  }
  proposal.better = proposal.kept_after > proposal.kept_before;
}

void GyroOutput::accept(const Proposal& proposal) {
  std::vector<std::int32_t> tiles;
  for (const auto& change : proposal.changes) {
    order_[at(change.position)] = change.channel;
    tiles.push_back(change.position / problem_.shape.vector_size);
  }
  tiles.erase(std::unique(tiles.begin(), tiles.end()), tiles.end());
  for (const auto tile : tiles) refresh(tile);
}

MatrixD GyroOutput::losses(const Proposal& proposal) const {
  const Parts parts = sum_parts(proposal);
  const auto cols = problem_.shape.cols;
  const Eigen::VectorXd rest = parts.rest.leftCols(cols).cast<double>().rowwise().sum();
  const Eigen::VectorXd joining = parts.joining().leftCols(cols).cast<double>().rowwise().sum();
  MatrixD out = -proposal.kept.cast<double>();
  out.colwise() += rest;
  out.rowwise() += joining.transpose();
  return out.cwiseMax(0) / scale_;
}

}  // namespace gyro

#include "core/permutation/gyro_input.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/assignment/pairwise.hpp"
#include "core/base/random.hpp"
#include "core/permutation/best_of_rows.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kInputSteps = 0x6779726f00000002;
/// What counts as a gain: below this share of the judged sum it is rounding.
constexpr double kRounding = 1e-12;

/// Largest saliency that float sums over a tile's rows bear.
constexpr float kSumRange = 1e30F;

std::size_t at(Eigen::Index index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

GyroInput::GyroInput(const SearchProblem& problem, int tile,
                     std::span<const std::int32_t> tile_rows, std::span<const std::int32_t> vectors,
                     std::uint64_t seed, StopCheck stop, int window)
    : tile_(tile),
      n_(problem.shape.nm.n),
      m_(problem.shape.nm.m),
      seed_(seed),
      stop_(std::move(stop)),
      window_((window > 0 ? window : problem.shape.kept) / m_),
      vectors_(vectors.begin(), vectors.end()),
      slots_(vectors.size()),
      values_(static_cast<Eigen::Index>(vectors.size()),
              static_cast<Eigen::Index>(tile_rows.size())) {
  std::iota(slots_.begin(), slots_.end(), 0);
  std::vector<std::int32_t> rows(tile_rows.begin(), tile_rows.end());
  std::sort(rows.begin(), rows.end());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const float* row = problem.saliency.data() + std::int64_t{rows[r]} * problem.shape.cols;
    for (std::size_t k = 0; k < vectors.size(); ++k) {
      values_(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(r)) = row[vectors[k]];
    }
  }
  const float scale = moderate_scale(view_of(values_), kSumRange);
  if (scale != 1) values_ *= scale;
  scale_ = scale;
}

std::optional<GyroInput::Proposal> GyroInput::propose(std::uint64_t stream) const {
  RandomStream random(seed_, kInputSteps, stream);
  std::vector<std::int32_t> drawn;
  for (int group = 0; group < groups(); ++group) {
    const auto member = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(m_)));
    drawn.push_back(group * m_ + member);
  }
  return assign(std::move(drawn));
}

std::optional<GyroInput::Proposal> GyroInput::assign(std::vector<std::int32_t> places) const {
  Proposal out;
  out.drawn = std::move(places);
  Matrix rest;
  Matrix drawn;
  split(out, rest, drawn);
  sums_of_maxima(rest, drawn, out.joined);
  if (!assign_windows(out)) return std::nullopt;
  judge(out, rest, drawn);
  return out;
}

/// Assigns window by window; false when stopped.
bool GyroInput::assign_windows(Proposal& proposal) const {
  for (int first = 0; first < groups(); first += window_) {
    const int count = std::min(window_, groups() - first);
    const Matrix cost = -proposal.joined.block(first, first, count, count);
    const auto prices = mean_costs(cost);
    const auto found = solve_assignment(cost, {prices, stop_});
    if (!found) return false;
    for (const auto column : found->column_of) proposal.assignment.push_back(first + column);
  }
  return true;
}

std::vector<std::int32_t> GyroInput::others(const Proposal& proposal, int group) const {
  std::vector<std::int32_t> out;
  for (int place = group * m_; place < (group + 1) * m_; ++place) {
    if (place != proposal.drawn[at(group)]) out.push_back(slots_[at(place)]);
  }
  return out;
}

/// rest(i, r): the N-th best of group i in row r without its drawn vector; drawn(j, r): the vector.
void GyroInput::split(const Proposal& proposal, Matrix& rest, Matrix& drawn) const {
  rest.resize(groups(), values_.cols());
  drawn.resize(groups(), values_.cols());
  BestOfRows best(n_, values_.cols());
  for (int group = 0; group < groups(); ++group) {
    best.clear();
    for (const auto slot : others(proposal, group)) {
      best.offer(values_.data() + slot * values_.cols());
    }
    rest.row(group) = best.last();
    drawn.row(group) = values_.row(slots_[at(proposal.drawn[at(group)])]);
  }
}

void GyroInput::judge(Proposal& proposal, const Matrix& rest, const Matrix& drawn) const {
  double stay = 0;
  double chosen = 0;
  const auto joined = [&](int group, int vector) {
    return rest.row(group).cwiseMax(drawn.row(vector)).cast<double>().sum();
  };
  for (int group = 0; group < groups(); ++group) {
    const auto vector = proposal.assignment[at(group)];
    if (vector == group) continue;
    ++proposal.moved;
    stay += joined(group, group);
    chosen += joined(group, vector);
  }
  proposal.gain = (chosen - stay) / scale_;
  proposal.better = chosen - stay > kRounding * stay;
}

std::vector<Change> GyroInput::accept(const Proposal& proposal) {
  std::vector<Change> changes;
  const auto vectors = vectors_;
  const auto slots = slots_;
  for (int group = 0; group < groups(); ++group) {
    const auto to = proposal.drawn[at(group)];
    const auto from = proposal.drawn[at(proposal.assignment[at(group)])];
    if (to == from) continue;
    vectors_[at(to)] = vectors[at(from)];
    slots_[at(to)] = slots[at(from)];
    changes.push_back({tile_, to, vectors_[at(to)]});
  }
  return changes;
}

MatrixD GyroInput::losses(const Proposal& proposal) const {
  MatrixD out = -proposal.joined.cast<double>();
  BestOfRows best(n_, values_.cols());
  for (int group = 0; group < groups(); ++group) {
    double all = 0;
    best.clear();
    for (const auto slot : others(proposal, group)) {
      best.offer(values_.data() + slot * values_.cols());
      all += values_.row(slot).cast<double>().sum();
    }
    out.row(group).array() += all - best.sum_without_last();
    out.col(group).array() +=
        values_.row(slots_[at(proposal.drawn[at(group)])]).cast<double>().sum();
  }
  return out.cwiseMax(0) / scale_;
}

}  // namespace gyro

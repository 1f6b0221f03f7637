#include "gpu/search/gyro.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/permutation/gyro_rounds.hpp"
#include "gpu/search/gyro_input.hpp"
#include "gpu/search/gyro_output.hpp"

namespace gyro::cuda {
namespace {

constexpr std::int32_t kOutput = 0;  // phases, as core's
constexpr std::int32_t kInput = 1;

class Gyro {
 public:
  Gyro(gyro_context& context, const float* saliency, const SaliencySums& sums,
       const gyro_shape& shape, const gyro_search& search, const SearchTime& clock,
       const gyro_progress* progress, GyroParameters parameters)
      : context_(context),
        saliency_(saliency),
        sums_(sums),
        shape_(shape),
        search_(search),
        clock_(clock),
        progress_(progress),
        parameters_(std::move(parameters)) {}

  Status run() {
    GYRO_TRY(auto output, GyroOutput::make(context_, saliency_, sums_.largest, shape_, search_.seed,
                                           parameters_, [this] { return expired(); }));
    GYRO_CHECK(permute_rows(output));
    orders_.output_order = output.order();
    GYRO_TRY(orders_.vector_index, output.vectors());
    return {};
  }

  Status run_input() {
    GYRO_TRY(const std::size_t memory, input_memory());
    GYRO_TRY(auto input, GyroInput::make(context_, saliency_, sums_.largest, shape_, search_.seed,
                                         orders_, memory));
    kept_ = input.kept();
    if (shape_.kept > shape_.m && may_step()) GYRO_CHECK(permute_vectors(input));
    return {};
  }

  [[nodiscard]] SearchOutcome outcome() && {
    SearchOutcome out;
    out.orders = std::move(orders_);
    out.retained = sums_.total > 0 ? kept_ / sums_.total : 1;
    out.steps = steps_;
    out.stopped_by = stop_;
    return out;
  }

 private:
  [[nodiscard]] bool expired() {
    if (stop_ == Stop::Finished && search_.budget_seconds >= 0 &&
        clock_.seconds() >= search_.budget_seconds) {
      stop_ = Stop::Budget;
    }
    if (stop_ == Stop::Finished && !reach(progress_, reached_)) stop_ = Stop::Cancelled;
    return stop_ == Stop::Budget || stop_ == Stop::Cancelled;
  }
  [[nodiscard]] bool may_step() {
    if (expired()) return false;
    if (search_.max_steps >= 0 && steps_ >= search_.max_steps) stop_ = Stop::Steps;
    return stop_ == Stop::Finished;
  }
  void start_phase(const char* name, std::int64_t total) {
    reached_ = 0;
    if (!begin(progress_, name, total) && stop_ == Stop::Finished) stop_ = Stop::Cancelled;
  }
  [[nodiscard]] double share(double kept) const { return sums_.total > 0 ? kept / sums_.total : 1; }

  /// Bytes that the input permutation may take, the saliency being there already.
  [[nodiscard]] Result<std::size_t> input_memory() const {
    GYRO_TRY(std::size_t left, memory_left(context_));
    const auto taken = static_cast<std::size_t>(shape_.rows) *
                       static_cast<std::size_t>(shape_.cols) * sizeof(float);
    if (context_.budget > 0)
      left = std::min(left, context_.budget - std::min(taken, context_.budget));
    return left - left / 8;
  }

  Status permute_rows(GyroOutput& output);
  Status tell_output(const GyroOutput::Proposal& proposal, GyroOutput& output, int round,
                     int sample);
  Status permute_vectors(GyroInput& input);
  Status permute_piece(GyroInput& input, const std::vector<int>& tiles, std::int64_t step,
                       std::vector<Patience>& patience);
  void tell_input(const GyroInput::Outcome& outcome, double before, bool with_state) const;

  gyro_context& context_;
  const float* saliency_;
  const SaliencySums& sums_;
  const gyro_shape& shape_;
  const gyro_search& search_;
  const SearchTime& clock_;
  const gyro_progress* progress_;
  GyroParameters parameters_;
  FoundOrders orders_;
  double kept_ = 0;  ///< by the input permutation, absolute
  std::int64_t steps_ = 0;
  std::int64_t reached_ = 0;
  Stop stop_ = Stop::Finished;
};

Status Gyro::permute_rows(GyroOutput& output) {
  start_phase("output permutation", static_cast<std::int64_t>(parameters_.schedule.size()));
  if (shape_.rows == shape_.vector_size) return {};
  std::uint64_t stream = 0;
  for (std::size_t round = 0; round < parameters_.schedule.size(); ++round) {
    const int sample = std::max(1, std::min(parameters_.schedule[round], shape_.vector_size / 2));
    Patience patience(parameters_.patience, parameters_.reset);
    while (!patience.over() && may_step()) {
      GYRO_TRY(auto proposal, output.propose(sample, stream));
      if (!proposal) break;
      ++stream;
      ++steps_;
      patience.heard(proposal->better);
      const GyroOutput::Proposal told = *proposal;
      if (proposal->better) output.accept(*proposal);
      GYRO_CHECK(tell_output(told, output, static_cast<int>(round), sample));
    }
    ++reached_;
  }
  return {};
}

Status Gyro::tell_output(const GyroOutput::Proposal& proposal, GyroOutput& output, int round,
                         int sample) {
  if (search_.on_step == nullptr) return {};
  gyro_step step{};
  step.phase = kOutput;
  step.tile = -1;
  step.round = round;
  step.sample = sample;
  step.accepted = proposal.better ? 1 : 0;
  step.moved = proposal.moved;
  step.before = share(proposal.kept_before);
  step.after = share(proposal.kept_after);
  std::vector<std::int32_t> vectors;
  gyro_orders state{};
  if (proposal.better) {
    GYRO_TRY(vectors, output.vectors());
    state = {output.order().data(), vectors.data()};
    step.state = &state;
  }
  search_.on_step(search_.observer, &step);
  return {};
}

Status Gyro::permute_vectors(GyroInput& input) {
  const int tiles = shape_.rows / shape_.vector_size;
  start_phase("input permutation", tiles);
  std::vector<Patience> patience(static_cast<std::size_t>(tiles),
                                 Patience(parameters_.input_patience, parameters_.input_reset));
  std::vector<int> active(patience.size());
  std::iota(active.begin(), active.end(), 0);
  for (std::int64_t step = 0; !active.empty() && may_step(); ++step) {
    for (std::size_t first = 0; first < active.size() && may_step();
         first += static_cast<std::size_t>(input.capacity())) {
      const auto from = active.begin() + static_cast<std::ptrdiff_t>(first);
      const auto count = std::min<std::ptrdiff_t>(input.capacity(), active.end() - from);
      GYRO_CHECK(permute_piece(input, {from, from + count}, step, patience));
    }
    std::erase_if(active,
                  [&](int tile) { return patience[static_cast<std::size_t>(tile)].over(); });
    reached_ = tiles - static_cast<std::int64_t>(active.size());
  }
  return {};
}

/// A proposal for each of the tiles, as far as steps are left.
Status Gyro::permute_piece(GyroInput& input, const std::vector<int>& tiles, std::int64_t step,
                           std::vector<Patience>& patience) {
  GYRO_TRY(const auto outcomes, input.propose(tiles, step));
  for (std::size_t k = 0; k < outcomes.size(); ++k) {
    if (search_.max_steps >= 0 && steps_ >= search_.max_steps) break;
    const auto& outcome = outcomes[k];
    if (outcome.better) input.accept(k);
    patience[static_cast<std::size_t>(outcome.tile)].heard(outcome.better);
    ++steps_;
    tell_input(outcome, kept_, k + 1 == outcomes.size());
    if (outcome.better) kept_ += outcome.gain;
  }
  return {};
}

void Gyro::tell_input(const GyroInput::Outcome& outcome, double before, bool with_state) const {
  if (search_.on_step == nullptr) return;
  const gyro_orders state{orders_.output_order.data(), orders_.vector_index.data()};
  gyro_step step{};
  step.phase = kInput;
  step.tile = outcome.tile;
  step.sample = 1;
  step.accepted = outcome.better ? 1 : 0;
  step.moved = outcome.moved;
  step.before = share(before);
  step.after = share(before + outcome.gain);
  step.state = with_state ? &state : nullptr;
  search_.on_step(search_.observer, &step);
}

}  // namespace

Result<SearchOutcome> search_gyro(gyro_context& context, const float* saliency,
                                  const SaliencySums& sums, const gyro_shape& shape,
                                  const gyro_search& search, const SearchTime& clock,
                                  const gyro_progress* progress) {
  GYRO_TRY(auto parameters, parse_gyro_parameters(search.parameters));
  Gyro gyro(context, saliency, sums, shape, search, clock, progress, std::move(parameters));
  GYRO_CHECK(gyro.run());
  GYRO_CHECK(gyro.run_input());
  return std::move(gyro).outcome();
}

Result<std::size_t> gyro_bytes(const gyro_context& /*context*/, const gyro_shape& shape,
                               const gyro_search& search) {
  GYRO_TRY(const auto parameters, parse_gyro_parameters(search.parameters));
  return GyroOutput::bytes(shape, parameters);
}

}  // namespace gyro::cuda

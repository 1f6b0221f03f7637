#include "gpu/search/annealing.hpp"

#include <algorithm>
#include <limits>

#include "gpu/search/schedule.hpp"

namespace gyro::cuda {
namespace {

constexpr double kDefaultSeconds = 10;
constexpr double kQuenchShare = 0.03;    // as the device plans it
constexpr double kShortBatch = 2e-4;     // seconds between two looks at the clock,
constexpr double kLongBatch = 1e-2;      // so that a cancel is heard soon,
constexpr double kBatchShare = 0.01;     // and so much of the budget between them
constexpr double kBundleSeconds = 3e-4;  // a sweep that takes longer gains nothing as a graph
constexpr double kLastSeconds = 0.04;    // a cancelled search settles for so long
constexpr double kStepSeconds = 0.02;    // at least, between two steps of the trace
constexpr double kTraceCost = 10;        // and so many times what telling a step takes
constexpr int kTracedSteps = 256;        // of a search with a fixed number of sweeps

}  // namespace

Annealing::Annealing(SearchState& state, const gyro_search& search, const SearchTime& clock,
                     const gyro_progress* progress, double retained)
    : state_(state),
      search_(search),
      clock_(clock),
      progress_(progress),
      sweeps_(state.field(), state.launch()),
      budget_(search.budget_seconds >= 0 || search.max_steps >= 0 ? search.budget_seconds
                                                                  : kDefaultSeconds),
      traced_(retained) {}

double Annealing::share() const {
  const double by_steps = counted() ? double(done_) / double(search_.max_steps) : 0;
  const double left = budget_ - began_;
  const double by_clock = timed() && left > 0 ? (clock_.seconds() - began_) / left : 0;
  return std::min(1.0, std::max(by_steps, by_clock));
}

/// From the sweep that runs now on. By steps alone, unless the clock is ahead of them.
Pace Annealing::pace() const {
  Pace out;
  const double steps = counted() ? double(search_.max_steps) : 0;
  const double left = budget_ - began_;
  const double spent = timed() && left > 0 ? (heard_ - began_) / left : 0;
  if (counted() && double(done_) / steps >= spent) {
    out.per_sweep = static_cast<float>(1 / steps);
    out.warmth = warmth_of(steps);
    return out;
  }
  out.share = static_cast<float>(spent);
  out.per_sweep = static_cast<float>(per_sweep_ / left);
  out.from = static_cast<std::uint32_t>(done_);
  out.warmth = per_sweep_ > 0 ? warmth_of(left / per_sweep_) : 1;
  return out;
}

Status Annealing::run(const Control& first) {
  GYRO_CHECK(sweeps_.prepare());
  GYRO_CHECK(paces_.take(kRing));
  const cudaStream_t stream = state_.launch().stream;
  GYRO_CHECK(state_.start(first));
  GYRO_CHECK(state_.place());
  GYRO_CHECK(check(cudaStreamSynchronize(stream), "placing rows"));
  began_ = heard_ = clock_.seconds();
  const double total = counted() ? double(search_.max_steps) : budget_ * 1e3;
  if (!begin(progress_, "annealing", static_cast<std::int64_t>(total))) stop_ = Stop::Cancelled;
  if (stop_ == Stop::Finished) GYRO_CHECK(anneal());
  if (stop_ == Stop::Cancelled) GYRO_CHECK(settle());
  return report();
}

Status Annealing::anneal() {
  while (stop_ == Stop::Finished) {
    const std::int64_t sweeps = next_batch();
    if (sweeps > 0) {
      GYRO_CHECK(start_batch(sweeps, pace()));
    } else if (flight_.empty()) {
      break;
    }
    // The first batches are waited for at once: they tell how long a sweep takes.
    const std::size_t most = done_ < 3 || sweeps == 0 ? 0 : kInFlight - 1;
    while (flight_.size() > most) GYRO_CHECK(finish_batch());
    hear_progress();
    if (report_due()) GYRO_CHECK(report());
    if (!sweeps_.bundled() && done_ >= 3 && per_sweep_ < kBundleSeconds) {
      GYRO_CHECK(drain());
      GYRO_CHECK(sweeps_.bundle());
      heard_ = clock_.seconds();
    }
  }
  GYRO_CHECK(drain());
  steps_ = done_;
  if (stop_ == Stop::Finished) {
    stop_ = counted() && done_ >= search_.max_steps ? Stop::Steps : Stop::Budget;
  }
  return {};
}

/// How many sweeps to launch next; 0: the end.
std::int64_t Annealing::next_batch() {
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (counted()) most = search_.max_steps - launched_;
  if (most <= 0 || (timed() && clock_.seconds() >= budget_)) return 0;
  if (done_ < 3) return std::min<std::int64_t>(most, done_ == 0 ? 1 : 2);
  const double seconds =
      timed() ? std::clamp(budget_ * kBatchShare, kShortBatch, kLongBatch) : kLongBatch;
  std::int64_t out = std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds / per_sweep_));
  if (timed()) {
    const double end = heard_ + double(launched_ - done_) * per_sweep_;
    const auto fit = static_cast<std::int64_t>((budget_ - end) / per_sweep_);
    if (fit < 1) return 0;
    out = std::min(out, fit);
  }
  if (sweeps_.bundled() && out >= 8) out -= out % 8;
  return std::min({out, most, until_report()});
}

std::int64_t Annealing::until_report() const {
  if (search_.on_step == nullptr || !counted()) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t every = (search_.max_steps + kTracedSteps - 1) / kTracedSteps;
  return std::max<std::int64_t>(1, reported_ + every - launched_);
}

Status Annealing::start_batch(std::int64_t sweeps, const Pace& pace) {
  const std::size_t slot = next_slot_;
  next_slot_ = (next_slot_ + 1) % kRing;
  const cudaStream_t stream = state_.launch().stream;
  paces_[slot] = pace;
  GYRO_CHECK(check(
      cudaMemcpyAsync(state_.pace(), &paces_[slot], sizeof pace, cudaMemcpyHostToDevice, stream),
      "copying to the device"));
  GYRO_CHECK(sweeps_.run(sweeps));
  GYRO_CHECK(events_[slot].record(stream));
  flight_.push_back({sweeps, slot});
  launched_ += sweeps;
  return {};
}

Status Annealing::finish_batch() {
  const Batch batch = flight_.front();
  GYRO_CHECK(events_[batch.slot].wait());
  flight_.pop_front();
  const double now = clock_.seconds();
  const double each = (now - heard_) / double(batch.sweeps);
  // The first sweep also loads the kernels.
  if (done_ > 0) per_sweep_ = per_sweep_ > 0 ? 0.5 * (per_sweep_ + each) : each;
  done_ += batch.sweeps;
  heard_ = now;
  return {};
}

Status Annealing::drain() {
  while (!flight_.empty()) GYRO_CHECK(finish_batch());
  return {};
}

void Annealing::hear_progress() {
  const double reached = counted() ? double(done_) : clock_.seconds() * 1e3;
  bool wanted = true;
  if (phase_ == kAnnealing && share() >= 1 - kQuenchShare) {
    phase_ = kQuench;
    const double total = counted() ? double(search_.max_steps) : budget_ * 1e3;
    wanted = begin(progress_, "quench", static_cast<std::int64_t>(total));
  }
  if (!reach(progress_, static_cast<std::int64_t>(reached)) || !wanted) stop_ = Stop::Cancelled;
}

/// A cancelled search is still hot: what it holds is worth more once settled.
Status Annealing::settle() {
  GYRO_CHECK(drain());
  GYRO_CHECK(report());
  phase_ = kQuench;
  Pace over;
  over.share = 1;
  // The sweep after the first one is the first to know that it is the end.
  GYRO_CHECK(start_batch(1, over));
  GYRO_CHECK(drain());
  const double end = clock_.seconds() + kLastSeconds;
  while (clock_.seconds() < end && (per_sweep_ == 0 || per_sweep_ < kLastSeconds)) {
    const double fit = per_sweep_ > 0 ? (end - clock_.seconds()) / per_sweep_ : 1;
    GYRO_CHECK(
        start_batch(std::clamp<std::int64_t>(static_cast<std::int64_t>(fit / 2), 1, 1000), over));
    GYRO_CHECK(drain());
  }
  return {};
}

/// When a step of the trace is due: by sweeps if they are fixed, else by the clock.
bool Annealing::report_due() const {
  if (search_.on_step == nullptr || done_ == reported_) return false;
  if (!counted()) return clock_.seconds() >= next_report_;
  const std::int64_t every = (search_.max_steps + kTracedSteps - 1) / kTracedSteps;
  return launched_ >= reported_ + every;
}

Result<Counts> Annealing::counts() const {
  Counts out;
  GYRO_CHECK(check(cudaMemcpyAsync(&out, state_.field().counts, sizeof out, cudaMemcpyDeviceToHost,
                                   state_.launch().stream),
                   "copying from the device"));
  GYRO_CHECK(check(cudaStreamSynchronize(state_.launch().stream), "copying from the device"));
  return out;
}

Status Annealing::report() {
  GYRO_CHECK(drain());
  if (search_.on_step == nullptr || done_ == reported_) return {};
  const double began = clock_.seconds();
  GYRO_TRY(const Counts now, counts());
  GYRO_TRY(const double retained, state_.retained());
  GYRO_TRY(const FoundOrders orders, state_.orders());
  const Layout& l = state_.field().layout;
  const double moved = 2 * double(now.vectors - told_.vectors + now.rows - told_.rows);
  const auto sweeps = double(done_ - reported_);
  const auto of_rows = double(now.row_sweeps - told_.row_sweeps);
  const double judged = 16 * l.vector_pairs(l.vector_rounds) * (sweeps - of_rows) +
                        (16 * l.vector_pairs(l.few_rounds) + l.row_pairs()) * of_rows;
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  gyro_step step{};
  step.sample = static_cast<std::int32_t>(std::min(judged, kMost));
  step.accepted = moved > 0 ? 1 : 0;
  step.moved = static_cast<std::int32_t>(std::min(moved, kMost));
  tell(step, orders, retained);
  told_ = now;
  reported_ = done_;
  const double end = clock_.seconds();
  next_report_ = end + std::max(kStepSeconds, kTraceCost * (end - began));
  heard_ = end;
  return {};
}

void Annealing::tell(gyro_step step, const FoundOrders& orders, double retained) {
  const gyro_orders state{orders.output_order.data(), orders.vector_index.data()};
  step.phase = phase_;
  step.tile = -1;
  step.round = round_++;
  step.before = traced_;
  step.after = retained;
  step.state = &state;
  search_.on_step(search_.observer, &step);
  traced_ = retained;
}

void Annealing::tell_return(const FoundOrders& orders, double retained) {
  if (search_.on_step == nullptr || round_ == 0) return;
  phase_ = kQuench;
  gyro_step step{};
  step.sample = 1;
  step.accepted = 1;
  step.moved = state_.field().layout.rows;
  tell(step, orders, retained);
}

}  // namespace gyro::cuda

#include "gpu/benchmark/samples.hpp"

#include <chrono>
#include <memory>

#include "gpu/benchmark/clock.hpp"
#include "gpu/benchmark/event.hpp"

namespace gyro::cuda {
namespace {

constexpr int kSamples = 101;
constexpr int kLeastSamples = 21;
constexpr int kWarmUps = 3;
constexpr double kSeconds = 2;  // after which kLeastSamples are enough

struct Turn {
  Contender* contender = nullptr;
  Event begin;
  Event end;
  std::vector<ClockedSample> samples;
};

class Sampler {
 public:
  Sampler(const gyro_context& context, const std::vector<Contender*>& contenders, bool cold)
      : context_(context), cold_(cold) {
    for (auto* const contender : contenders) {
      turns_.push_back(std::make_unique<Turn>());
      turns_.back()->contender = contender;
    }
  }

  [[nodiscard]] Status prepare() {
    GYRO_TRY(probe_, ClockProbe::make(turns_.size()));
    GYRO_TRY(flush_, CacheFlush::make(context_));
    return {};
  }

  /// One sample of every contender, the first of them another one each round.
  [[nodiscard]] Status round(int number) {
    const std::size_t count = turns_.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t which = (i + static_cast<std::size_t>(number + kWarmUps)) % count;
      GYRO_CHECK(queue(which));
    }
    GYRO_TRY(const auto clocks, probe_.readings(count, context_.stream));
    if (number < 0) return {};
    for (std::size_t i = 0; i < count; ++i) {
      float ms = 0;
      GYRO_CHECK(check(cudaEventElapsedTime(&ms, turns_[i]->begin.get(), turns_[i]->end.get()),
                       "reading a time"));
      turns_[i]->samples.push_back({static_cast<double>(ms) * 1e3, clocks[i]});
    }
    return {};
  }

  [[nodiscard]] std::vector<Timing> timings() const {
    std::vector<ClockedSample> all;
    for (const auto& turn : turns_) {
      all.insert(all.end(), turn->samples.begin(), turn->samples.end());
    }
    const double normal = normal_clock(all);
    std::vector<Timing> out;
    for (const auto& turn : turns_) out.push_back(summarize(turn->samples, normal));
    return out;
  }

 private:
  Status queue(std::size_t which) {
    Turn& turn = *turns_[which];
    if (cold_) {
      GYRO_CHECK(flush_.run(context_.stream));
    } else {
      GYRO_CHECK(turn.contender->run(context_.stream));
    }
    GYRO_CHECK(probe_.read(which, context_.stream));
    GYRO_CHECK(check(cudaEventRecord(turn.begin.get(), context_.stream), "taking a time"));
    GYRO_CHECK(turn.contender->run(context_.stream));
    return check(cudaEventRecord(turn.end.get(), context_.stream), "taking a time");
  }

  const gyro_context& context_;
  bool cold_;
  std::vector<std::unique_ptr<Turn>> turns_;
  ClockProbe probe_;
  CacheFlush flush_;
};

}  // namespace

Result<std::vector<Timing>> take_samples(const gyro_context& context,
                                         const std::vector<Contender*>& contenders,
                                         const SamplePlan& plan, const gyro_progress* progress) {
  Sampler sampler(context, contenders, plan.cold);
  GYRO_CHECK(sampler.prepare());
  const int wanted = plan.samples > 0 ? plan.samples : kSamples;
  if (!begin(progress, plan.cold ? "timing, cold" : "timing, warm", wanted)) {
    return fail(ErrorCode::Cancelled, "the benchmark was stopped");
  }
  const auto started = std::chrono::steady_clock::now();
  for (int number = -kWarmUps; number < wanted; ++number) {
    GYRO_CHECK(sampler.round(number));
    if (!reach(progress, std::max(0, number + 1))) {
      return fail(ErrorCode::Cancelled, "the benchmark was stopped");
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started;
    if (plan.samples <= 0 && number + 1 >= kLeastSamples && spent.count() > kSeconds) break;
  }
  return sampler.timings();
}

}  // namespace gyro::cuda

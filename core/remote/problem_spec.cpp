#include "core/remote/problem_spec.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/random.hpp"
#include "core/remote/fields.hpp"
#include "core/remote/wire.hpp"

namespace gyro::remote {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87U;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FU;
constexpr std::size_t kLanes = 4;

std::uint64_t mixed_in(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

/// The matrices that were asked for last; a spec is made for every call on the same few.
class Remembered {
 public:
  std::uint64_t of(const SharedMatrix& matrix) {
    if (!matrix) return 0;
    const std::lock_guard lock(mutex_);
    for (const auto& [known, value] : known_) {
      if (known.lock() == matrix) return value;
    }
    const std::uint64_t value = fingerprint(*matrix);
    known_.emplace_back(matrix, value);
    if (known_.size() > 8) known_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::deque<std::pair<std::weak_ptr<const Matrix>, std::uint64_t>> known_;
};

std::uint64_t remembered(const SharedMatrix& matrix) {
  static Remembered all;
  return all.of(matrix);
}

std::uint64_t calibration_fingerprint(const Problem& problem) {
  if (!problem.calibration) return 0;
  const auto& data = *problem.calibration;
  return remembered(data.inputs ? data.inputs : data.gram);
}

bool close(double a, double b) {
  return std::abs(a - b) <= 1e-6;
}

std::string absolute(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  const auto out = std::filesystem::absolute(path, error);
  return error ? path : out.lexically_normal().string();
}

Status same(bool agrees, const char* what, const ProblemSpec& meant) {
  if (agrees) return {};
  return fail(ErrorCode::Mismatch, std::string(what) + " differs from the one that is open here",
              meant.path + ": " + meant.layer,
              "The worker finds another file under this path, or the file was changed: copy it "
              "again, or open it again here.");
}

}  // namespace

bool ProblemSpec::opens_as(const ProblemSpec& other) const {
  return path == other.path && layer == other.layer && settings == other.settings &&
         nonfinite == other.nonfinite;
}

std::uint64_t fingerprint(const Matrix& matrix) {
  std::array<std::uint64_t, kLanes> lanes{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
  const auto bytes = static_cast<std::size_t>(matrix.size()) * sizeof(float);
  const auto* const data = reinterpret_cast<const unsigned char*>(matrix.data());
  std::size_t at = 0;
  for (; at + sizeof(lanes) <= bytes; at += sizeof(lanes)) {
    std::array<std::uint64_t, kLanes> words;
    std::memcpy(words.data(), data + at, sizeof(words));
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = mixed_in(lanes[i], words[i]);
  }
  std::array<std::uint64_t, kLanes> rest{};
  if (at < bytes) std::memcpy(rest.data(), data + at, bytes - at);
  std::uint64_t out =
      mix(static_cast<std::uint64_t>(matrix.rows())) + static_cast<std::uint64_t>(matrix.cols());
  for (std::size_t i = 0; i < kLanes; ++i) out = mix(out ^ mixed_in(lanes[i], rest[i]));
  return out;
}

ProblemSpec spec_of(const Problem& problem) {
  ProblemSpec out;
  out.path = absolute(problem.layer.source_path);
  out.layer = problem.layer.info.name;
  out.settings = problem.settings;
  out.settings.saliency.calibration.file = absolute(out.settings.saliency.calibration.file);
  out.settings.saliency.scores.file = absolute(out.settings.saliency.scores.file);
  out.nonfinite = problem.layer.nonfinite > 0 ? NonFinite::Zero : NonFinite::Refuse;
  out.weight = remembered(problem.layer.weight);
  out.calibration = calibration_fingerprint(problem);
  out.identity_retained = problem.identity_retained;
  out.row_bound = problem.row_bound;
  return out;
}

Status check_same(const ProblemSpec& meant, const Problem& opened) {
  GYRO_CHECK(same(remembered(opened.layer.weight) == meant.weight, "the weight", meant));
  GYRO_CHECK(
      same(calibration_fingerprint(opened) == meant.calibration, "the calibration data", meant));
  // Another processor may round a saliency otherwise.
  return same(close(opened.identity_retained, meant.identity_retained) &&
                  close(opened.row_bound, meant.row_bound),
              "the saliency", meant);
}

nlohmann::json to_json(const ProblemSpec& spec) {
  return {{"path", spec.path},
          {"layer", spec.layer},
          {"settings", to_json(spec.settings)},
          {"nonfinite_as_zero", spec.nonfinite == NonFinite::Zero},
          {"weight", spec.weight},
          {"calibration", spec.calibration},
          {"identity_retained", spec.identity_retained},
          {"row_bound", spec.row_bound}};
}

Result<ProblemSpec> spec_from_json(const nlohmann::json& json) {
  Fields fields(json);
  ProblemSpec out;
  out.path = fields.text("path");
  out.layer = fields.text("layer");
  out.nonfinite = fields.flag("nonfinite_as_zero") ? NonFinite::Zero : NonFinite::Refuse;
  out.weight = fields.whole("weight");
  out.calibration = fields.whole("calibration");
  out.identity_retained = fields.number("identity_retained");
  out.row_bound = fields.number("row_bound");
  GYRO_CHECK(fields.status());
  GYRO_TRY(out.settings, settings_from_json(fields.part("settings")));
  return out;
}

}  // namespace gyro::remote

#include "core/remote/frame.hpp"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/advice.hpp"

namespace gyro::remote {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::size_t kDepth = 16;

/// Checks CBOR before nlohmann's reader sees it: that one recurses as deep as the input says.
class CborCheck {
 public:
  explicit CborCheck(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool passes() {
    while (true) {
      while (left_[depth_] == 0) {
        if (depth_ == 0) return at_ == bytes_.size();
        --depth_;
      }
      --left_[depth_];
      if (!item()) return false;
    }
  }

 private:
  enum Major { Text = 3, Array = 4, Map = 5, Tag = 6, Simple = 7 };

  [[nodiscard]] std::size_t rest() const { return bytes_.size() - at_; }

  bool item() {
    if (rest() == 0) return false;
    const int major = bytes_[at_] >> 5;
    const int info = bytes_[at_] & 31;
    ++at_;
    std::uint64_t value = static_cast<std::uint64_t>(info);
    if (info >= 24) {
      if (info > 27) return false;
      const std::size_t size = std::size_t{1} << (info - 24);
      if (rest() < size) return false;
      value = 0;
      for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes_[at_++];
    }
    if (major < 2) return true;
    if (major == Tag) return false;
    if (major == Simple) return (info >= 20 && info <= 22) || info >= 25;
    if (value > rest()) return false;
    if (major <= Text) {
      at_ += value;
      return true;
    }
    if (value == 0) return true;
    if (depth_ + 1 == kDepth) return false;
    left_[++depth_] = major == Map ? 2 * value : value;
    return true;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, kDepth> left_{1};  ///< items still to come at each depth
};

tl::unexpected<Error> garbled() {
  return fail(ErrorCode::Malformed, "a message is garbled", {}, advice::kVersions);
}

}  // namespace

Result<std::vector<std::uint8_t>> encode_frame(const nlohmann::json& message) {
  std::vector<std::uint8_t> out(kHeader);
  nlohmann::json::to_cbor(message, out);
  const std::size_t length = out.size() - kHeader;
  if (length > kLongestFrame) {
    return fail(ErrorCode::TooLarge,
                fmt::format("a message of {} MB is longer than a worker's may be", length >> 20),
                {}, "Ask for less at once: fewer cells, or no trace.");
  }
  for (std::size_t i = 0; i < kHeader; ++i) {
    out[i] = static_cast<std::uint8_t>(length >> (8 * i));
  }
  return out;
}

Result<nlohmann::json> decode_cbor(std::span<const std::uint8_t> bytes) {
  if (!CborCheck(bytes).passes()) return garbled();
  try {
    auto out = nlohmann::json::from_cbor(bytes.begin(), bytes.end(), true, false);
    if (out.is_discarded()) return garbled();
    return out;
  } catch (const nlohmann::json::exception&) {
    return garbled();
  } catch (const std::exception& exception) {
    return fail(error_from(exception));
  }
}

void FrameDecoder::feed(std::span<const std::uint8_t> bytes) {
  if (begin_ > 0 && begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<nlohmann::json>> FrameDecoder::next() {
  const std::span<const std::uint8_t> rest = std::span(buffer_).subspan(begin_);
  if (rest.size() < kHeader) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kHeader; ++i) length |= std::size_t{rest[i]} << (8 * i);
  if (length > kLongestFrame) {
    return fail(ErrorCode::Malformed, "what arrives are no messages of a worker", {},
                advice::kVersions);
  }
  if (rest.size() - kHeader < length) return std::nullopt;
  GYRO_TRY(auto message, decode_cbor(rest.subspan(kHeader, length)));
  begin_ += kHeader + length;
  // What was handed out goes once it is the larger part, so that feeding stays linear.
  if (begin_ > buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  return std::optional(std::move(message));
}

}  // namespace gyro::remote

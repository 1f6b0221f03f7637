#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.hpp"

/// What the program and a worker say to each other: frames, each a length in four bytes, lowest
/// first, and so many bytes of CBOR (RFC 8949) that hold one JSON-RPC 2.0 message; see message.hpp.
namespace gyro::remote {

/// No frame is longer. What a login prints before the worker speaks is text, and four characters
/// of text read as a length are far longer: such a stream is refused at once.
inline constexpr std::size_t kLongestFrame = std::size_t{64} << 20;

/// The bytes of a frame. TooLarge beyond kLongestFrame.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_frame(const nlohmann::json& message);

/// CBOR of unknown origin, decoded: what is not well formed, has lengths that are not given, tags,
/// or is nested deeper than 16 is Malformed. Memory stays within a small multiple of the input.
[[nodiscard]] Result<nlohmann::json> decode_cbor(std::span<const std::uint8_t> bytes);

/// Cuts a stream into messages.
class FrameDecoder {
 public:
  void feed(std::span<const std::uint8_t> bytes);
  /// The next message, or nothing until more was fed. After a failure (Malformed: the stream cannot
  /// be trusted any more) the decoder is of no further use.
  [[nodiscard]] Result<std::optional<nlohmann::json>> next();
  /// True while a frame has begun and not ended.
  [[nodiscard]] bool inside_a_frame() const { return begin_ < buffer_.size(); }

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;  ///< of what was not handed out yet
};

}  // namespace gyro::remote

#include "core/io/sample_tensors.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "core/base/random.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t sample_seed = 20240720;
enum Purpose : std::uint64_t { WeightStream = 1, PatternStream, BiasStream, InputStream };

RandomStream stream(Purpose purpose, int number) {
  return {sample_seed, purpose, static_cast<std::uint64_t>(number)};
}

/// Sum of four uniform 16-bit numbers about 0: bell-shaped, deviation 37,837.
std::int64_t bell(std::uint64_t bits) {
  std::int64_t sum = -2 * 65535;
  for (int i = 0; i < 4; ++i) sum += static_cast<std::int64_t>((bits >> (16 * i)) & 0xFFFF);
  return sum;
}

/// The bell with heavy tails: one in 16 is doubled, one in 128 is four times as large.
std::int64_t heavy(RandomStream& random) {
  const std::int64_t value = bell(random.next());
  const std::uint32_t tail = random.below(128);
  return value * (tail == 0 ? 4 : tail < 9 ? 2 : 1);
}

/// Neighbouring columns that rise and fall together: runs of 3 to 8.
std::vector<int> column_families(int cols, RandomStream& random) {
  std::vector<int> family;
  for (int number = 0; static_cast<int>(family.size()) < cols; ++number) {
    const auto length = 3 + random.below(6);
    for (std::uint32_t i = 0; i < length && static_cast<int>(family.size()) < cols; ++i) {
      family.push_back(number);
    }
  }
  return family;
}

constexpr int unit = 64;  // the factor 1

/// What the weights of a layer are multiplied by, in 1/64 each.
class Pattern {
 public:
  Pattern(const SampleLayer& layer, int number) : structured_(layer.clusters > 0) {
    RandomStream random = stream(PatternStream, number);
    family_ = column_families(layer.cols(), random);
    const int families = family_.back() + 1;
    for (int r = 0; r < layer.rows(); ++r) {
      cluster_.push_back(
          structured_ ? static_cast<int>(random.below(static_cast<std::uint32_t>(layer.clusters)))
                      : 0);
      row_.push_back(48 + static_cast<int>(random.below(48)));
      active_.push_back(draw_levels(families, 80, 40, random));
    }
    for (int k = 0; k < layer.clusters; ++k) {
      large_.push_back(draw_levels(families, 96, 28, random));
    }
  }

  [[nodiscard]] std::int64_t at(int row, int col) const {
    if (!structured_) return std::int64_t{unit} * unit * unit;
    const auto r = static_cast<std::size_t>(row);
    const auto f = static_cast<std::size_t>(family_[static_cast<std::size_t>(col)]);
    return std::int64_t{row_[r]} * active_[r][f] * large_[static_cast<std::size_t>(cluster_[r])][f];
  }

 private:
  static std::vector<int> draw_levels(int count, int high, int low, RandomStream& random) {
    std::vector<int> out;
    out.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) out.push_back(random.below(2) == 0 ? high : low);
    return out;
  }

  bool structured_;
  std::vector<int> family_;               // of each column
  std::vector<int> cluster_;              // of each row
  std::vector<int> row_;                  // scale of each row
  std::vector<std::vector<int>> active_;  // [row][family]
  std::vector<std::vector<int>> large_;   // [cluster][family]
};

constexpr int topics = 6;

/// How strongly each channel of an input hears each topic, and how loud it is.
struct Channel {
  std::array<std::int64_t, topics> load{};
  std::int64_t scale = 1;
};

std::vector<Channel> draw_channels(int count, RandomStream& random) {
  std::vector<Channel> out(static_cast<std::size_t>(count));
  for (auto& channel : out) {
    for (auto& load : channel.load) load = static_cast<std::int64_t>(random.below(9)) - 4;
    const std::uint32_t loud = random.below(64);
    channel.scale = loud == 0 ? 12 : loud < 6 ? 4 : 1 + random.below(2);
  }
  return out;
}

/// `value` shifted right, rounded to nearest even.
std::uint64_t rounded_shift(std::uint64_t value, int by) {
  if (by <= 0) return value << -by;
  if (by > 63) return 0;
  const std::uint64_t whole = value >> by;
  const std::uint64_t rest = value & ((std::uint64_t{1} << by) - 1);
  const std::uint64_t half = std::uint64_t{1} << (by - 1);
  return whole + ((rest > half || (rest == half && (whole & 1) != 0)) ? 1 : 0);
}

}  // namespace

int SampleLayer::rows() const {
  return static_cast<int>(shape.front());
}

int SampleLayer::cols() const {
  std::int64_t product = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) product *= shape[axis];
  return static_cast<int>(product);
}

const std::vector<SampleLayer>& sample_layers() {
  static const std::vector<SampleLayer> layers{
      {"stem.convolution", {64, 64, 3, 3}, 4},
      {"encoder.block.0.attention.query", {768, 768}, 12},
      {"encoder.block.0.attention.key", {768, 768}, 12},
      {"encoder.block.0.attention.value", {768, 768}, 16},
      {"encoder.block.0.attention.output", {768, 768}, 8},
      {"encoder.block.1.attention.query", {768, 768}, 12},
      {"encoder.block.1.attention.output", {768, 768}, 0},
      {"decoder.block.0.feed_forward.up", {1024, 256}, 16},
      {"decoder.block.0.feed_forward.down", {256, 1024}, 4},
  };
  return layers;
}

std::uint16_t half_bits(std::int64_t value, int shift) {
  const std::uint16_t sign = value < 0 ? 0x8000 : 0;
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  if (magnitude == 0) return 0;
  const int top = static_cast<int>(std::bit_width(magnitude)) - 1;
  // Below 2⁻¹⁴ float16 counts in units of 2⁻²⁴; above, the leading bit raises the exponent by one.
  const int exponent = std::max(top - shift, -14);
  const std::uint64_t mantissa = rounded_shift(magnitude, shift + exponent - 10);
  const std::uint64_t bits = (static_cast<std::uint64_t>(exponent + 14) << 10) + mantissa;
  return static_cast<std::uint16_t>(sign | std::min<std::uint64_t>(bits, 0x7BFF));
}

std::vector<std::uint16_t> sample_weight(const SampleLayer& layer, int number) {
  const Pattern pattern(layer, number);
  RandomStream random = stream(WeightStream, number);
  std::vector<std::uint16_t> out;
  out.reserve(static_cast<std::size_t>(layer.rows()) * static_cast<std::size_t>(layer.cols()));
  for (int r = 0; r < layer.rows(); ++r) {
    for (int c = 0; c < layer.cols(); ++c) {
      // Deviation 37,837 · 2⁻²⁰ ≈ 0.036 at factor 1 = 2¹⁸.
      out.push_back(half_bits(heavy(random) * pattern.at(r, c), 38));
    }
  }
  return out;
}

std::vector<std::uint16_t> sample_bias(const SampleLayer& layer, int number) {
  RandomStream random = stream(BiasStream, number);
  std::vector<std::uint16_t> out;
  out.reserve(static_cast<std::size_t>(layer.rows()));
  for (int r = 0; r < layer.rows(); ++r) out.push_back(half_bits(heavy(random), 21));
  return out;
}

std::vector<std::uint16_t> sample_input(const SampleLayer& layer, int number) {
  RandomStream random = stream(InputStream, number);
  const auto channels = draw_channels(layer.cols(), random);
  std::vector<std::uint16_t> out;
  out.reserve(static_cast<std::size_t>(sample_tokens) * channels.size());
  for (int t = 0; t < sample_tokens; ++t) {
    std::array<std::int64_t, topics> topic{};
    for (auto& strength : topic) strength = bell(random.next());
    for (const auto& channel : channels) {
      std::int64_t value = 4 * bell(random.next());
      for (std::size_t k = 0; k < topics; ++k) value += channel.load[k] * topic[k];
      out.push_back(half_bits(value * channel.scale, 18));
    }
  }
  return out;
}

}  // namespace gyro

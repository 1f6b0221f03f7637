#include "tests/benchmarks/search/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "core/base/random.hpp"
#include "core/io/readers.hpp"
#include "core/io/sample_tensors.hpp"

namespace gyro::benchmark {
namespace {

constexpr std::uint64_t kShuffle = 0x6e756c6c;  // "null"
constexpr std::uint64_t kEntries = 0x6c617267;  // "larg"

constexpr Fraction kThreeQuarters{3, 4};
constexpr Fraction kSevenEighths{7, 8};

struct RealLayer {
  std::string name;
  std::string tensor;
  int rows;
};

const std::vector<RealLayer>& real_layers() {
  static const std::vector<RealLayer> layers{
      {"query", "encoder.layer.0.attention.self.query.weight", 384},
      {"intermediate", "encoder.layer.2.intermediate.dense.weight", 1536},
      {"output", "encoder.layer.2.output.dense.weight", 384},
  };
  return layers;
}

class Builder {
 public:
  std::vector<Case> list;

  void add(const std::string& group, const std::string& name, const std::string& layer, int size,
           NmPattern nm = {}, Fraction sparsity = kThreeQuarters) {
    const std::string percent = fmt::format("{:g}", 100 * sparsity.value());
    list.push_back({fmt::format("{}-v{}-{}-{}{}", name, size, nm.text(), percent,
                                group == "null" ? "-null" : ""),
                    group, layer, nm, sparsity, size});
  }
};

std::vector<Case> make_cases() {
  Builder out;
  for (const auto& layer : real_layers()) {
    for (const int size : {32, 64}) out.add("six", layer.name, layer.tensor, size);
  }
  for (const auto& layer : real_layers()) {
    for (const int size : {16, 128}) out.add("sizes", layer.name, layer.tensor, size);
    for (const int size : {16, 32, 64, 128}) {
      out.add("sizes", layer.name, layer.tensor, size, {}, kSevenEighths);
    }
  }
  const auto& query = real_layers().front();
  for (const NmPattern nm : {NmPattern{1, 2}, {1, 4}, {2, 8}, {4, 8}}) {
    out.add("patterns", query.name, query.tensor, 32, nm);
  }
  // At 75 % the two sparser patterns leave nothing to the vector level.
  for (const NmPattern nm : {NmPattern{1, 4}, {2, 8}}) {
    out.add("patterns", query.name, query.tensor, 32, nm, kSevenEighths);
  }
  out.add("sample", "convolution", "stem.convolution", 32);
  out.add("sample", "clustered", "encoder.block.0.attention.query", 32);
  for (const auto& layer : real_layers()) out.add("null", layer.name, layer.tensor, 32);
  out.add("large", "square", "random 4096x4096", 64);
  out.add("large", "tall", "random 11008x4096", 64);
  return out.list;
}

void shuffle_rows(Matrix& matrix) {
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    RandomStream random(1, kShuffle, static_cast<std::uint64_t>(r));
    random.shuffle(std::span(matrix.row(r).data(), static_cast<std::size_t>(matrix.cols())));
  }
}

/// Heavy-tailed: cubes of uniform numbers.
Result<Matrix> random_matrix(std::string_view size) {
  int rows = 0;
  int cols = 0;
  const auto cross = size.find('x');
  std::from_chars(size.data(), size.data() + cross, rows);
  std::from_chars(size.data() + cross + 1, size.data() + size.size(), cols);
  Matrix out(rows, cols);
  for (Eigen::Index r = 0; r < rows; ++r) {
    RandomStream random(1, kEntries, static_cast<std::uint64_t>(r));
    for (Eigen::Index c = 0; c < cols; ++c) {
      const float u = random.unit();
      out(r, c) = u * u * u;
    }
  }
  return out;
}

Result<Matrix> sample_matrix(const std::string& name) {
  const auto& layers = sample_layers();
  const auto layer = std::find_if(layers.begin(), layers.end(),
                                  [&](const auto& candidate) { return candidate.name == name; });
  if (layer == layers.end()) return fail(ErrorCode::NotFound, "no layer of the sample", name);
  const auto half = sample_weight(*layer, static_cast<int>(layer - layers.begin()));
  Matrix out(layer->rows(), layer->cols());
  const auto bytes = std::as_bytes(std::span(half));
  convert_to_float(ScalarType::F16, bytes.data(), out.size(), out.data());
  return out;
}

Result<Matrix> real_matrix(const std::string& tensor, const std::string& path) {
  GYRO_TRY(const InputFile input, InputFile::open(path));
  GYRO_TRY(const auto file, open_safetensors(input));
  GYRO_TRY(const Tensor read, file->read(tensor));
  return as_matrix(read, 1);
}

bool is_real(const Case& item) {
  const auto& layers = real_layers();
  return std::any_of(layers.begin(), layers.end(),
                     [&](const auto& layer) { return layer.tensor == item.layer; });
}

}  // namespace

const std::vector<Case>& cases() {
  static const std::vector<Case> all = make_cases();
  return all;
}

bool belongs(const Case& item, const std::string& subset) {
  std::size_t first = 0;
  while (first <= subset.size()) {
    const std::size_t end = std::min(subset.find(',', first), subset.size());
    const std::string_view word = std::string_view(subset).substr(first, end - first);
    if (word == "all" || word == item.group || word == item.name) return true;
    if (word == "suite" && item.group != "large") return true;
    first = end + 1;
  }
  return false;
}

Result<Matrix> load_saliency(const Case& item, const std::string& file) {
  constexpr std::string_view kRandom = "random ";
  Result<Matrix> found = is_real(item) ? real_matrix(item.layer, file)
                         : item.layer.starts_with(kRandom)
                             ? random_matrix(std::string_view(item.layer).substr(kRandom.size()))
                             : sample_matrix(item.layer);
  if (!found) return found;
  *found = found->cwiseAbs();
  if (item.group == "null") shuffle_rows(*found);
  return found;
}

}  // namespace gyro::benchmark

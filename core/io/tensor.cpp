#include "core/io/tensor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "core/base/advice.hpp"
#include "core/base/parallel.hpp"
#include "core/io/input_file.hpp"
#include "core/io/scalar.hpp"

namespace gyro {
namespace {

constexpr int kTile = 64;

/// Levenshtein's distance, given up at `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) >= limit) return limit;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    std::size_t least = row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
      least = std::min(least, row[j]);
    }
    if (least >= limit) return limit;
  }
  return std::min(row[b.size()], limit);
}

/// Up to three names near `name`: those a few letters away, then those that contain it.
std::vector<std::string> near_names(const std::vector<TensorInfo>& tensors,
                                    const std::string& name) {
  const std::size_t limit = std::min<std::size_t>(8, name.size() / 3 + 2);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& info : tensors) {
    auto distance = edit_distance(name, info.name, limit);
    if (distance == limit && (name.empty() || info.name.find(name) == std::string::npos)) continue;
    ranked.emplace_back(distance, info.name);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i) {
    out.push_back(ranked[i].second);
  }
  return out;
}

std::string_view convolution_view(std::size_t rank) {
  if (rank == 3) return "O×(I·k)";
  return rank == 4 ? "O×(I·kh·kw)" : "O×(I·kd·kh·kw)";
}

/// The channel-last kernels of Keras end in in × out; what comes before are spatial extents.
Result<MatrixShape> name_view(const TensorInfo& info) {
  const auto rank = info.shape.size();
  MatrixShape out;
  if (rank == 2) {
    out.view = info.transposed ? "transposed in×out" : "out×in";
  } else if (!info.transposed) {
    out.view = convolution_view(rank);
  } else if (info.name.ends_with("depthwise_kernel:0") || info.name.ends_with("depthwise_kernel")) {
    return fail(ErrorCode::Unsupported, "a depthwise kernel has no input channels to permute",
                info.name, "Choose another layer.");
  } else {
    out.view = fmt::format("{} from spatial×I×O", convolution_view(rank));
  }
  return out;
}

void convert_rows(const Tensor& tensor, Matrix& out, int threads) {
  const auto size = static_cast<std::int64_t>(size_of(tensor.info.type));
  const std::int64_t block = std::max<std::int64_t>(1, (std::int64_t{1} << 16) / out.cols());
  const auto blocks = static_cast<int>((out.rows() + block - 1) / block);
  parallel_for(blocks, threads, [&](int index) {
    const std::int64_t first = index * block;
    const std::int64_t rows = std::min<std::int64_t>(block, out.rows() - first);
    const std::int64_t start = first * out.cols();
    convert_to_float(tensor.info.type, tensor.data.data() + start * size, rows * out.cols(),
                     out.data() + start);
  });
}

/// Source: `spatial` × in × out; result: out × (in · spatial).
void convert_transposed(const Tensor& tensor, Matrix& out, int threads) {
  const auto size = static_cast<std::int64_t>(size_of(tensor.info.type));
  const std::int64_t in = tensor.info.shape[tensor.info.shape.size() - 2];
  const std::int64_t spatial = out.cols() / in;
  const auto blocks = static_cast<int>((out.rows() + kTile - 1) / kTile);
  parallel_for(blocks, threads, [&](int block) {
    std::array<float, std::size_t{kTile} * kTile> tile;
    const std::int64_t first = std::int64_t{block} * kTile;
    const std::int64_t width = std::min<std::int64_t>(kTile, out.rows() - first);
    for (std::int64_t from = 0; from < out.cols(); from += kTile) {
      const std::int64_t depth = std::min<std::int64_t>(kTile, out.cols() - from);
      for (std::int64_t r = 0; r < depth; ++r) {
        const auto* source = tensor.data.data() + ((from + r) * out.rows() + first) * size;
        convert_to_float(tensor.info.type, source, width, tile.data() + r * kTile);
      }
      for (std::int64_t o = 0; o < width; ++o) {
        float* row = out.data() + (first + o) * out.cols();
        for (std::int64_t r = 0; r < depth; ++r) {
          const std::int64_t source = from + r;
          row[(source % in) * spatial + source / in] =
              tile[static_cast<std::size_t>(r * kTile + o)];
        }
      }
    }
  });
}

}  // namespace

Result<TensorInfo> TensorFile::find(const std::string& name) const {
  for (const auto& info : tensors()) {
    if (info.name == name) return info;
  }
  for (const auto& error : skipped()) {
    if (error.where == name || error.where.ends_with(": " + name)) return fail(error);
  }
  const auto names = near_names(tensors(), name);
  return fail(ErrorCode::NotFound, "there is no tensor of that name", name,
              names.empty()
                  ? fmt::format("The file has {} tensors of other names.", tensors().size())
                  : fmt::format("Near names: {}.", fmt::join(names, ", ")));
}

Result<MatrixShape> matrix_shape(const TensorInfo& info) {
  const auto rank = info.shape.size();
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::Unsupported, std::move(what), info.name,
                "Choose a floating-point matrix or convolution weight.");
  };
  if (!is_floating(info.type)) {
    return refuse(fmt::format("it holds {}, which is not a weight", name_of(info.type)));
  }
  if (rank < 2) return refuse(rank == 0 ? "it is a scalar" : "it is a vector, not a matrix");
  if (rank > 5) return refuse(fmt::format("it has {} dimensions", rank));
  if (std::find(info.shape.begin(), info.shape.end(), 0) != info.shape.end()) {
    return refuse(fmt::format("its shape {} has an empty extent", shape_text(info.shape)));
  }
  GYRO_CHECK(checked_bytes(info.type, info.shape));
  GYRO_TRY(MatrixShape out, name_view(info));
  const std::int64_t rows = info.transposed ? info.shape.back() : info.shape.front();
  const std::int64_t cols = info.count() / rows;
  if (std::max(rows, cols) > std::numeric_limits<int>::max()) {
    return refuse(
        fmt::format("its shape {} is beyond 2147483647 rows or columns", shape_text(info.shape)));
  }
  out.rows = static_cast<int>(rows);
  out.cols = static_cast<int>(cols);
  return out;
}

Result<Matrix> as_matrix(const Tensor& tensor, int threads) {
  GYRO_TRY(const MatrixShape shape, matrix_shape(tensor.info));
  if (static_cast<std::int64_t>(tensor.data.size()) != tensor.info.bytes()) {
    return fail(ErrorCode::Internal, "the tensor's bytes do not match its shape", tensor.info.name,
                advice::kDefect);
  }
  Matrix out;
  try {
    out.resize(shape.rows, shape.cols);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::TooLarge,
                fmt::format("there is not enough memory for {}×{} floats", shape.rows, shape.cols),
                tensor.info.name, advice::kMemory);
  }
  advise_large_pages(out.data(), static_cast<std::size_t>(out.size()) * sizeof(float));
  if (tensor.info.transposed) {
    convert_transposed(tensor, out, threads);
  } else {
    convert_rows(tensor, out, threads);
  }
  return out;
}

}  // namespace gyro

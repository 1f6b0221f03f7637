#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "core/benchmark/benchmark.hpp"

namespace gyro {
namespace {

constexpr std::int64_t kLargestSize = std::int64_t{1} << 20;
constexpr std::int64_t kLargestMatrix = std::int64_t{1} << 33;  // elements
constexpr int kLargestGroup = 4;                                // that 2-bit metadata can tell

Result<std::int64_t> parse_size(std::string_view text, std::string_view whole) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("'{}' is not a shape: m x k x n, whole numbers from 1", whole), {},
                "Write for example 4096x4096x8192.");
  }
  if (value > kLargestSize) {
    return fail(ErrorCode::TooLarge,
                fmt::format("a size of '{}' is larger than {}", whole, kLargestSize), {},
                "Choose sizes up to 1048576.");
  }
  return value;
}

Status check_matrices(const ProductShape& shape) {
  const auto m = static_cast<std::int64_t>(shape.m);
  const auto k = static_cast<std::int64_t>(shape.k);
  for (const std::int64_t elements : {m * k, k * shape.n, m * shape.n}) {
    if (elements > kLargestMatrix) {
      return fail(ErrorCode::TooLarge,
                  fmt::format("a matrix of more than {} elements", kLargestMatrix), shape.text(),
                  "Choose a smaller product.");
    }
  }
  return {};
}

Result<HinmShape> shape_for(const ProductShape& product, int vector_size,
                            const BenchRequest& request, Fraction sparsity) {
  if (vector_size < 1) {
    return fail(ErrorCode::InvalidArgument, "a tile has at least one row", product.text(),
                "Choose a --vector-size of at least 1.");
  }
  auto shape = make_shape(product.m, product.k, vector_size, request.nm, sparsity);
  if (!shape) {
    return fail(shape.error().at(product.layer.empty() ? product.text() : product.layer));
  }
  return *shape;
}

Status check_request(const BenchRequest& request) {
  if (request.shapes.empty() || request.sparsities.empty() || request.vector_sizes.empty() ||
      request.modes.empty()) {
    return fail(ErrorCode::InvalidArgument, "there is no shape, vector size, sparsity or mode", {},
                "Name at least one of each.");
  }
  if (request.nm.m > kLargestGroup) {
    return fail(ErrorCode::Unsupported,
                fmt::format("the packed format holds groups of up to 4, not {}", request.nm.text()),
                {}, "Use 2:4.");
  }
  if (request.samples < 0) {
    return fail(ErrorCode::InvalidArgument, "the number of samples is negative", {},
                "Choose 0 for as many as it takes.");
  }
  return {};
}

}  // namespace

std::string_view name_of(ValueType type) {
  return type == ValueType::Bf16 ? "bf16" : "fp16";
}

std::string_view name_of(CacheState mode) {
  return mode == CacheState::Cold ? "cold" : "warm";
}

Result<ValueType> parse_value_type(std::string_view text) {
  if (text == "bf16") return ValueType::Bf16;
  if (text == "fp16") return ValueType::Fp16;
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a type of values", text), {},
              "Use bf16 or fp16.");
}

Result<CacheState> parse_cache_state(std::string_view text) {
  if (text == "cold") return CacheState::Cold;
  if (text == "warm") return CacheState::Warm;
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a mode", text), {},
              "Use cold or warm.");
}

Result<Peers> parse_peers(std::string_view text) {
  Peers out{false, false};
  if (text == "none") return out;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    if (name == "cublas") {
      out.cublas = true;
    } else if (name == "cusparselt") {
      out.cusparselt = true;
    } else {
      return fail(ErrorCode::InvalidArgument, fmt::format("there is no peer '{}'", name), {},
                  "Use cublas, cusparselt, both with a comma, or none.");
    }
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::string ProductShape::text() const {
  return fmt::format("{}x{}x{}", m, k, n);
}

Result<ProductShape> parse_product_shape(std::string_view text) {
  const auto first = text.find('x');
  const auto second = first == std::string_view::npos ? first : text.find('x', first + 1);
  const std::string_view last =
      second == std::string_view::npos ? std::string_view() : text.substr(second + 1);
  GYRO_TRY(const auto m, parse_size(text.substr(0, first), text));
  GYRO_TRY(const auto n, parse_size(last, text));
  GYRO_TRY(const auto k, parse_size(text.substr(first + 1, second - first - 1), text));
  return ProductShape{static_cast<int>(m), static_cast<int>(k), n};
}

Result<std::vector<BenchCell>> cells_of(const BenchRequest& request) {
  GYRO_CHECK(check_request(request));
  std::vector<BenchCell> out;
  for (const auto& product : request.shapes) {
    GYRO_CHECK(check_matrices(product));
    for (const int vector_size : request.vector_sizes) {
      for (const auto& sparsity : request.sparsities) {
        GYRO_TRY(const auto shape, shape_for(product, vector_size, request, sparsity));
        for (const auto mode : request.modes) {
          out.push_back({shape, product.n, request.type, mode, request.peers, request.path,
                         request.samples, request.seed, product.layer});
        }
      }
    }
  }
  return out;
}

std::optional<double> BenchResult::speedup_cublas() const {
  if (!hinm.timed() || !cublas.timed() || hinm.median_us <= 0) return std::nullopt;
  return cublas.median_us / hinm.median_us;
}

}  // namespace gyro

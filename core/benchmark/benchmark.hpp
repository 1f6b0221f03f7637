#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/benchmark/roofline.hpp"
#include "core/benchmark/timing.hpp"
#include "core/device/compute.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Type of the weights, of B and of C; sums are float32.
enum class ValueType { Bf16, Fp16 };
/// Whether the L2 cache was flushed before every sample, or the same product ran just before.
enum class CacheState { Cold, Warm };

[[nodiscard]] std::string_view name_of(ValueType type);   ///< "bf16", "fp16"
[[nodiscard]] std::string_view name_of(CacheState mode);  ///< "cold", "warm"
[[nodiscard]] Result<ValueType> parse_value_type(std::string_view text);
[[nodiscard]] Result<CacheState> parse_cache_state(std::string_view text);

/// What the HiNM kernel is compared with.
struct Peers {
  bool cublas = true;      ///< dense random data, and the masked weight
  bool cusparselt = true;  ///< 2:4, where the library is found

  bool operator==(const Peers&) const = default;
};
/// "cublas,cusparselt", one of them, or "none".
[[nodiscard]] Result<Peers> parse_peers(std::string_view text);

/// C[m, n] = A[m, k] · B[k, n]: output channels, input channels, tokens.
struct ProductShape {
  int m = 0;
  int k = 0;
  std::int64_t n = 0;
  std::string layer = {};  ///< where the sizes come from; empty: typed

  [[nodiscard]] std::string text() const;  ///< "4096x4096x8192"
  bool operator==(const ProductShape&) const = default;
};
/// "4096x4096x8192", m × k × n, each at least 1.
[[nodiscard]] Result<ProductShape> parse_product_shape(std::string_view text);

/// What to measure: every shape at every sparsity in every mode.
struct BenchRequest {
  std::vector<ProductShape> shapes;
  std::vector<Fraction> sparsities;  ///< total
  std::vector<int> vector_sizes{128};
  NmPattern nm;
  ValueType type = ValueType::Bf16;
  std::vector<CacheState> modes{CacheState::Cold, CacheState::Warm};
  Peers peers;
  std::string path;  ///< kernel to use; empty: by the cost model
  int samples = 0;   ///< of each contender; 0: as many as the device finds needed
  std::uint64_t seed = 1;
};

/// One product to measure.
struct BenchCell {
  HinmShape shape;
  std::int64_t tokens = 0;
  ValueType type = ValueType::Bf16;
  CacheState mode = CacheState::Cold;
  Peers peers;
  std::string path;
  int samples = 0;
  std::uint64_t seed = 1;
  std::string layer;
  std::shared_ptr<const Permutation> permutation = nullptr;  ///< null: random
};

/// The cells of a request, in the order shape, vector size, sparsity, mode. Fails, before anything
/// is launched, where a shape, type or sparsity cannot run, with the reason.
[[nodiscard]] Result<std::vector<BenchCell>> cells_of(const BenchRequest& request);

/// One cell as measured. What was not timed has no samples and a note.
struct BenchResult {
  int m = 0;
  int k = 0;
  std::int64_t n = 0;
  int vector_size = 0;
  NmPattern nm;
  int kept = 0;
  double sparsity = 0;  ///< total, as the shape really has it
  ValueType type = ValueType::Bf16;
  CacheState mode = CacheState::Cold;
  std::string layer;
  std::string path;  ///< the kernel that ran; empty: none
  Timing hinm;
  Timing cublas;
  Timing cublas_masked;
  Timing cusparselt;
  std::optional<double> relative_error;  ///< of C against float32, before anything was timed
  std::optional<double> convert_us;      ///< packed layer to the kernel's own form, not in hinm
  std::optional<double> bytes;           ///< between memory and chip at the least
  std::string ceiling_name;              ///< empty: not known
  std::optional<double> share_of_ceiling;

  /// cuBLAS on dense random data over HiNM, empty if either was not timed.
  [[nodiscard]] std::optional<double> speedup_cublas() const;
  [[nodiscard]] HinmShape shape() const { return {m, k, vector_size, nm, kept}; }
  bool operator==(const BenchResult&) const = default;
};

/// State of the card at one moment; empty where it does not say.
struct CardState {
  std::optional<double> sm_clock_mhz;
  std::optional<double> memory_clock_mhz;
  std::optional<double> power_w;
  std::optional<double> temperature_c;
  std::string throttle;  ///< reasons in force, or empty

  bool operator==(const CardState&) const = default;
};

/// The card and its libraries as read, never set.
struct BenchEnvironment {
  std::string card;
  std::string driver;
  std::string cuda;
  std::string cublas;      ///< empty: not found
  std::string cusparselt;  ///< empty: not found
  std::optional<double> sm_clock_max_mhz;
  CardState before;
  CardState after;

  bool operator==(const BenchEnvironment&) const = default;
};

/// A run of the benchmark with its conditions: what a results file holds.
struct BenchReport {
  std::string version;  ///< of the program that measured
  std::string time;     ///< when it began, UTC, "2026-11-25T22:31:23Z"
  BenchEnvironment environment;
  std::vector<Ceiling> ceilings;
  std::vector<BenchResult> results;

  bool operator==(const BenchReport&) const = default;
};

/// Measures the cells one after another. `measured` hears of each result as it comes. A cell that
/// the device refuses or gets wrong stands in the report without times and with the reason; a
/// device that is lost or a cancel ends the run, and what was measured so far is returned if there
/// is any.
[[nodiscard]] Result<BenchReport> run_benchmark(
    Compute& compute, const std::vector<BenchCell>& cells, Progress& progress,
    const std::function<void(const BenchResult&)>& measured = {});

}  // namespace gyro

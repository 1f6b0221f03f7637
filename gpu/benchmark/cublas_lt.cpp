#include "gpu/benchmark/cublas_lt.hpp"

#include <cublasLt.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "gpu/benchmark/event.hpp"
#include "gpu/benchmark/library.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {
namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{64} << 20;
constexpr int kAlgorithms = 16;
constexpr int kTrials = 5;

/// The functions of the library, by their names in cublasLt.h.
struct Api {
  Library library{"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so",
                  "/usr/local/cuda/lib64/libcublasLt.so"};
#define GYRO_ENTRY(name) decltype(&::name) name = library.function<decltype(::name)>(#name)
  GYRO_ENTRY(cublasLtGetVersion);
  GYRO_ENTRY(cublasLtCreate);
  GYRO_ENTRY(cublasLtDestroy);
  GYRO_ENTRY(cublasLtMatmul);
  GYRO_ENTRY(cublasLtMatmulDescCreate);
  GYRO_ENTRY(cublasLtMatmulDescDestroy);
  GYRO_ENTRY(cublasLtMatrixLayoutCreate);
  GYRO_ENTRY(cublasLtMatrixLayoutDestroy);
  GYRO_ENTRY(cublasLtMatmulPreferenceCreate);
  GYRO_ENTRY(cublasLtMatmulPreferenceDestroy);
  GYRO_ENTRY(cublasLtMatmulPreferenceSetAttribute);
  GYRO_ENTRY(cublasLtMatmulAlgoGetHeuristic);
#undef GYRO_ENTRY

  [[nodiscard]] bool complete() const {
    return cublasLtGetVersion != nullptr && cublasLtCreate != nullptr &&
           cublasLtDestroy != nullptr && cublasLtMatmul != nullptr &&
           cublasLtMatmulDescCreate != nullptr && cublasLtMatmulDescDestroy != nullptr &&
           cublasLtMatrixLayoutCreate != nullptr && cublasLtMatrixLayoutDestroy != nullptr &&
           cublasLtMatmulPreferenceCreate != nullptr &&
           cublasLtMatmulPreferenceDestroy != nullptr &&
           cublasLtMatmulPreferenceSetAttribute != nullptr &&
           cublasLtMatmulAlgoGetHeuristic != nullptr;
  }
};

const Api& api() {
  static const Api loaded;
  return loaded;
}

Status done(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return {};
  return fail(status == CUBLAS_STATUS_NOT_SUPPORTED ? ErrorCode::Unsupported : ErrorCode::Internal,
              std::string("cuBLASLt failed in ") + what + " with status " +
                  std::to_string(static_cast<int>(status)));
}

/// cuBLASLt is column-major: it sees Cᵀ[n, m] = Bᵀ[n, k] · Aᵀ[k, m].
class DenseProduct : public Contender {
 public:
  DenseProduct(const std::uint16_t* a, const std::uint16_t* b, std::uint16_t* c)
      : a_(a), b_(b), c_(c) {}
  ~DenseProduct() override {
    for (auto* const layout : {a_layout_, b_layout_, c_layout_}) {
      if (layout != nullptr) api().cublasLtMatrixLayoutDestroy(layout);
    }
    if (product_ != nullptr) api().cublasLtMatmulDescDestroy(product_);
    if (handle_ != nullptr) api().cublasLtDestroy(handle_);
  }

  [[nodiscard]] Status prepare(const ProductSizes& sizes, cudaStream_t stream) {
    GYRO_TRY(workspace_, DeviceArray<std::uint8_t>::make(kWorkspaceBytes));
    const auto type = sizes.type == GYRO_BF16 ? CUDA_R_16BF : CUDA_R_16F;
    const auto m = static_cast<std::uint64_t>(sizes.m);
    const auto k = static_cast<std::uint64_t>(sizes.k);
    const auto n = static_cast<std::uint64_t>(sizes.n);
    GYRO_CHECK(done(api().cublasLtCreate(&handle_), "cublasLtCreate"));
    GYRO_CHECK(done(api().cublasLtMatmulDescCreate(&product_, CUBLAS_COMPUTE_32F, CUDA_R_32F),
                    "cublasLtMatmulDescCreate"));
    GYRO_CHECK(layout(&a_layout_, type, k, m, sizes.k));
    GYRO_CHECK(layout(&b_layout_, type, n, k, sizes.pitch));
    GYRO_CHECK(layout(&c_layout_, type, n, m, sizes.pitch));
    return choose(stream);
  }

  [[nodiscard]] Status run(cudaStream_t stream) override { return run(algorithm_, stream); }

 private:
  static Status layout(cublasLtMatrixLayout_t* out, cudaDataType type, std::uint64_t rows,
                       std::uint64_t cols, std::int64_t pitch) {
    return done(api().cublasLtMatrixLayoutCreate(out, type, rows, cols, pitch),
                "cublasLtMatrixLayoutCreate");
  }

  Status run(const cublasLtMatmulAlgo_t& algorithm, cudaStream_t stream) {
    const float one = 1;
    const float zero = 0;
    return done(api().cublasLtMatmul(handle_, product_, &one, b_, b_layout_, a_, a_layout_, &zero,
                                     c_, c_layout_, c_, c_layout_, &algorithm, workspace_.data(),
                                     workspace_.size(), stream),
                "cublasLtMatmul");
  }

  Result<std::vector<cublasLtMatmulHeuristicResult_t>> offered() {
    cublasLtMatmulPreference_t preference = nullptr;
    GYRO_CHECK(done(api().cublasLtMatmulPreferenceCreate(&preference), "a preference"));
    const std::size_t bytes = workspace_.size();
    std::vector<cublasLtMatmulHeuristicResult_t> out(kAlgorithms);
    int count = 0;
    Status asked =
        done(api().cublasLtMatmulPreferenceSetAttribute(
                 preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes),
             "a preference");
    if (asked) {
      asked = done(api().cublasLtMatmulAlgoGetHeuristic(handle_, product_, b_layout_, a_layout_,
                                                        c_layout_, c_layout_, preference,
                                                        kAlgorithms, out.data(), &count),
                   "its heuristics");
    }
    api().cublasLtMatmulPreferenceDestroy(preference);
    if (!asked) return fail(asked.error());
    out.resize(static_cast<std::size_t>(count));
    return out;
  }

  /// Milliseconds of the fastest of a few runs.
  Result<float> try_out(const cublasLtMatmulAlgo_t& algorithm, cudaEvent_t begin, cudaEvent_t end,
                        cudaStream_t stream) {
    float best = std::numeric_limits<float>::max();
    for (int trial = 0; trial <= kTrials; ++trial) {
      GYRO_CHECK(check(cudaEventRecord(begin, stream), "timing cuBLASLt"));
      GYRO_CHECK(run(algorithm, stream));
      GYRO_CHECK(check(cudaEventRecord(end, stream), "timing cuBLASLt"));
      GYRO_CHECK(check(cudaEventSynchronize(end), "timing cuBLASLt"));
      float ms = 0;
      GYRO_CHECK(check(cudaEventElapsedTime(&ms, begin, end), "timing cuBLASLt"));
      if (trial > 0) best = std::min(best, ms);
    }
    return best;
  }

  Status choose(cudaStream_t stream) {
    GYRO_TRY(const auto algorithms, offered());
    Event begin;
    Event end;
    float best = std::numeric_limits<float>::max();
    for (const auto& candidate : algorithms) {
      if (candidate.state != CUBLAS_STATUS_SUCCESS) continue;
      const auto ms = try_out(candidate.algo, begin.get(), end.get(), stream);
      if (!ms || *ms >= best) continue;
      best = *ms;
      algorithm_ = candidate.algo;
    }
    if (best == std::numeric_limits<float>::max()) {
      return fail(ErrorCode::Unsupported, "cuBLASLt has no algorithm for these sizes");
    }
    return {};
  }

  const std::uint16_t* a_;
  const std::uint16_t* b_;
  std::uint16_t* c_;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t product_ = nullptr;
  cublasLtMatrixLayout_t a_layout_ = nullptr;
  cublasLtMatrixLayout_t b_layout_ = nullptr;
  cublasLtMatrixLayout_t c_layout_ = nullptr;
  cublasLtMatmulAlgo_t algorithm_{};
  DeviceArray<std::uint8_t> workspace_;
};

}  // namespace

std::string cublas_version() {
  if (!api().complete()) return {};
  const std::size_t version = api().cublasLtGetVersion();  // 130100 is 13.1.0
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

Result<std::unique_ptr<Contender>> make_dense_product(const ProductSizes& sizes,
                                                      const std::uint16_t* a,
                                                      const std::uint16_t* b, std::uint16_t* c,
                                                      cudaStream_t stream) {
  if (!api().complete()) return fail(ErrorCode::Unavailable, "libcublasLt was not found");
  auto product = std::make_unique<DenseProduct>(a, b, c);
  GYRO_CHECK(product->prepare(sizes, stream));
  return product;
}

}  // namespace gyro::cuda

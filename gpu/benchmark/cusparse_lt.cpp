#include "gpu/benchmark/cusparse_lt.hpp"

#include <library_types.h>

#include <array>
#include <cstdlib>

#include "gpu/benchmark/library.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {
namespace {

// Declarations of our own, since the header is not part of CUDA: as in cusparseLt.h 0.6.2 to 0.10.
// Its structs are opaque bytes that only pointers to are passed; 512 to 1024 bytes, by version.
struct alignas(16) Opaque {
  std::array<std::uint8_t, 4096> bytes{};
};
constexpr int kLeastVersion = 602;
constexpr int kSuccess = 0;
constexpr int kRowMajor = 2;   // CUSPARSE_ORDER_ROW
constexpr int kAsIs = 0;       // CUSPARSE_OPERATION_NON_TRANSPOSE
constexpr int kHalf = 0;       // CUSPARSELT_SPARSITY_50_PERCENT
constexpr int kFloatSums = 2;  // CUSPARSE_COMPUTE_32F
constexpr int kDefault = 0;    // CUSPARSELT_MATMUL_ALG_DEFAULT
constexpr int kStrip = 1;      // CUSPARSELT_PRUNE_SPMMA_STRIP
constexpr std::uint32_t kAlignment = 16;
constexpr std::int64_t kMultiple = 8;  // of all sizes, for 16-bit values

struct Api {
  Library library{std::getenv("GYRO_CUSPARSELT"), "libcusparseLt.so.0", "libcusparseLt.so"};
  template <class Function>
  Function* entry(const char* name) {
    auto* const found = library.function<Function>(name);
    complete = complete && found != nullptr;
    return found;
  }
  bool complete = true;

  int (*version)(const Opaque*, int*) = entry<int(const Opaque*, int*)>("cusparseLtGetVersion");
  int (*init)(Opaque*) = entry<int(Opaque*)>("cusparseLtInit");
  int (*destroy)(const Opaque*) = entry<int(const Opaque*)>("cusparseLtDestroy");
  int (*dense)(const Opaque*, Opaque*, std::int64_t, std::int64_t, std::int64_t, std::uint32_t,
               cudaDataType,
               int) = entry<int(const Opaque*, Opaque*, std::int64_t, std::int64_t, std::int64_t,
                                std::uint32_t, cudaDataType, int)>("cusparseLtDenseDescriptorInit");
  int (*structured)(const Opaque*, Opaque*, std::int64_t, std::int64_t, std::int64_t, std::uint32_t,
                    cudaDataType, int, int) =
      entry<int(const Opaque*, Opaque*, std::int64_t, std::int64_t, std::int64_t, std::uint32_t,
                cudaDataType, int, int)>("cusparseLtStructuredDescriptorInit");
  int (*drop_matrix)(const Opaque*) = entry<int(const Opaque*)>("cusparseLtMatDescriptorDestroy");
  int (*product)(const Opaque*, Opaque*, int, int, const Opaque*, const Opaque*, const Opaque*,
                 const Opaque*, int) =
      entry<int(const Opaque*, Opaque*, int, int, const Opaque*, const Opaque*, const Opaque*,
                const Opaque*, int)>("cusparseLtMatmulDescriptorInit");
  int (*selection)(const Opaque*, Opaque*, const Opaque*, int) =
      entry<int(const Opaque*, Opaque*, const Opaque*, int)>("cusparseLtMatmulAlgSelectionInit");
  int (*plan)(const Opaque*, Opaque*, const Opaque*, const Opaque*) =
      entry<int(const Opaque*, Opaque*, const Opaque*, const Opaque*)>("cusparseLtMatmulPlanInit");
  int (*drop_plan)(const Opaque*) = entry<int(const Opaque*)>("cusparseLtMatmulPlanDestroy");
  int (*workspace)(const Opaque*, const Opaque*, std::size_t*) =
      entry<int(const Opaque*, const Opaque*, std::size_t*)>("cusparseLtMatmulGetWorkspace");
  int (*prune)(const Opaque*, const Opaque*, const void*, void*, int, cudaStream_t) =
      entry<int(const Opaque*, const Opaque*, const void*, void*, int, cudaStream_t)>(
          "cusparseLtSpMMAPrune");
  int (*compressed)(const Opaque*, const Opaque*, std::size_t*, std::size_t*) =
      entry<int(const Opaque*, const Opaque*, std::size_t*, std::size_t*)>(
          "cusparseLtSpMMACompressedSize");
  int (*compress)(const Opaque*, const Opaque*, const void*, void*, void*, cudaStream_t) =
      entry<int(const Opaque*, const Opaque*, const void*, void*, void*, cudaStream_t)>(
          "cusparseLtSpMMACompress");
  int (*search)(const Opaque*, Opaque*, const void*, const void*, const void*, const void*,
                const void*, void*, void*, cudaStream_t*, std::int32_t) =
      entry<int(const Opaque*, Opaque*, const void*, const void*, const void*, const void*,
                const void*, void*, void*, cudaStream_t*, std::int32_t)>("cusparseLtMatmulSearch");
  int (*multiply)(const Opaque*, const Opaque*, const void*, const void*, const void*, const void*,
                  const void*, void*, void*, cudaStream_t*, std::int32_t) =
      entry<int(const Opaque*, const Opaque*, const void*, const void*, const void*, const void*,
                const void*, void*, void*, cudaStream_t*, std::int32_t)>("cusparseLtMatmul");
};

const Api& api() {
  static const Api loaded;
  return loaded;
}

Status done(int status, const char* what) {
  if (status == kSuccess) return {};
  return fail(ErrorCode::Unsupported, std::string("cuSPARSELt failed in ") + what +
                                          " with status " + std::to_string(status));
}

class TwoFourProduct : public Contender {
 public:
  TwoFourProduct(const std::uint16_t* b, std::uint16_t* c) : b_(b), c_(c) {}
  ~TwoFourProduct() override {
    if (planned_) api().drop_plan(&plan_);
    for (int i = 0; i < matrices_; ++i) api().drop_matrix(&matrix_[static_cast<std::size_t>(i)]);
    if (started_) api().destroy(&handle_);
  }

  [[nodiscard]] Status prepare(const ProductSizes& sizes, std::uint16_t* a, cudaStream_t stream) {
    GYRO_CHECK(done(api().init(&handle_), "cusparseLtInit"));
    started_ = true;
    GYRO_CHECK(describe(sizes));
    GYRO_CHECK(done(api().prune(&handle_, &product_, a, a, kStrip, stream), "pruning"));
    GYRO_CHECK(compress(a, stream));
    return search(stream);
  }

  [[nodiscard]] Status run(cudaStream_t stream) override {
    return done(api().multiply(&handle_, &plan_, &kOne, values_.data(), b_, &kZero, c_, c_,
                               workspace_.data(), &stream, 1),
                "the product");
  }

 private:
  static constexpr float kOne = 1;
  static constexpr float kZero = 0;

  Status describe(const ProductSizes& sizes) {
    const auto type = sizes.type == GYRO_BF16 ? CUDA_R_16BF : CUDA_R_16F;
    auto& [a, b, c] = matrix_;
    GYRO_CHECK(done(api().structured(&handle_, &a, sizes.m, sizes.k, sizes.k, kAlignment, type,
                                     kRowMajor, kHalf),
                    "describing A"));
    ++matrices_;
    GYRO_CHECK(
        done(api().dense(&handle_, &b, sizes.k, sizes.n, sizes.pitch, kAlignment, type, kRowMajor),
             "describing B"));
    ++matrices_;
    GYRO_CHECK(
        done(api().dense(&handle_, &c, sizes.m, sizes.n, sizes.pitch, kAlignment, type, kRowMajor),
             "describing C"));
    ++matrices_;
    GYRO_CHECK(done(api().product(&handle_, &product_, kAsIs, kAsIs, &a, &b, &c, &c, kFloatSums),
                    "describing the product"));
    GYRO_CHECK(done(api().selection(&handle_, &selection_, &product_, kDefault), "a selection"));
    GYRO_CHECK(done(api().plan(&handle_, &plan_, &product_, &selection_), "a plan"));
    planned_ = true;
    return {};
  }

  Status compress(const std::uint16_t* a, cudaStream_t stream) {
    std::size_t bytes = 0;
    std::size_t scratch_bytes = 0;
    GYRO_CHECK(done(api().compressed(&handle_, &plan_, &bytes, &scratch_bytes), "compressing"));
    GYRO_TRY(values_, DeviceArray<std::uint8_t>::make(bytes));
    GYRO_TRY(auto scratch, DeviceArray<std::uint8_t>::make(scratch_bytes));
    GYRO_CHECK(done(api().compress(&handle_, &plan_, a, values_.data(), scratch.data(), stream),
                    "compressing"));
    return check(cudaStreamSynchronize(stream), "compressing with cuSPARSELt");
  }

  Status search(cudaStream_t stream) {
    GYRO_CHECK(done(api().search(&handle_, &plan_, &kOne, values_.data(), b_, &kZero, c_, c_,
                                 nullptr, &stream, 1),
                    "its search"));
    std::size_t bytes = 0;
    GYRO_CHECK(done(api().workspace(&handle_, &plan_, &bytes), "a workspace"));
    GYRO_TRY(workspace_, DeviceArray<std::uint8_t>::make(bytes));
    return check(cudaStreamSynchronize(stream), "searching with cuSPARSELt");
  }

  const std::uint16_t* b_;
  std::uint16_t* c_;
  Opaque handle_;
  std::array<Opaque, 3> matrix_;
  Opaque product_;
  Opaque selection_;
  Opaque plan_;
  bool started_ = false;
  bool planned_ = false;
  int matrices_ = 0;
  DeviceArray<std::uint8_t> values_;
  DeviceArray<std::uint8_t> workspace_;
};

int version_number() {
  static const int number = [] {
    Opaque handle;
    int out = 0;
    if (!api().library.found() || !api().complete || api().init(&handle) != kSuccess) return 0;
    if (api().version(&handle, &out) != kSuccess) out = 0;
    api().destroy(&handle);
    return out;
  }();
  return number;
}

}  // namespace

std::string cusparselt_version() {
  const int version = version_number();
  if (version == 0) return {};
  return std::to_string(version / 1000000) + "." + std::to_string(version / 100 % 10000) + "." +
         std::to_string(version % 100);
}

Result<std::unique_ptr<Contender>> make_two_four_product(const ProductSizes& sizes,
                                                         std::uint16_t* a, const std::uint16_t* b,
                                                         std::uint16_t* c, cudaStream_t stream) {
  if (version_number() == 0) return fail(ErrorCode::Unavailable, "libcusparseLt was not found");
  if (version_number() < kLeastVersion) {
    return fail(ErrorCode::Unsupported, "cuSPARSELt is older than 0.6.2");
  }
  if (sizes.m % kMultiple != 0 || sizes.k % kMultiple != 0 || sizes.n % kMultiple != 0) {
    return fail(ErrorCode::Unsupported, "cuSPARSELt takes sizes that are multiples of 8");
  }
  auto product = std::make_unique<TwoFourProduct>(b, c);
  GYRO_CHECK(product->prepare(sizes, a, stream));
  return product;
}

}  // namespace gyro::cuda

#include "gpu/ops/blas.hpp"

#include <cublas_v2.h>

#include <memory>
#include <string>
#include <type_traits>

namespace gyro::cuda {
namespace {

Status check_blas(cublasStatus_t code, const char* what) {
  if (code == CUBLAS_STATUS_SUCCESS) return {};
  const bool memory = code == CUBLAS_STATUS_ALLOC_FAILED;
  return fail(memory ? ErrorCode::TooLarge : ErrorCode::Internal,
              std::string(what) + ": cuBLAS says " + cublasGetStatusString(code));
}

Result<cublasHandle_t> handle_of(gyro_context& context) {
  if (!context.blas) {
    cublasHandle_t handle = nullptr;
    GYRO_CHECK(check_blas(cublasCreate(&handle), "starting cuBLAS"));
    using Handle = std::remove_pointer_t<cublasHandle_t>;
    context.blas = std::shared_ptr<Handle>(handle, [](Handle* made) { cublasDestroy(made); });
    GYRO_CHECK(check_blas(cublasSetStream(handle, context.stream), "starting cuBLAS"));
  }
  return static_cast<cublasHandle_t>(context.blas.get());
}

}  // namespace

Status row_products(gyro_context& context, const float* a, std::int64_t rows_a, const float* b,
                    std::int64_t rows_b, std::int64_t depth, float* out) {
  GYRO_TRY(cublasHandle_t handle, handle_of(context));
  const float one = 1;
  const float zero = 0;
  const int k = static_cast<int>(depth);
  const int m = static_cast<int>(rows_b);  // cuBLAS sees the transposed, column-major
  return check_blas(cublasGemmEx(handle, CUBLAS_OP_T, CUBLAS_OP_N, m, static_cast<int>(rows_a), k,
                                 &one, b, CUDA_R_32F, k, a, CUDA_R_32F, k, &zero, out, CUDA_R_32F,
                                 m, CUBLAS_COMPUTE_32F_PEDANTIC, CUBLAS_GEMM_DEFAULT),
                    "multiplying matrices");
}

}  // namespace gyro::cuda

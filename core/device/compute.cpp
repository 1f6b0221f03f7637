#include "core/device/compute.hpp"

#include <fmt/format.h>

#include "core/base/advice.hpp"

namespace gyro {

Error Compute::unsupported(std::string_view what) const {
  return {ErrorCode::Unsupported, fmt::format("there is no {} on this device", what), id(),
          advice::kListed};
}

Result<gyro_spmm_report> Compute::spmm(const gyro_packed& /*packed*/,
                                       std::span<const std::uint16_t> /*b*/,
                                       std::int64_t /*tokens*/,
                                       const gyro_spmm_options& /*options*/,
                                       std::span<std::uint16_t> /*c*/, Progress& /*progress*/) {
  return fail(unsupported("sparse product"));
}

Result<gyro_environment> Compute::environment() {
  return fail(unsupported("benchmark of the sparse product"));
}

Result<std::vector<gyro_ceiling>> Compute::ceilings(Progress& /*progress*/) {
  return fail(unsupported("measurement of ceilings"));
}

Result<gyro_bench_result> Compute::bench(const gyro_bench_cell& /*cell*/, Progress& /*progress*/) {
  return fail(unsupported("benchmark"));
}

}  // namespace gyro

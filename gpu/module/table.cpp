#include "core/device/module_abi.h"
#include "gpu/benchmark/bench.hpp"
#include "gpu/benchmark/ceilings.hpp"
#include "gpu/benchmark/environment.hpp"
#include "gpu/module/context.hpp"
#include "gpu/module/devices.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/search/search.hpp"
#include "gpu/spmm/spmm.hpp"

namespace gyro::cuda {
namespace {

gyro_module_table make_table() {
  gyro_module_table table{};
  table.abi = GYRO_MODULE_ABI;
  table.table_size = sizeof table;
  table.score = 100;
  table.name = "cuda";
  table.version = GYRO_CUDA_VERSION;
  table.devices = devices;
  table.open = open;
  table.close = close;
  table.saliency = saliency;
  table.mask = mask;
  table.pruning_error = pruning_error;
  table.tile_products = tile_products;
  table.output_costs = output_costs;
  table.input_costs = input_costs;
  table.assign = assign;
  table.search = search;
  table.spmm = spmm;
  table.environment = environment;
  table.ceilings = ceilings;
  table.bench = bench;
  return table;
}

}  // namespace
}  // namespace gyro::cuda

extern "C" __attribute__((visibility("default"))) const gyro_module_table* gyro_module() {
  static const gyro_module_table table = gyro::cuda::make_table();
  return &table;
}

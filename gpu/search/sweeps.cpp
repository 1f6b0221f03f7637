#include "gpu/search/sweeps.hpp"

namespace gyro::cuda {
namespace {

constexpr int kBundle = 8;

}  // namespace

Status Sweeps::prepare() {
  GYRO_CHECK(prepare_vectors(field_.layout));
  return prepare_rows(field_.layout);
}

Status Sweeps::sweep() const {
  if (field_.layout.moves_vectors()) GYRO_CHECK(move_vectors(field_, how_));
  if (field_.layout.moves_rows()) {
    // It reads what the last sweep wrote before it waits: only a kernel in between makes that safe.
    const Launch alone{how_.stream, false};
    GYRO_CHECK(rate_rows(field_, field_.layout.moves_vectors() ? how_ : alone));
    GYRO_CHECK(move_rows(field_, how_));
  }
  return place_rows(field_, false, how_);
}

Status Sweeps::bundle() {
  return graph_.record(how_.stream, [this]() -> Status {
    for (int i = 0; i < kBundle; ++i) GYRO_CHECK(sweep());
    return {};
  });
}

Status Sweeps::run(std::int64_t count) {
  if (graph_.recorded()) {
    for (; count >= kBundle; count -= kBundle) GYRO_CHECK(graph_.launch(how_.stream));
  }
  for (; count > 0; --count) GYRO_CHECK(sweep());
  return {};
}

}  // namespace gyro::cuda

#include "gpu/search/sweeps.hpp"

namespace gyro::cuda {
namespace {

constexpr int kBundle = 8;

}  // namespace

Status Sweeps::prepare() {
  if (field_.layout.wide) {
    GYRO_CHECK(prepare_sheets(field_.layout));
    return prepare_wide(field_.layout);
  }
  GYRO_CHECK(prepare_vectors(field_.layout));
  return prepare_rows(field_.layout);
}

Status Sweeps::sweep_wide() {
  Field field = field_;
  field.control = field_.control + turn_;
  turn_ = 1 - turn_;
  field.next = field_.control + turn_;
  GYRO_CHECK(rate_sheets(field, how_));
  field.control = field.next;
  return move_wide(field, how_);
}

Status Sweeps::sweep() {
  if (field_.layout.wide) return sweep_wide();
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
  recorded_turn_ = turn_;
  return graph_.record(how_.stream, [this]() -> Status {
    for (int i = 0; i < kBundle; ++i) GYRO_CHECK(sweep());
    return {};
  });
}

Status Sweeps::run(std::int64_t count) {
  if (graph_.recorded()) {
    if (turn_ != recorded_turn_ && count > 0) {
      GYRO_CHECK(sweep());
      --count;
    }
    for (; count >= kBundle; count -= kBundle) GYRO_CHECK(graph_.launch(how_.stream));
  }
  for (; count > 0; --count) GYRO_CHECK(sweep());
  return {};
}

}  // namespace gyro::cuda

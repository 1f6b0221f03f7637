#pragma once

#include <QMetaType>
#include <QString>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.hpp"
#include "core/permutation/step.hpp"
#include "core/trace/projection.hpp"

namespace gyro::desktop {

/// The parts of one step, in the order in which a search does them.
enum class Stage { Sampling, Clustering, Assignment, Outcome };
constexpr int kStages = 4;

[[nodiscard]] QString nameOf(Stage stage);

/// A moment of a trace. With Stage::Outcome, the state after `position` steps; with another stage,
/// in the middle of the step that leads from `position` to `position` + 1.
struct Cursor {
  std::size_t position = 0;
  Stage stage = Stage::Outcome;

  /// The step that is looked at; nothing at the start.
  [[nodiscard]] std::optional<std::size_t> step() const {
    if (stage != Stage::Outcome) return position;
    if (position == 0) return std::nullopt;
    return position - 1;
  }
  bool operator==(const Cursor&) const = default;
};

/// The state of the permutation at a cursor.
struct Moment {
  Cursor cursor;
  Permutation state;
  std::optional<SearchStep> step;
  Permutation before;  ///< the state that `step` began from; empty without a step
  std::optional<Error> error;
};
using MomentPtr = std::shared_ptr<const Moment>;

/// The large detail of a step, and what the views need beside it.
struct MomentDetail {
  std::size_t step = 0;
  StepDetail detail;
  Matrix drawn;                     ///< [sampled × features] in the order of `order`
  std::vector<std::int32_t> order;  ///< into detail.sampled, cluster by cluster
  Projection plane;                 ///< points in the order of `order`
  std::optional<Error> error;
};
using MomentDetailPtr = std::shared_ptr<const MomentDetail>;

}  // namespace gyro::desktop

Q_DECLARE_METATYPE(gyro::desktop::MomentPtr)
Q_DECLARE_METATYPE(gyro::desktop::MomentDetailPtr)

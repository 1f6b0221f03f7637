#include "app/desktop/session/pruning_errors.hpp"

#include <algorithm>

namespace gyro::desktop {
namespace {

constexpr auto kSlot = "pruningError";
constexpr std::size_t kMostKept = 200;

}  // namespace

PruningErrors::PruningErrors(Session* session, QObject* parent)
    : QObject(parent), session_(session) {}

PruningErrors::Pointer PruningErrors::of(const RunResult& result) const {
  const auto found = std::find_if(known_.begin(), known_.end(),
                                  [&](const auto& entry) { return entry.first == result.mask; });
  return found == known_.end() ? nullptr : found->second;
}

bool PruningErrors::busy() const {
  return session_->jobs()->busy(kSlot);
}

void PruningErrors::compute() {
  const RunPtr run = session_->currentRun();
  const auto identity = session_->identity();
  if (!run && !identity) return;
  const RunResult result = run ? run->result : *identity;
  const QString name = run ? run->name : tr("no permutation");
  const QString title = tr("Pruning error of %1").arg(name);
  const Runner runner = session_->devices()->runner();
  session_->jobs()->start<Result<PruningError>>(
      kSlot, title,
      [result, runner](Progress& progress) { return runner.pruningError(result, progress); },
      [this, mask = result.mask, runner, job = title.toStdString()](Result<PruningError> error) {
        if (error) {
          known_.emplace_back(mask, std::make_shared<const PruningError>(*std::move(error)));
          if (known_.size() > kMostKept) known_.pop_front();
        } else {
          session_->report(runner.told(error.error(), job));
        }
        emit changed();
      });
  emit changed();
}

}  // namespace gyro::desktop

#include "app/desktop/stepper/moment_loader.hpp"

#include <QtConcurrent>
#include <exception>
#include <utility>

namespace gyro::desktop {

/// One trace and the replay of it, which only the state job touches.
struct MomentLoader::Source {
  std::shared_ptr<const Trace> trace;
  ProblemPtr problem;
  std::optional<Replay> replay;
  std::size_t replayed = 0;  ///< steps that the replay knows of

  Status prepare() {
    if (replay && replayed == trace->steps.size()) return {};
    GYRO_TRY(Replay opened, Replay::open(*trace, view_of(*problem->saliency)));
    replay.emplace(std::move(opened));
    replayed = trace->steps.size();
    return {};
  }
};

namespace {

template <class T>
void guard(T& out, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& e) {
    out.error = error_from(e).at("replaying a step");
  }
}

void explain(MomentDetail& out, const Problem& problem, const Trace& header, const Moment& moment) {
  const auto strategy = find_strategy(header.strategy);
  if (!strategy) {
    out.error = strategy.error();
    return;
  }
  auto detail = (*strategy)->explain(problem.search(), header.options, moment.before, *moment.step);
  if (!detail) {
    out.error = detail.error();
    return;
  }
  out.detail = *std::move(detail);
  out.order = cluster_order(out.detail);
  const Matrix drawn = drawn_channels(view_of(*problem.saliency), problem.shape, moment.before,
                                      out.detail, moment.step->tile);
  out.drawn.resize(drawn.rows(), drawn.cols());
  for (std::size_t i = 0; i < out.order.size(); ++i) {
    out.drawn.row(static_cast<Eigen::Index>(i)) = drawn.row(out.order[i]);
  }
  if (!out.detail.cluster_of.empty()) out.plane = principal_plane(view_of(out.drawn));
}

}  // namespace

QString nameOf(Stage stage) {
  switch (stage) {
    case Stage::Sampling:
      return QObject::tr("Sampling");
    case Stage::Clustering:
      return QObject::tr("Clustering");
    case Stage::Assignment:
      return QObject::tr("Assignment");
    case Stage::Outcome:
      return QObject::tr("Outcome");
  }
  return {};
}

MomentLoader::MomentLoader(QObject* parent) : QObject(parent) {
  connect(&state_job_, &QFutureWatcherBase::finished, this, &MomentLoader::finishState);
  connect(&detail_job_, &QFutureWatcherBase::finished, this, &MomentLoader::finishDetail);
}

MomentLoader::~MomentLoader() {
  state_job_.waitForFinished();
  detail_job_.waitForFinished();
}

void MomentLoader::setTrace(std::shared_ptr<const Trace> trace, ProblemPtr problem) {
  wanted_.reset();
  detail_wanted_ = nullptr;
  last_detail_ = nullptr;
  source_ = nullptr;
  if (!trace || !problem) return;
  source_ = std::make_shared<Source>();
  source_->trace = std::move(trace);
  source_->problem = std::move(problem);
}

void MomentLoader::request(Cursor cursor) {
  if (!source_) return;
  wanted_ = cursor;
  detail_wanted_ = nullptr;
  if (!state_job_.isRunning()) startState();
}

void MomentLoader::startState() {
  const Cursor cursor = *std::exchange(wanted_, std::nullopt);
  state_job_.setFuture(QtConcurrent::run([source = source_, cursor] {
    auto moment = std::make_shared<Moment>();
    moment->cursor = cursor;
    guard(*moment, [&] {
      if (const auto ready = source->prepare(); !ready) {
        moment->error = ready.error();
        return;
      }
      if (const auto step = cursor.step(); step && *step < source->trace->steps.size()) {
        moment->step = source->trace->steps[*step];
        moment->before = source->replay->seek(*step);
      }
      moment->state = source->replay->seek(cursor.position);
    });
    return StateResult{source, moment};
  }));
}

void MomentLoader::finishState() {
  const StateResult result = state_job_.result();
  if (result.source == source_) {
    const bool newest = !wanted_;
    if (newest && result.moment->step && !result.moment->error) detail_wanted_ = result.moment;
    emit stateReady(result.moment);
    if (detail_wanted_ && last_detail_ && last_detail_->step == result.moment->cursor.step()) {
      detail_wanted_ = nullptr;
      emit detailReady(last_detail_);
    }
    if (newest) emit idle();
  }
  if (wanted_ && !state_job_.isRunning()) startState();
  if (detail_wanted_ && !detail_job_.isRunning()) startDetail();
}

void MomentLoader::startDetail() {
  const MomentPtr moment = std::exchange(detail_wanted_, nullptr);
  auto header = std::make_shared<Trace>();
  header->strategy = source_->trace->strategy;
  header->options = source_->trace->options;
  detail_job_.setFuture(
      QtConcurrent::run([source = source_, problem = source_->problem, header, moment] {
        auto detail = std::make_shared<MomentDetail>();
        detail->step = *moment->cursor.step();
        guard(*detail, [&] { explain(*detail, *problem, *header, *moment); });
        return DetailResult{source, detail};
      }));
}

void MomentLoader::finishDetail() {
  const DetailResult result = detail_job_.result();
  if (result.source == source_) {
    last_detail_ = result.detail;
    emit detailReady(result.detail);
  }
  if (detail_wanted_ && !detail_job_.isRunning()) startDetail();
}

}  // namespace gyro::desktop

#pragma once

#include <QList>

#include "app/desktop/stepper/stage_view.hpp"

class QTableView;

namespace gyro::desktop {

class HeatmapView;
class NumberTable;

/// The drawn rows or vectors, marked in the saliency as it stood before the step, and listed.
class SamplingView : public StageView {
  Q_OBJECT
 public:
  explicit SamplingView(QWidget* parent = nullptr);

  /// The state alone, without a step (the start of a search).
  void showState(const ProblemPtr& problem, const Permutation& state);
  [[nodiscard]] HeatmapView* heatmap() const { return heatmap_; }
  [[nodiscard]] QTableView* list() const { return list_; }
  /// Original rows that the step drew; empty where it drew vectors.
  [[nodiscard]] const QList<int>& markedRows() const { return marked_rows_; }

 protected:
  QString fill(const StageContext& context) override;
  void clear() override;

 private:
  void setState(const ProblemPtr& problem, const Permutation& state, bool packed);
  void mark(const StageContext& context);
  void list(const StageContext& context);

  HeatmapView* heatmap_;
  QTableView* list_;
  NumberTable* table_;
  ProblemPtr problem_;
  std::shared_ptr<const Permutation> shown_;
  bool packed_ = false;
  int zoomed_tile_ = -1;  ///< −1: the whole layer
  QList<int> marked_rows_;
};

}  // namespace gyro::desktop

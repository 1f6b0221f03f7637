#include "app/desktop/compare/measures_panel.hpp"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>
#include <optional>
#include <vector>

#include "app/desktop/compare/comparison_model.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

const QString kSlot = QStringLiteral("measures");

QStandardItem* textItem(const QString& text) {
  auto* item = new QStandardItem(text);
  item->setEditable(false);
  item->setData(text, MeasuresPanel::SortRole);
  return item;
}

QStandardItem* numberItem(std::optional<double> value, bool best) {
  auto* item = textItem(value ? fractionText(*value) : QStringLiteral("–"));
  item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  item->setData(value ? QVariant(*value) : QVariant(), MeasuresPanel::SortRole);
  if (!best) return item;
  QFont font;
  font.setBold(true);
  item->setFont(font);
  item->setToolTip(QObject::tr("the best by this measure"));
  return item;
}

/// The best of some figures; nothing if none is known.
std::optional<double> bestOf(const std::vector<std::optional<double>>& values, bool higher) {
  std::optional<double> best;
  for (const auto& value : values) {
    if (value && (!best || (higher ? *value > *best : *value < *best))) best = value;
  }
  return best;
}

QList<QStandardItem*> columnOf(const std::vector<std::optional<double>>& values, bool higher) {
  const auto best = bestOf(values, higher);
  QList<QStandardItem*> out;
  for (const auto& value : values) {
    out.append(numberItem(value, values.size() > 1 && value && value == best));
  }
  return out;
}

}  // namespace

MeasuresPanel::MeasuresPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      message_(new QLabel),
      search_(new QPushButton(tr("Search for every measure"))),
      table_(new QuietTable),
      model_(new QStandardItemModel(this)) {
  table_->setModel(model_);
  table_->setAccessibleName(tr("Runs judged by other measures"));
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  message_->setWordWrap(true);
  message_->setForegroundRole(QPalette::PlaceholderText);
  search_->setToolTip(
      tr("Run the chosen strategy once for every saliency that this layer has data for"));
  auto* copy = new QPushButton(tr("Copy CSV"));
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(search_);
  buttons->addWidget(copy);
  buttons->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addLayout(buttons);
  layout->addWidget(message_);
  layout->addWidget(table_, 1);
  connect(search_, &QPushButton::clicked, this, &MeasuresPanel::searchWanted);
  connect(copy, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(csv()); });
  for (const auto signal : {&Session::runsChanged, &Session::layerChanged, &Session::problemChanged,
                            &Session::referencesChanged}) {
    connect(session_, signal, this, &MeasuresPanel::refresh);
  }
  refresh();
}

QString MeasuresPanel::message() const {
  return message_->text();
}

QString MeasuresPanel::csv() const {
  return csvOf(*model_, SortRole);
}

void MeasuresPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  refresh();
}

void MeasuresPanel::say(const QString& text) {
  message_->setText(text);
  message_->setVisible(!text.isEmpty());
}

/// Runs of the layer as it is cut now, whatever saliency they were made for.
QList<RunPtr> MeasuresPanel::judged() const {
  QList<RunPtr> out;
  const ProblemPtr problem = session_->problem();
  if (!problem) return out;
  for (const auto& run : session_->document().runsOfLayer()) {
    if (run->result.problem->shape == problem->shape) out.append(run);
  }
  return out + session_->references();
}

void MeasuresPanel::refresh() {
  search_->setEnabled(session_->problem() != nullptr);
  if (!isVisible()) return;
  const auto runs = judged();
  QList<std::shared_ptr<const Mask>> masks;
  for (const auto& run : runs) masks.append(run->result.mask);
  if (masks == shown_ && !runs.isEmpty()) return;
  shown_ = masks;
  session_->jobs()->drop(kSlot);
  if (runs.isEmpty()) {
    model_->clear();
    return say(
        tr("Runs of this layer stand here by what their masks keep of every other measure. Run a "
           "strategy, or search for every measure."));
  }
  std::vector<RunResult> results;
  for (const auto& run : runs) results.push_back(run->result);
  const ProblemPtr problem = session_->problem();
  session_->jobs()->start<Result<MeasureTable>>(
      kSlot, tr("Judging by other measures"),
      [file = session_->file(), problem, results](Progress& progress) {
        return judge_by_measures(*file->file, problem->layer, problem->settings.saliency, results,
                                 progress);
      },
      [this, runs](Result<MeasureTable> table) {
        if (!table) return say(toText(table.error().text()));
        fill(runs, *table);
      });
}

void MeasuresPanel::fill(const QList<RunPtr>& runs, const MeasureTable& table) {
  model_->clear();
  QStringList headings{tr("Run"), tr("Optimised for")};
  QList<QStandardItem*> names;
  QList<QStandardItem*> own;
  for (const auto& run : runs) {
    names.append(textItem(run->name));
    own.append(textItem(toText(name_of(run->result.problem->settings.saliency.kind))));
  }
  model_->appendColumn(names);
  model_->appendColumn(own);
  for (std::size_t j = 0; j < table.measures.size(); ++j) {
    std::vector<std::optional<double>> values;
    for (Eigen::Index i = 0; i < table.retained.rows(); ++i) {
      values.emplace_back(table.retained(i, static_cast<Eigen::Index>(j)));
    }
    model_->appendColumn(columnOf(values, true));
    headings.append(tr("by %1").arg(toText(name_of(table.measures[j]))));
  }
  model_->appendColumn(columnOf(table.output_error, false));
  headings.append(tr("output error"));
  model_->setHorizontalHeaderLabels(headings);
  const bool alone = table.measures.size() <= 2;
  say(alone ? tr("This layer has no calibration data: only what follows from the weights is "
                 "judged.")
            : QString());
}

}  // namespace gyro::desktop

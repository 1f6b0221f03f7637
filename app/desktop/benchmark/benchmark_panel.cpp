#include "app/desktop/benchmark/benchmark_panel.hpp"

#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QIcon>
#include <QLabel>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/benchmark/bench_model.hpp"
#include "app/desktop/benchmark/conditions.hpp"
#include "app/desktop/benchmark/roofline_plot.hpp"
#include "app/desktop/benchmark/time_bars.hpp"
#include "app/desktop/benchmark/trade_plot.hpp"
#include "app/desktop/compare/elided_combo.hpp"
#include "app/desktop/compare/flow_layout.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/empty_page.hpp"
#include "app/desktop/shell/widgets.hpp"
#include "app/desktop/stepper/quiet_table.hpp"
#include "core/benchmark/report_file.hpp"

namespace gyro::desktop {
namespace {

const QString kSlot = QStringLiteral("benchmark");
constexpr int kSetupWidth = 300;

QComboBox* namedCombo(const QString& name, int characters) {
  auto* const combo = new ElidedCombo(characters);
  combo->setAccessibleName(name);
  combo->setToolTip(name);
  return combo;
}

}  // namespace

BenchmarkPanel::BenchmarkPanel(Session* session, const QString& folder, QWidget* parent)
    : QWidget(parent),
      session_(session),
      history_(new BenchHistory(folder, this)),
      setup_(new BenchSetup(session)),
      model_(new BenchModel(this)),
      reports_(namedCombo(tr("Results that are shown"), 22)),
      baselines_(namedCombo(tr("Results to compare with"), 14)),
      modes_(namedCombo(tr("Cold or warm L2 cache in the plots"), 5)),
      heights_(namedCombo(tr("What the bars show"), 10)),
      qualities_(namedCombo(tr("Quality to set against time"), 10)),
      pages_(new QStackedWidget),
      empty_(new EmptyPage({}, tr("Open stored results…"))),
      tabs_(new QTabWidget),
      bars_(new TimeBars),
      roofline_(new RooflinePlot),
      trade_(new TradePlot),
      table_(new QuietTable),
      conditions_(new QLabel) {
  setAccessibleName(tr("Benchmark"));
  auto* const split = new QSplitter(Qt::Horizontal);
  split->addWidget(scrolled(setup_));
  split->addWidget(makePages());
  split->setStretchFactor(1, 1);
  split->setSizes({kSetupWidth, 3 * kSetupWidth});
  split->setChildrenCollapsible(false);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(makeBar());
  layout->addWidget(split, 1);
  connect(history_, &BenchHistory::changed, this, &BenchmarkPanel::fillHistory);
  connect(setup_, &BenchSetup::runWanted, this, &BenchmarkPanel::run);
  connect(setup_, &BenchSetup::stopWanted, this, [this] { session_->jobs()->cancel(kSlot); });
  connect(session_->jobs(), &Jobs::changed, this,
          [this] { setup_->setRunning(session_->jobs()->busy(kSlot)); });
  connect(empty_, &EmptyPage::wanted, this, &BenchmarkPanel::openDialog);
  connect(session_, &Session::runsChanged, this, &BenchmarkPanel::refreshTrade);
  connect(session_, &Session::layerChanged, this, &BenchmarkPanel::refreshTrade);
  setDevices({}, tr("Looking for a GPU…"), {});
  fillHistory();
}

BenchmarkPanel::~BenchmarkPanel() = default;

QWidget* BenchmarkPanel::makeBar() {
  auto* const bar = new QWidget;
  auto* const layout = new FlowLayout(bar, 2, 4);
  modes_->addItem(tr("cold"), static_cast<int>(CacheState::Cold));
  modes_->addItem(tr("warm"), static_cast<int>(CacheState::Warm));
  heights_->addItem(tr("time"), static_cast<int>(TimeBars::Show::Time));
  heights_->addItem(tr("times as fast as cuBLAS"), static_cast<int>(TimeBars::Show::Speedup));
  qualities_->addItem(tr("retained saliency"), static_cast<int>(Quality::Retained));
  qualities_->addItem(tr("output error"), static_cast<int>(Quality::OutputError));
  layout->addPair(new QLabel(tr("Results")), reports_);
  layout->addPair(new QLabel(tr("Baseline")), baselines_);
  for (auto* const combo : {modes_, heights_, qualities_}) layout->addWidget(combo);
  auto* const open =
      quietButton(QStringLiteral("document-open"), tr("Open…"), tr("Open stored results"));
  export_ = quietButton(QStringLiteral("document-export"), tr("Export…"),
                        tr("Write the results as JSON or CSV, or the plot as a picture"));
  remove_ = quietButton(QStringLiteral("edit-delete"), tr("Delete"), tr("Delete these results"));
  for (auto* const tool : {open, export_, remove_}) layout->addWidget(tool);
  connect(open, &QToolButton::clicked, this, &BenchmarkPanel::openDialog);
  connect(export_, &QToolButton::clicked, this, &BenchmarkPanel::exportDialog);
  connect(remove_, &QToolButton::clicked, this, &BenchmarkPanel::removeShown);
  for (auto* const combo : {reports_, baselines_, modes_, heights_}) {
    connect(combo, &QComboBox::currentIndexChanged, this, &BenchmarkPanel::refresh);
  }
  connect(qualities_, &QComboBox::currentIndexChanged, this, &BenchmarkPanel::refreshTrade);
  return bar;
}

QWidget* BenchmarkPanel::makeTable() {
  auto* const sorted = new QSortFilterProxyModel(this);
  sorted->setSourceModel(model_);
  sorted->setSortRole(BenchModel::SortRole);
  table_->setModel(sorted);
  table_->setSortingEnabled(true);
  table_->sortByColumn(-1, Qt::AscendingOrder);
  table_->setAccessibleName(tr("Results of the benchmark"));
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->horizontalHeader()->setSectionsMovable(true);
  connect(model_, &QAbstractItemModel::modelReset, table_, &QTableView::resizeColumnsToContents,
          Qt::QueuedConnection);
  return table_;
}

QWidget* BenchmarkPanel::makePages() {
  conditions_->setTextFormat(Qt::RichText);
  conditions_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  conditions_->setWordWrap(true);
  conditions_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  conditions_->setMargin(8);
  tabs_->setDocumentMode(true);
  tabs_->setUsesScrollButtons(true);
  tabs_->addTab(bars_, tr("Times"));
  tabs_->addTab(roofline_, tr("Roofline"));
  tabs_->addTab(trade_, tr("Quality by time"));
  tabs_->addTab(makeTable(), tr("Table"));
  tabs_->addTab(scrolled(conditions_), tr("Conditions"));
  bars_->setEmptyText(tr("Nothing was timed in this mode; the table says why."));
  roofline_->setEmptyText(tr("Nothing was timed in this mode; the table says why."));
  pages_->addWidget(empty_);
  pages_->addWidget(tabs_);
  return pages_;
}

void BenchmarkPanel::setDevices(const QList<BenchDevice>& devices, const QString& reason,
                                BenchRun run) {
  run_ = std::move(run);
  setup_->setDevices(devices, reason);
  empty_->setText(devices.isEmpty()
                      ? tr("%1\nResults that were stored elsewhere can be opened.").arg(reason)
                      : tr("Run a benchmark, or open stored results."));
}

void BenchmarkPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (asked_) return;
  asked_ = true;
  emit devicesWanted();
}

void BenchmarkPanel::run() {
  const auto cells = setup_->cells();
  if (!cells || !run_) return;
  session_->jobs()->start<Result<BenchReport>>(
      kSlot, tr("Benchmark"),
      [run = run_, device = setup_->device(), cells = *cells](Progress& progress) {
        return run(device, cells, progress);
      },
      [this](const Result<BenchReport>& report) { finish(report); });
}

void BenchmarkPanel::finish(const Result<BenchReport>& report) {
  if (!report) {
    if (report.error().code != ErrorCode::Cancelled) emit session_->failed(report.error());
    return;
  }
  const auto stored = history_->add(*report);
  if (!stored) return emit session_->failed(stored.error());
  showReport(*stored);
}

StoredReportPtr BenchmarkPanel::report() const {
  return history_->reports().value(reports_->currentIndex());
}

StoredReportPtr BenchmarkPanel::baseline() const {
  return history_->reports().value(baselines_->currentIndex() - 1);
}

void BenchmarkPanel::showReport(const StoredReportPtr& report) {
  reports_->setCurrentIndex(static_cast<int>(history_->reports().indexOf(report)));
}

void BenchmarkPanel::setBaseline(const StoredReportPtr& report) {
  baselines_->setCurrentIndex(static_cast<int>(history_->reports().indexOf(report)) + 1);
}

void BenchmarkPanel::openFile(const QString& path) {
  const auto stored = history_->open(path);
  if (!stored) return emit session_->failed(stored.error());
  showReport(*stored);
}

/// Keeps what was chosen, by its file.
void BenchmarkPanel::fillHistory() {
  const QString shown = reports_->currentData().toString();
  const QString pinned = baselines_->currentData().toString();
  {
    const QSignalBlocker reports(reports_);
    const QSignalBlocker baselines(baselines_);
    reports_->clear();
    baselines_->clear();
    baselines_->addItem(tr("none"));
    for (const auto& entry : history_->reports()) {
      reports_->addItem(entry->name, entry->path);
      baselines_->addItem(entry->name, entry->path);
    }
    reports_->setCurrentIndex(std::max(0, reports_->findData(shown)));
    baselines_->setCurrentIndex(pinned.isEmpty() ? 0 : std::max(0, baselines_->findData(pinned)));
  }
  refresh();
}

std::vector<BenchResult> BenchmarkPanel::shownResults() const {
  const auto entry = report();
  if (!entry) return {};
  return resultsOf(entry->report, static_cast<CacheState>(modes_->currentData().toInt()));
}

void BenchmarkPanel::refresh() {
  const auto entry = report();
  pages_->setCurrentWidget(entry ? static_cast<QWidget*>(tabs_) : empty_);
  export_->setEnabled(entry != nullptr);
  remove_->setEnabled(entry && !entry->isExample());
  model_->setReports(entry, baseline());
  bars_->setShow(static_cast<TimeBars::Show>(heights_->currentData().toInt()));
  bars_->setResults(shownResults());
  roofline_->setResults(shownResults(), entry ? entry->report.ceilings : std::vector<Ceiling>{});
  conditions_->setText(entry ? conditionsText(entry->report) : QString());
  refreshTrade();
}

void BenchmarkPanel::refreshTrade() {
  const auto quality = static_cast<Quality>(qualities_->currentData().toInt());
  const auto runs = session_->document().runsOfLayer();
  trade_->setEmptyText(
      runs.isEmpty()
          ? tr("Runs of the selected layer stand here against the time of their product.")
          : tr("None of these products has the sizes, V and sparsity of a run of this layer.\n"
               "“From the model” takes its sizes."));
  trade_->setPoints(tradePoints(runs, shownResults(), quality), quality);
}

void BenchmarkPanel::openDialog() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open stored results"), {},
                                                    tr("Benchmark results (*.json)"));
  if (!path.isEmpty()) openFile(path);
}

BenchPlot* BenchmarkPanel::shownPlot() const {
  return dynamic_cast<BenchPlot*>(tabs_->currentWidget());
}

Status BenchmarkPanel::exportTo(const QString& path) const {
  const auto entry = report();
  if (!entry) return fail(ErrorCode::NotFound, "there are no results to write");
  const QString ending = QFileInfo(path).suffix().toLower();
  if (ending == QLatin1String("json")) return write_report(path.toStdString(), entry->report);
  if (ending == QLatin1String("csv")) return write_report_csv(path.toStdString(), entry->report);
  if (ending == QLatin1String("png")) {
    BenchPlot* const plot = shownPlot() != nullptr ? shownPlot() : bars_;
    if (plot->savePng(path, 0, 0, devicePixelRatioF())) return {};
    return fail(ErrorCode::WriteFailed, "the picture could not be written", path.toStdString(),
                "Choose another folder.");
  }
  return fail(ErrorCode::InvalidArgument, "results are written as .json, .csv or .png",
              path.toStdString());
}

void BenchmarkPanel::exportDialog() {
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Export the results"), QStringLiteral("benchmark.json"),
      tr("Results (*.json);;Table (*.csv);;Picture of the plot (*.png)"));
  if (path.isEmpty()) return;
  if (const auto written = exportTo(path); !written) emit session_->failed(written.error());
}

void BenchmarkPanel::removeShown() {
  if (const auto removed = history_->remove(report()); !removed) {
    emit session_->failed(removed.error());
  }
}

}  // namespace gyro::desktop

#include "app/desktop/compare/batch_dialog.hpp"

#include <QDialogButtonBox>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

constexpr int kRefreshMs = 100;
constexpr int kMostSeeds = 100;
constexpr int kFirstSeeds = 3;
constexpr QSize kFirstSize(620, 460);

QListWidgetItem* addChoice(QListWidget* list, const QString& text, const QString& name,
                           bool checked) {
  auto* const item = new QListWidgetItem(text, list);
  item->setData(Qt::UserRole, name);
  item->setCheckState(checked ? Qt::Checked : Qt::Unchecked);
  return item;
}

QStringList checkedNames(const QListWidget* list) {
  QStringList out;
  for (int row = 0; row < list->count(); ++row) {
    const auto* const item = list->item(row);
    if (item->checkState() == Qt::Checked) out.append(item->data(Qt::UserRole).toString());
  }
  return out;
}

}  // namespace

BatchDialog::BatchDialog(Session* session, QWidget* parent)
    : QDialog(parent),
      session_(session),
      layers_(new QListWidget),
      strategies_(new QListWidget),
      seeds_(new QSpinBox),
      budgets_(new QLineEdit(QStringLiteral("1, 10"))),
      message_(new QLabel),
      bar_(new QProgressBar),
      start_(new QPushButton(tr("&Run all"))),
      cancel_(new QPushButton(tr("S&top"))) {
  setWindowTitle(tr("All at once"));
  fillLayers();
  fillStrategies();
  buildForm();
  for (auto* list : {layers_, strategies_}) {
    clearCheckBoxes(list);
    connect(list, &QListWidget::itemChanged, this, &BatchDialog::refresh);
  }
  connect(seeds_, &QSpinBox::valueChanged, this, &BatchDialog::refresh);
  connect(budgets_, &QLineEdit::textChanged, this, &BatchDialog::refresh);
  connect(start_, &QPushButton::clicked, this, &BatchDialog::start);
  connect(cancel_, &QPushButton::clicked, session, &Session::stopBatch);
  connect(session, &Session::batchEnded, this, &BatchDialog::ended);
  connect(&timer_, &QTimer::timeout, this, &BatchDialog::showProgress);
  timer_.setInterval(kRefreshMs);
  resize(kFirstSize);
  refresh();
}

void BatchDialog::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) {
    for (auto* list : {layers_, strategies_}) clearCheckBoxes(list);
  }
}

void BatchDialog::fillLayers() {
  layers_->setAccessibleName(tr("Layers to search"));
  layers_->setTextElideMode(Qt::ElideMiddle);
  if (!session_->file()) return;
  const ProblemSettings& s = session_->settings();
  for (const auto& info : session_->file()->layers.layers) {
    const QString name = toText(info.name);
    const auto extents = matrix_shape(info);
    if (!extents) continue;
    auto* const item = addChoice(layers_, name, name, name == session_->layerName());
    item->setToolTip(tr("%1: %2 × %3").arg(name).arg(extents->rows).arg(extents->cols));
    const auto shape = make_shape(extents->rows, extents->cols, s.vector_size, s.nm, s.sparsity);
    if (shape) continue;
    item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
    item->setCheckState(Qt::Unchecked);
    item->setToolTip(toText(shape.error().what));
  }
}

void BatchDialog::fillStrategies() {
  strategies_->setAccessibleName(tr("Strategies to run"));
  for (const auto& strategy : strategies()) {
    const StrategyInfo& info = strategy->info();
    if (info.keeps_start) continue;  // one order for all these layers there is not
    const bool usual = info.name == "identity" || info.name == "gyro" || info.name == "gyroscope";
    addChoice(strategies_, toText(info.title), toText(info.name), usual)
        ->setToolTip(toText(info.doc));
  }
}

void BatchDialog::buildForm() {
  seeds_->setRange(1, kMostSeeds);
  seeds_->setValue(kFirstSeeds);
  seeds_->setAccessibleName(tr("Seeds"));
  seeds_->setToolTip(tr("Seeds 1, 2, … of every strategy that uses one"));
  budgets_->setAccessibleName(tr("Budgets in seconds"));
  budgets_->setToolTip(
      tr("Seconds a search may take; several, as in 1, 3, 10, give a curve of quality against "
         "time. Empty: each strategy to its own end."));
  budgets_->setPlaceholderText(tr("until each ends"));
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  bar_->setAccessibleName(tr("Searches done"));
  bar_->hide();
  cancel_->setToolTip(tr("End after the searches that are done; they are kept"));
  auto* const lists = new QHBoxLayout;
  for (const auto& [title, list] :
       {std::pair{tr("&Strategies"), strategies_}, std::pair{tr("&Layers"), layers_}}) {
    auto* const column = new QVBoxLayout;
    auto* const label = new QLabel(title);
    label->setBuddy(list);
    column->addWidget(label);
    column->addWidget(list, 1);
    lists->addLayout(column, 1);
  }
  auto* const form = new QFormLayout;
  form->addRow(tr("S&eeds"), seeds_);
  form->addRow(tr("&Budgets, s"), budgets_);
  auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  buttons->addButton(start_, QDialogButtonBox::ActionRole);
  buttons->addButton(cancel_, QDialogButtonBox::ActionRole);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  start_->setDefault(true);
  auto* const layout = new QVBoxLayout(this);
  layout->addLayout(lists, 1);
  layout->addLayout(form);
  layout->addWidget(message_);
  layout->addWidget(bar_);
  layout->addWidget(buttons);
}

std::optional<std::vector<double>> BatchDialog::budgetValues() const {
  std::vector<double> out;
  const auto parts = budgets_->text().split(QLatin1Char(','), Qt::SkipEmptyParts);
  for (const auto& part : parts) {
    bool number = false;
    const double value = part.trimmed().toDouble(&number);
    if (!number || value <= 0) return std::nullopt;
    out.push_back(value);
  }
  return out;
}

QString BatchDialog::complaint() const {
  if (checkedNames(strategies_).isEmpty()) return tr("Check the strategies to run.");
  if (checkedNames(layers_).isEmpty()) return tr("Check the layers to search.");
  if (!budgetValues()) return tr("Type the budgets as seconds above 0: 1, 3, 10.");
  return {};
}

std::optional<BatchPlan> BatchDialog::plan() const {
  if (!complaint().isEmpty()) return std::nullopt;
  return BatchPlan{checkedNames(layers_), checkedNames(strategies_), seeds_->value(),
                   *budgetValues()};
}

QString BatchDialog::message() const {
  return message_->text();
}

void BatchDialog::refresh() {
  const auto chosen = plan();
  start_->setEnabled(chosen && !seen_);
  cancel_->setEnabled(seen_ != nullptr);
  if (seen_) return;
  if (!chosen) return message_->setText(complaint());
  const auto searches = requestsOf(*chosen);
  double seconds = 0;
  for (const auto& search : searches) seconds += search.budget_seconds.value_or(0);
  seconds *= static_cast<double>(chosen->layers.size());
  const auto count = static_cast<qsizetype>(searches.size()) * chosen->layers.size();
  message_->setText(chosen->budgets.empty() ? tr("%1 searches, each to its own end.").arg(count)
                                            : tr("%1 searches, at most %2 min.")
                                                  .arg(count)
                                                  .arg(std::max(0.1, seconds / 60), 0, 'f', 1));
}

void BatchDialog::start() {
  const auto chosen = plan();
  if (!chosen || seen_) return;
  seen_ = std::make_shared<BatchProgress>();
  bar_->setRange(0, 0);
  bar_->show();
  session_->startBatch(*chosen, seen_);
  timer_.start();
  refresh();
}

void BatchDialog::showProgress() {
  if (!seen_ || seen_->total() == 0) return;
  bar_->setRange(0, seen_->total());
  bar_->setValue(seen_->done());
  message_->setText(
      tr("%1 of %2 done: %3").arg(seen_->done()).arg(seen_->total()).arg(seen_->current()));
}

void BatchDialog::ended(int runs) {
  if (!seen_) return;
  const int total = seen_->total();
  seen_ = nullptr;
  timer_.stop();
  bar_->hide();
  refresh();
  message_->setText(runs == total ? tr("All %1 searches are in the table.").arg(runs)
                                  : tr("%1 of %2 searches are in the table.").arg(runs).arg(total));
  emit searched(runs);
}

}  // namespace gyro::desktop

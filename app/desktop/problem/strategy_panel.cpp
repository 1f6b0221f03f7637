#include "app/desktop/problem/strategy_panel.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QSpinBox>
#include <algorithm>
#include <limits>
#include <utility>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr int kDecimals = 6;
constexpr int kFieldLength = 8;  // characters
constexpr double kUnbounded = 1e9;
constexpr double kMaxBudget = 86400;  // a day
constexpr double kFirstBudget = 10;

const QString kFirstStrategy = QStringLiteral("gyroscope");

/// Of the strategies, gyroscope alone never ends by itself.
double firstBudget(const QString& strategy) {
  return strategy == kFirstStrategy ? kFirstBudget : 0;
}

QString rangeText(const ParameterInfo& info) {
  if (info.minimum == info.maximum) return {};
  return QObject::tr(" (%1 to %2)").arg(info.minimum).arg(info.maximum);
}

int clampToInt(double value) {
  constexpr double kMax = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp(value, -kMax, kMax));
}

QSpinBox* integerBox(const ParameterInfo& info) {
  auto* const box = new QSpinBox;
  const bool bounded = info.minimum != info.maximum;
  box->setRange(bounded ? clampToInt(info.minimum) : -clampToInt(kUnbounded),
                bounded ? clampToInt(info.maximum) : clampToInt(kUnbounded));
  box->setValue(clampToInt(static_cast<double>(std::get<std::int64_t>(info.default_value))));
  return box;
}

QDoubleSpinBox* realBox(const ParameterInfo& info) {
  auto* const box = new QDoubleSpinBox;
  const bool bounded = info.minimum != info.maximum;
  box->setDecimals(kDecimals);
  box->setRange(bounded ? info.minimum : -kUnbounded, bounded ? info.maximum : kUnbounded);
  box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  box->setValue(std::get<double>(info.default_value));
  return box;
}

}  // namespace

StrategyPanel::StrategyPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      strategy_(new QComboBox),
      doc_(new QLabel),
      form_(new QFormLayout(this)),
      seed_(new QLineEdit(QStringLiteral("1"))),
      budget_(new QDoubleSpinBox),
      steps_(new QSpinBox),
      run_(new QPushButton(tr("&Run"))),
      step_(new QPushButton(tr("Step by &hand"))) {
  for (const auto& strategy : strategies()) {
    const StrategyInfo& info = strategy->info();
    strategy_->addItem(toText(info.title), toText(info.name));
  }
  buildForm();
  connect(strategy_, &QComboBox::currentIndexChanged, this, [this, first = kFirstBudget]() mutable {
    rebuildParameters();
    if (budget_->value() == first) budget_->setValue(firstBudget(strategy()));
    first = firstBudget(strategy());
    emit strategyChanged(strategy());
  });
  connect(run_, &QPushButton::clicked, this, &StrategyPanel::run);
  connect(step_, &QPushButton::clicked, this, &StrategyPanel::runPaused);
  connect(session, &Session::problemChanged, this, &StrategyPanel::refreshButtons);
  connect(session, &Session::liveChanged, this, &StrategyPanel::refreshButtons);
  setStrategy(kFirstStrategy);
  rebuildParameters();
}

void StrategyPanel::buildForm() {
  strategy_->setAccessibleName(tr("Strategy"));
  strategy_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  strategy_->setMinimumContentsLength(kFieldLength);
  doc_->setWordWrap(true);
  doc_->setForegroundRole(QPalette::PlaceholderText);
  doc_->installEventFilter(this);
  seed_->setAccessibleName(tr("Seed"));
  seed_->setToolTip(tr("Seed of the random streams: the same seed gives the same permutation."));
  seed_->setValidator(new QRegularExpressionValidator(QRegularExpression("[0-9]{1,19}"), seed_));
  budget_->setAccessibleName(tr("Budget in seconds"));
  budget_->setRange(0, kMaxBudget);
  budget_->setDecimals(1);
  budget_->setSuffix(tr(" s"));
  budget_->setSpecialValueText(tr("until it ends"));
  budget_->setValue(kFirstBudget);
  budget_->setToolTip(tr("Wall time of the search; the best so far is kept."));
  steps_->setAccessibleName(tr("Most steps"));
  steps_->setRange(0, std::numeric_limits<int>::max());
  steps_->setSpecialValueText(tr("no limit"));
  steps_->setToolTip(
      tr("Proposed moves, in the strategy's own unit. A fixed number of steps "
         "gives the same result on every machine."));
  run_->setDefault(true);
  step_->setToolTip(tr("Begin held, and do the phases one at a time in the stepper"));

  form_->setContentsMargins(8, 8, 8, 8);
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form_->setVerticalSpacing(6);
  form_->addRow(tr("Strate&gy"), strategy_);
  form_->addRow(doc_);
  form_->addRow(tr("See&d"), seed_);
  form_->addRow(tr("&Budget"), budget_);
  form_->addRow(tr("Most ste&ps"), steps_);
  auto* const buttons = new QHBoxLayout;
  buttons->addWidget(run_, 1);
  buttons->addWidget(step_, 1);
  form_->addRow(buttons);
}

QString StrategyPanel::strategy() const {
  return strategy_->currentData().toString();
}

void StrategyPanel::setStrategy(const QString& name) {
  const int row = strategy_->findData(name);
  if (row >= 0) strategy_->setCurrentIndex(row);
}

void StrategyPanel::rebuildParameters() {
  fields_.clear();
  if (parameters_ != nullptr) form_->removeRow(parameters_);
  parameters_ = new QWidget;
  parameter_form_ = new QFormLayout(parameters_);
  parameter_form_->setContentsMargins(0, 0, 0, 0);
  parameter_form_->setVerticalSpacing(6);
  parameter_form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form_->insertRow(2, parameters_);
  const auto found = find_strategy(strategy().toStdString());
  if (found) {
    const StrategyInfo& info = (*found)->info();
    doc_->setText(toText(info.doc));
    doc_->setToolTip(toText(info.source));
    fitDoc();
    for (const auto& parameter : info.parameters) addParameter(parameter);
    seed_->setEnabled(info.uses_seed);
  }
  parameters_->setVisible(!fields_.empty());
  refreshButtons();
}

void StrategyPanel::fitDoc() {
  doc_->setMinimumHeight(doc_->heightForWidth(doc_->width()));
}

bool StrategyPanel::eventFilter(QObject* watched, QEvent* event) {
  if (watched == doc_ && event->type() == QEvent::Resize) fitDoc();
  return QWidget::eventFilter(watched, event);
}

void StrategyPanel::addParameter(const ParameterInfo& info) {
  Field field = fieldFor(info);
  field.widget->setObjectName(toText("parameter-" + info.name));
  field.widget->setAccessibleName(toText(info.name));
  field.widget->setToolTip(toText(info.doc) + rangeText(info));
  auto* const label = new QLabel(toText(info.name));
  label->setToolTip(field.widget->toolTip());
  label->setBuddy(field.widget);
  parameter_form_->addRow(label, field.widget);
  field.default_text = field.text();
  fields_.emplace(info.name, std::move(field));
}

StrategyPanel::Field StrategyPanel::fieldFor(const ParameterInfo& info) {
  if (const auto* on = std::get_if<bool>(&info.default_value)) {
    auto* const box = new QCheckBox;
    box->setChecked(*on);
    return {box,
            {},
            [box] { return text_of(ParameterValue(box->isChecked())); },
            [box](const std::string& text) { box->setChecked(text == "true"); }};
  }
  if (std::holds_alternative<std::int64_t>(info.default_value)) {
    QSpinBox* const box = integerBox(info);
    return {box,
            {},
            [box] { return text_of(ParameterValue(std::int64_t{box->value()})); },
            [box](const std::string& text) { box->setValue(toText(text).toInt()); }};
  }
  if (std::holds_alternative<double>(info.default_value)) {
    QDoubleSpinBox* const box = realBox(info);
    return {box,
            {},
            [box] { return text_of(ParameterValue(box->value())); },
            [box](const std::string& text) { box->setValue(toText(text).toDouble()); }};
  }
  const QString initial = toText(std::get<std::string>(info.default_value));
  if (!info.choices.empty()) {
    auto* const box = new QComboBox;
    for (const auto& choice : info.choices) box->addItem(toText(choice));
    box->setCurrentText(initial);
    return {box,
            {},
            [box] { return box->currentText().toStdString(); },
            [box](const std::string& text) { box->setCurrentText(toText(text)); }};
  }
  auto* const edit = new QLineEdit(initial);
  return {edit,
          {},
          [edit] { return edit->text().toStdString(); },
          [edit](const std::string& text) { edit->setText(toText(text)); }};
}

RunRequest StrategyPanel::request() const {
  RunRequest request;
  request.strategy = strategy().toStdString();
  for (const auto& [name, field] : fields_) {
    std::string text = field.text();
    if (text != field.default_text) request.parameters.emplace(name, std::move(text));
  }
  request.seed = seed_->text().toULongLong();
  if (budget_->value() > 0) request.budget_seconds = budget_->value();
  if (steps_->value() > 0) request.max_steps = steps_->value();
  request.start = start_;
  if (start_ && strategy() != start_strategy_) {
    request.start = std::make_shared<const SearchStart>(SearchStart{start_->permutation, 0, 0, 0});
  }
  return request;
}

void StrategyPanel::setRequest(const RunRequest& request) {
  setStrategy(toText(request.strategy));
  for (const auto& [name, text] : request.parameters) {
    if (const auto field = fields_.find(name); field != fields_.end()) field->second.set(text);
  }
  seed_->setText(QString::number(request.seed));
  budget_->setValue(request.budget_seconds.value_or(0));
  steps_->setValue(clampToInt(static_cast<double>(request.max_steps.value_or(0))));
}

void StrategyPanel::setStart(std::shared_ptr<const SearchStart> start, const QString& origin) {
  start_ = std::move(start);
  start_strategy_ = strategy();
  origin_ = origin;
  run_->setText(tr("&Go on"));
  refreshButtons();
}

void StrategyPanel::run() {
  session_->startRun(request(), false, origin_);
  emit started();
}

void StrategyPanel::runPaused() {
  session_->startRun(request(), true, origin_);
  emit started();
}

void StrategyPanel::refreshButtons() {
  const bool ready = session_->problem() != nullptr;
  const auto found = find_strategy(strategy().toStdString());
  const bool fits = found && (!start_ || (*found)->info().takes_start);
  run_->setEnabled(ready && fits);
  step_->setEnabled(ready && fits && !(*found)->info().phases.empty());
  QString why;
  if (!ready) why = tr("Choose a layer and settings that fit it first");
  if (ready && !fits) why = tr("This strategy makes its order anew and cannot go on from a state");
  run_->setToolTip(why);
}

}  // namespace gyro::desktop

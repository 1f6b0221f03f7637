#include "app/desktop/heatmap/color_panel.hpp"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace gyro::desktop {
namespace {

QDoubleSpinBox* percentBox(double value, const QString& name) {
  auto* box = new QDoubleSpinBox;
  box->setRange(0, 100);
  box->setDecimals(2);
  box->setSuffix(QStringLiteral(" %"));
  box->setValue(value);
  box->setKeyboardTracking(false);
  box->setAccessibleName(name);
  return box;
}

QHBoxLayout* pairOf(QWidget* a, QWidget* b) {
  auto* row = new QHBoxLayout;
  row->addWidget(a);
  row->addWidget(new QLabel(QStringLiteral("–")));
  row->addWidget(b);
  return row;
}

}  // namespace

ColorPanel::ColorPanel(QWidget* parent)
    : QWidget(parent),
      map_(new QComboBox),
      scale_(new QComboBox),
      range_(new QComboBox),
      lowPercent_(percentBox(1, tr("Lower percentile"))),
      highPercent_(percentBox(99, tr("Upper percentile"))),
      lower_(new QLineEdit),
      upper_(new QLineEdit),
      figures_(new QLabel),
      bar_(new ColorBar) {
  for (const auto map : colorMaps()) map_->addItem(nameOf(map), static_cast<int>(map));
  scale_->addItems({tr("linear"), tr("log"), tr("symlog")});
  range_->addItems({tr("minimum – maximum"), tr("mean ± 3σ"), tr("percentiles"), tr("typed")});
  lower_->setAccessibleName(tr("Lower end of the colours"));
  upper_->setAccessibleName(tr("Upper end of the colours"));
  figures_->setWordWrap(true);
  auto* form = new QFormLayout;
  form->addRow(tr("Colours"), map_);
  form->addRow(tr("Scale"), scale_);
  form->addRow(tr("Range"), range_);
  form->addRow(tr("Percentiles"), pairOf(lowPercent_, highPercent_));
  form->addRow(tr("From – to"), pairOf(lower_, upper_));
  auto* all = new QVBoxLayout(this);
  all->addLayout(form);
  all->addWidget(bar_, 1);
  all->addWidget(figures_);
  const auto act = [this](auto change) {
    return [this, change](auto... value) {
      if (model_ != nullptr) change(value...);
    };
  };
  connect(map_, &QComboBox::activated, this,
          act([this](int i) { model_->setMap(colorMaps()[static_cast<std::size_t>(i)]); }));
  connect(scale_, &QComboBox::activated, this,
          act([this](int i) { model_->setScale(static_cast<ColorScale>(i)); }));
  connect(range_, &QComboBox::activated, this,
          act([this](int i) { model_->setRangeMode(static_cast<RangeMode>(i)); }));
  for (auto* box : {lowPercent_, highPercent_}) {
    connect(box, &QDoubleSpinBox::valueChanged, this, act([this](double) {
              model_->setPercentiles(lowPercent_->value(), highPercent_->value());
            }));
  }
  for (auto* line : {lower_, upper_})
    connect(line, &QLineEdit::editingFinished, this, &ColorPanel::typed);
  modelChanged();
}

// A field with the keyboard ends its editing when it is destroyed, which is after its panel.
ColorPanel::~ColorPanel() {
  for (auto* field : findChildren<QWidget*>()) field->disconnect(this);
}

void ColorPanel::setModel(ColorModel* model) {
  if (model_ != nullptr) model_->disconnect(this);
  model_ = model;
  bar_->setModel(model);
  if (model != nullptr) connect(model, &ColorModel::changed, this, &ColorPanel::modelChanged);
  modelChanged();
}

void ColorPanel::typed() {
  if (model_ == nullptr || (!lower_->isModified() && !upper_->isModified())) return;
  bool low = false;
  bool high = false;
  const double from = lower_->text().toDouble(&low);
  const double to = upper_->text().toDouble(&high);
  if (low && high) model_->setRange(from, to);
  modelChanged();
}

void ColorPanel::modelChanged() {
  setEnabled(model_ != nullptr);
  if (model_ == nullptr) return;
  const auto& settings = model_->settings();
  map_->setCurrentIndex(map_->findData(static_cast<int>(settings.map)));
  scale_->setCurrentIndex(static_cast<int>(settings.scale));
  range_->setCurrentIndex(static_cast<int>(settings.range));
  const QSignalBlocker quietLow(lowPercent_);
  const QSignalBlocker quietHigh(highPercent_);
  lowPercent_->setValue(settings.lowPercent);
  highPercent_->setValue(settings.highPercent);
  const auto [from, to] = model_->range();
  lower_->setText(QString::number(from, 'g', 6));
  upper_->setText(QString::number(to, 'g', 6));
  const auto& figures = model_->statistics();
  if (!figures) return figures_->clear();
  QString text = tr("min %1 · max %2 · mean %3 · σ %4");
  for (const double value :
       {figures->minimum, figures->maximum, figures->mean, figures->deviation}) {
    text = text.arg(value, 0, 'g', 4);
  }
  if (figures->nanCount > 0) text += tr(" · %1 NaN").arg(figures->nanCount);
  figures_->setText(text);
}

}  // namespace gyro::desktop

#include "app/desktop/heatmap/color_panel.hpp"

#include <QBuffer>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QTextDocumentFragment>
#include <QVBoxLayout>

namespace gyro::desktop {
namespace {

constexpr int kSwatch = 12;

/// A framed square, for rich text.
QString swatch(QRgb color, const QColor& frame) {
  QImage image(kSwatch, kSwatch, QImage::Format_RGB32);
  image.fill(frame);
  for (int y = 1; y < kSwatch - 1; ++y) {
    for (int x = 1; x < kSwatch - 1; ++x) image.setPixel(x, y, color);
  }
  QByteArray bytes;
  QBuffer buffer(&bytes);
  image.save(&buffer, "PNG");
  return QStringLiteral("data:image/png;base64,") + QString::fromLatin1(bytes.toBase64());
}

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
      bar_(new ColorBar),
      controls_(makeControls()),
      keys_(new QLabel) {
  for (const auto map : colorMaps()) map_->addItem(nameOf(map), static_cast<int>(map));
  scale_->addItems({tr("linear"), tr("log"), tr("symlog")});
  range_->addItems({tr("minimum – maximum"), tr("mean ± 3σ"), tr("percentiles"), tr("typed")});
  lower_->setAccessibleName(tr("Lower end of the colours"));
  upper_->setAccessibleName(tr("Upper end of the colours"));
  keys_->setTextFormat(Qt::RichText);
  keys_->setWordWrap(true);
  keys_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  keys_->setAccessibleName(tr("What the colours mean"));
  keys_->hide();
  auto* all = new QVBoxLayout(this);
  all->addWidget(controls_, 1);
  all->addWidget(keys_, 1);
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

QWidget* ColorPanel::makeControls() {
  figures_->setWordWrap(true);
  auto* form = new QFormLayout;
  form->addRow(tr("Colours"), map_);
  form->addRow(tr("Scale"), scale_);
  form->addRow(tr("Range"), range_);
  form->addRow(tr("Percentiles"), pairOf(lowPercent_, highPercent_));
  form->addRow(tr("From – to"), pairOf(lower_, upper_));
  auto* controls = new QWidget;
  auto* layout = new QVBoxLayout(controls);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(form);
  layout->addWidget(bar_, 1);
  layout->addWidget(figures_);
  return controls;
}

void ColorPanel::setModel(ColorModel* model) {
  if (model_ != nullptr) model_->disconnect(this);
  model_ = model;
  bar_->setModel(model);
  if (model != nullptr) connect(model, &ColorModel::changed, this, &ColorPanel::modelChanged);
  modelChanged();
}

void ColorPanel::setKeys(const std::vector<ColorKey>& keys, const QString& note) {
  QString text;
  for (const auto& key : keys) {
    text += QStringLiteral("<p style='margin:4px'><img src='%1'/>&nbsp; %2</p>")
                .arg(swatch(key.color, palette().color(QPalette::Text)), key.name.toHtmlEscaped());
  }
  if (!note.isEmpty()) text += QStringLiteral("<p style='margin:4px'>%1</p>").arg(note);
  keys_->setText(text);
  keys_->setVisible(!keys.empty());
  controls_->setVisible(keys.empty());
}

QString ColorPanel::keysText() const {
  return controls_->isVisibleTo(this)
             ? QString()
             : QTextDocumentFragment::fromHtml(keys_->text()).toPlainText();
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
  if (!figures || figures->sampled) return figures_->clear();
  QString text = tr("min %1 · max %2 · mean %3 · σ %4");
  for (const double value :
       {figures->minimum, figures->maximum, figures->mean, figures->deviation}) {
    text = text.arg(value, 0, 'g', 4);
  }
  if (figures->nanCount > 0) text += tr(" · %1 NaN").arg(figures->nanCount);
  figures_->setText(text);
}

}  // namespace gyro::desktop

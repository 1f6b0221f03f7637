#include "app/desktop/benchmark/bench_setup.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/session/text.hpp"
#include "core/benchmark/model_shapes.hpp"

namespace gyro::desktop {
namespace {

constexpr int kMostTokens = 1 << 20;
constexpr int kFirstTokens = 2048;

/// Calls `take` with every word of a list with commas or blanks; the first failure ends it.
template <class Take>
Status forWords(const QLineEdit* edit, Take take) {
  static const QRegularExpression separators(QStringLiteral("[,;\\s]+"));
  for (const auto& word : edit->text().split(separators, Qt::SkipEmptyParts)) {
    GYRO_CHECK(take(word.toStdString()));
  }
  return {};
}

QWidget* inARow(QWidget* first, QWidget* second) {
  auto* const row = new QWidget;
  auto* const layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(first);
  layout->addWidget(second);
  layout->addStretch();
  return row;
}

}  // namespace

BenchSetup::BenchSetup(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      device_(new QComboBox),
      shapes_(new QLineEdit(QStringLiteral("4096x4096x8192"))),
      from_model_(new QPushButton(tr("From the model"))),
      tokens_(new QSpinBox),
      vector_sizes_(new QLineEdit(QStringLiteral("128"))),
      sparsities_(new QLineEdit(QStringLiteral("0.75, 0.875"))),
      type_(new QComboBox),
      cold_(new QCheckBox(tr("cold"))),
      warm_(new QCheckBox(tr("warm"))),
      cublas_(new QCheckBox(tr("cuBLAS"))),
      cusparselt_(new QCheckBox(tr("cuSPARSELt"))),
      run_(new QPushButton(tr("Run the benchmark"))),
      note_(new QLabel) {
  build();
  connect(from_model_, &QPushButton::clicked, this, &BenchSetup::takeShapesOfModel);
  connect(run_, &QPushButton::clicked, this, [this] {
    if (running_) {
      emit stopWanted();
    } else {
      emit runWanted();
    }
  });
  for (auto* const edit : {shapes_, vector_sizes_, sparsities_}) {
    connect(edit, &QLineEdit::textChanged, this, &BenchSetup::refresh);
  }
  for (auto* const box : {cold_, warm_, cublas_, cusparselt_}) {
    box->setChecked(true);
    connect(box, &QCheckBox::toggled, this, &BenchSetup::refresh);
  }
  connect(session_, &Session::fileChanged, this, &BenchSetup::refresh);
  refresh();
}

void BenchSetup::build() {
  device_->setAccessibleName(tr("Device"));
  device_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  device_->setMinimumContentsLength(12);
  shapes_->setAccessibleName(tr("Shapes"));
  shapes_->setToolTip(tr("Output channels x input channels x tokens; several with commas"));
  from_model_->setToolTip(tr("The sizes of the open model's layers, each once"));
  tokens_->setRange(1, kMostTokens);
  tokens_->setValue(kFirstTokens);
  tokens_->setAccessibleName(tr("Tokens for the layers of the model"));
  tokens_->setSuffix(tr(" tokens"));
  vector_sizes_->setAccessibleName(tr("Vector sizes"));
  sparsities_->setAccessibleName(tr("Total sparsities"));
  type_->addItems({QStringLiteral("bf16"), QStringLiteral("fp16")});
  type_->setAccessibleName(tr("Type of the values"));
  cold_->setToolTip(tr("The L2 cache is flushed before every sample"));
  warm_->setToolTip(tr("The same product ran just before"));
  note_->setWordWrap(true);
  auto* const form = new QFormLayout;
  form->setContentsMargins(6, 4, 6, 4);
  form->setVerticalSpacing(3);
  form->addRow(tr("Device"), device_);
  form->addRow(tr("m x k x n"), shapes_);
  form->addRow(QString(), inARow(from_model_, tokens_));
  form->addRow(tr("V"), vector_sizes_);
  form->addRow(tr("Sparsity"), sparsities_);
  form->addRow(tr("Type"), type_);
  form->addRow(tr("Cache"), inARow(cold_, warm_));
  form->addRow(tr("Peers"), inARow(cublas_, cusparselt_));
  form->addRow(run_);
  form->addRow(note_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(form);
  layout->addStretch();
}

void BenchSetup::setDevices(const QList<BenchDevice>& devices, const QString& reason) {
  const QString before = device();
  device_->clear();
  for (const auto& device : devices) device_->addItem(device.name, device.id);
  device_->setCurrentIndex(std::max(0, device_->findData(before)));
  no_device_ = devices.isEmpty() ? reason : QString();
  if (devices.isEmpty()) device_->addItem(tr("none"));
  device_->setEnabled(!devices.isEmpty());
  refresh();
}

void BenchSetup::setRunning(bool running) {
  running_ = running;
  refresh();
}

QString BenchSetup::device() const {
  return device_->currentData().toString();
}

QString BenchSetup::noteText() const {
  return note_->text();
}

Result<BenchRequest> BenchSetup::request() const {
  BenchRequest out;
  out.vector_sizes.clear();
  out.modes.clear();
  GYRO_CHECK(forWords(shapes_, [&](const std::string& word) -> Status {
    GYRO_TRY(auto shape, parse_product_shape(word));
    out.shapes.push_back(std::move(shape));
    return {};
  }));
  GYRO_CHECK(forWords(vector_sizes_, [&](const std::string& word) -> Status {
    bool number = false;
    out.vector_sizes.push_back(toText(word).toInt(&number));
    if (number) return {};
    return fail(ErrorCode::InvalidArgument, "'" + word + "' is not a vector size");
  }));
  GYRO_CHECK(forWords(sparsities_, [&](const std::string& word) -> Status {
    GYRO_TRY(const auto sparsity, parse_fraction(word));
    out.sparsities.push_back(sparsity);
    return {};
  }));
  GYRO_TRY(out.type, parse_value_type(type_->currentText().toStdString()));
  if (cold_->isChecked()) out.modes.push_back(CacheState::Cold);
  if (warm_->isChecked()) out.modes.push_back(CacheState::Warm);
  out.peers = {cublas_->isChecked(), cusparselt_->isChecked()};
  return out;
}

Result<std::vector<BenchCell>> BenchSetup::cells() const {
  GYRO_TRY(const auto wanted, request());
  return cells_of(wanted);
}

void BenchSetup::takeShapesOfModel() {
  const auto file = session_->file();
  if (!file) return;
  const auto wanted = request();
  const int vector_size =
      wanted && !wanted->vector_sizes.empty()
          ? *std::max_element(wanted->vector_sizes.begin(), wanted->vector_sizes.end())
          : 1;
  const auto found = model_shapes(*file->file, tokens_->value(), std::max(1, vector_size));
  QStringList texts;
  for (const auto& shape : found.shapes) texts << toText(shape.text());
  if (texts.isEmpty()) {
    note_->setText(tr("No layer of the model has tiles of %1 rows.").arg(vector_size));
    return;
  }
  shapes_->setText(texts.join(QStringLiteral(", ")));
}

void BenchSetup::refresh() {
  const auto wanted = cells();
  from_model_->setEnabled(session_->file() != nullptr);
  run_->setText(running_ ? tr("Stop") : tr("Run the benchmark"));
  run_->setEnabled(running_ || (no_device_.isEmpty() && wanted));
  if (!wanted) {
    note_->setText(toText(wanted.error().text()));
  } else if (!no_device_.isEmpty()) {
    note_->setText(no_device_);
  } else {
    note_->setText(tr("Products to time: %1").arg(wanted->size()));
  }
}

}  // namespace gyro::desktop

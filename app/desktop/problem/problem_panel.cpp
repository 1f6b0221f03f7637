#include "app/desktop/problem/problem_panel.hpp"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <algorithm>
#include <cstdlib>

#include "app/desktop/problem/companion_field.hpp"
#include "app/desktop/problem/field_note.hpp"
#include "app/desktop/session/text.hpp"
#include "core/sparsity/saliency.hpp"

namespace gyro::desktop {
namespace {

/// Offered while no layer says which sizes divide its rows.
constexpr int kFieldLength = 8;  // characters
constexpr double kMostExponent = 2;
const std::vector<int> kUsualSizes = {4, 8, 16, 32, 64, 128};

void nameField(QWidget* field, const QString& name, const QString& tooltip) {
  field->setObjectName(name);
  field->setAccessibleName(name);
  field->setToolTip(tooltip);
}

int nearest(const std::vector<int>& sizes, int wanted) {
  return *std::min_element(sizes.begin(), sizes.end(), [wanted](int a, int b) {
    return std::abs(a - wanted) < std::abs(b - wanted);
  });
}

}  // namespace

ProblemPanel::ProblemPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      vector_size_(new QComboBox),
      pattern_(new QComboBox),
      sparsity_(new QLineEdit),
      vector_sparsity_(new QLineEdit),
      saliency_(new QComboBox),
      ria_exponent_(new QDoubleSpinBox),
      calibration_(new CompanionField(tr("Calibration"))),
      scores_(new CompanionField(tr("Scores"))),
      nonfinite_(new QComboBox),
      vector_size_note_(new FieldNote),
      pattern_note_(new FieldNote),
      sparsity_note_(new FieldNote),
      saliency_note_(new FieldNote),
      calibration_note_(new FieldNote),
      scores_note_(new FieldNote),
      nonfinite_note_(new FieldNote),
      form_(new QFormLayout(this)),
      summary_(new QLabel) {
  buildForm();
  connectFields();
  connect(session, &Session::settingsChanged, this, &ProblemPanel::refresh);
  connect(session, &Session::layerChanged, this, &ProblemPanel::refresh);
  connect(session, &Session::problemChanged, this, &ProblemPanel::refreshNotes);
  refresh();
}

// A field with the keyboard ends its editing when it is destroyed, which is after its panel.
ProblemPanel::~ProblemPanel() {
  for (auto* field : findChildren<QWidget*>()) field->disconnect(this);
}

void ProblemPanel::buildForm() {
  vector_size_->setEditable(true);
  pattern_->setEditable(true);
  pattern_->addItems({"2:4", "1:2", "1:4", "2:8", "4:8"});
  for (const auto& kind : saliency_kinds()) {
    saliency_->addItem(QStringLiteral("%1  (%2)").arg(toText(kind.name), toText(kind.formula)),
                       static_cast<int>(kind.kind));
    saliency_->setItemData(saliency_->count() - 1, toText(kind.doc), Qt::ToolTipRole);
  }
  nonfinite_->addItem(tr("refuse"), static_cast<int>(NonFinite::Refuse));
  nonfinite_->addItem(tr("read as zero"), static_cast<int>(NonFinite::Zero));

  for (auto* box : {vector_size_, pattern_, saliency_, nonfinite_}) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(kFieldLength);
  }
  for (auto* edit : {sparsity_, vector_sparsity_}) edit->setMinimumWidth(1);
  nameField(vector_size_, tr("Vector size V"),
            tr("Rows of a tile. Each tile chooses its own column vectors of V weights."));
  nameField(pattern_, tr("N:M"), tr("Of every M kept vectors in a row, N weights stay."));
  nameField(sparsity_, tr("Total sparsity"),
            tr("Fraction of weights that are pruned by both levels: 0.75, 75% or 3/4."));
  nameField(vector_sparsity_, tr("Vector sparsity"),
            tr("Fraction of column vectors that each tile drops; follows from the total."));
  nameField(saliency_, tr("Saliency"), tr("What a weight is worth."));
  nameField(nonfinite_, tr("NaN and infinity"),
            tr("What to do with weights that are no finite numbers."));
  summary_->setWordWrap(true);
  summary_->setForegroundRole(QPalette::PlaceholderText);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);

  nameField(ria_exponent_, tr("RIA exponent"), tr("The power a of the inputs' norms, 0 to 2."));
  ria_exponent_->setRange(0, kMostExponent);
  ria_exponent_->setSingleStep(0.05);
  ria_exponent_->setKeyboardTracking(false);

  auto* const form = form_;
  form->setContentsMargins(8, 8, 8, 4);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->setVerticalSpacing(6);
  form->addRow(tr("&Vector size V"), vector_size_);
  form->addRow(vector_size_note_);
  form->addRow(tr("&N:M"), pattern_);
  form->addRow(pattern_note_);
  form->addRow(tr("&Total sparsity"), sparsity_);
  form->addRow(tr("V&ector sparsity"), vector_sparsity_);
  form->addRow(sparsity_note_);
  form->addRow(tr("&Saliency"), saliency_);
  form->addRow(saliency_note_);
  form->addRow(tr("RIA e&xponent"), ria_exponent_);
  form->addRow(tr("&Calibration"), calibration_);
  form->addRow(calibration_note_);
  form->addRow(tr("S&cores"), scores_);
  form->addRow(scores_note_);
  form->addRow(tr("NaN, &infinity"), nonfinite_);
  form->addRow(nonfinite_note_);
  form->addRow(summary_);
}

void ProblemPanel::connectFields() {
  connect(vector_size_, &QComboBox::textActivated, this, &ProblemPanel::setVectorSize);
  connect(vector_size_->lineEdit(), &QLineEdit::editingFinished, this,
          [this] { setVectorSize(vector_size_->currentText()); });
  connect(pattern_, &QComboBox::textActivated, this, &ProblemPanel::setPattern);
  connect(pattern_->lineEdit(), &QLineEdit::editingFinished, this,
          [this] { setPattern(pattern_->currentText()); });
  connect(sparsity_, &QLineEdit::editingFinished, this, [this] { setSparsity(sparsity_->text()); });
  connect(vector_sparsity_, &QLineEdit::editingFinished, this,
          [this] { setVectorSparsity(vector_sparsity_->text()); });
  connect(saliency_, &QComboBox::activated, this, [this](int row) {
    const auto kind = static_cast<SaliencyKind>(saliency_->itemData(row).toInt());
    edit([kind](ProblemSettings& s) { s.saliency.kind = kind; });
  });
  connect(ria_exponent_, &QDoubleSpinBox::valueChanged, this, [this](double exponent) {
    edit([exponent](ProblemSettings& s) { s.saliency.ria_exponent = exponent; });
  });
  connect(calibration_, &CompanionField::edited, this, [this](const CompanionSource& source) {
    edit([&source](ProblemSettings& s) { s.saliency.calibration = source; });
  });
  connect(scores_, &CompanionField::edited, this, [this](const CompanionSource& source) {
    edit([&source](ProblemSettings& s) { s.saliency.scores = source; });
  });
  connect(nonfinite_, &QComboBox::activated, this, [this](int row) {
    session_->setNonFinite(static_cast<NonFinite>(nonfinite_->itemData(row).toInt()));
  });
}

template <class Change>
void ProblemPanel::edit(Change change) {
  ProblemSettings settings = session_->settings();
  change(settings);
  session_->setSettings(settings);
}

std::optional<MatrixShape> ProblemPanel::extents() const {
  if (!session_->file() || session_->layerName().isEmpty()) return std::nullopt;
  const auto info = session_->file()->file->find(session_->layerName().toStdString());
  if (!info) return std::nullopt;
  auto shape = matrix_shape(*info);
  return shape ? std::optional(*std::move(shape)) : std::nullopt;
}

void ProblemPanel::setVectorSize(const QString& text) {
  bool number = false;
  const int size = text.trimmed().toInt(&number);
  if (!number || size < 2) {
    vector_size_note_->show({ErrorCode::InvalidArgument,
                             tr("'%1' is not a vector size").arg(text).toStdString(),
                             {},
                             tr("Type a whole number from 2 on.").toStdString()});
    return;
  }
  vector_size_note_->clear();
  edit([size](ProblemSettings& s) { s.vector_size = size; });
  refreshNotes();
}

void ProblemPanel::setPattern(const QString& text) {
  const auto nm = parse_nm(text.trimmed().toStdString());
  if (!nm) return pattern_note_->show(nm.error());
  pattern_note_->clear();
  edit([&](ProblemSettings& s) { s.nm = *nm; });
}

void ProblemPanel::setSparsity(const QString& text) {
  const auto sparsity = parse_fraction(text.trimmed().toStdString());
  if (!sparsity) return sparsity_note_->show(sparsity.error());
  edit([&](ProblemSettings& s) { s.sparsity = *sparsity; });
  refresh();
}

void ProblemPanel::setVectorSparsity(const QString& text) {
  const auto vector = parse_fraction(text.trimmed().toStdString());
  if (!vector) return sparsity_note_->show(vector.error());
  if (vector->numerator >= vector->denominator) {
    return sparsity_note_->show({ErrorCode::InvalidArgument,
                                 tr("a vector sparsity of 1 keeps nothing").toStdString(),
                                 {},
                                 tr("Type a fraction below 1.").toStdString()});
  }
  edit([&](ProblemSettings& s) { s.sparsity = total_from_vector_sparsity(*vector, s.nm); });
  refresh();
}

void ProblemPanel::refresh() {
  const ProblemSettings& settings = session_->settings();
  refreshSizes();
  const QSignalBlocker pattern(pattern_);
  pattern_->setEditText(toText(settings.nm.text()));
  sparsity_->setText(toText(settings.sparsity.text()));
  const Fraction s = settings.sparsity;
  const bool reachable =
      s.numerator < s.denominator &&
      s.numerator * settings.nm.m >= s.denominator * (settings.nm.m - settings.nm.n);
  vector_sparsity_->setText(reachable ? toText(vector_from_total_sparsity(s, settings.nm).text())
                                      : QString());
  saliency_->setCurrentIndex(saliency_->findData(static_cast<int>(settings.saliency.kind)));
  nonfinite_->setCurrentIndex(nonfinite_->findData(static_cast<int>(session_->nonFinite())));
  refreshData();
  refreshNotes();
}

void ProblemPanel::refreshData() {
  const SaliencySettings& saliency = session_->settings().saliency;
  const SaliencyInfo& info = info_of(saliency.kind);
  const QSignalBlocker exponent(ria_exponent_);
  ria_exponent_->setValue(saliency.ria_exponent);
  calibration_->setSource(saliency.calibration);
  scores_->setSource(saliency.scores);
  const bool diagonal = info.needs == SaliencyNeeds::Diagonal;
  const std::string layer = session_->layerName().toStdString();
  const QString beside = toText(companion_name(layer, diagonal ? info.companion : "input"));
  const auto file = session_->file();
  const std::string wanted = beside.toStdString();
  const bool there = file && std::ranges::any_of(file->file->tensors(), [&](const auto& tensor) {
                       return tensor.name == wanted;
                     });
  calibration_->setPlaceholders(layer.empty() ? tr("beside the weight")
                                : there       ? tr("%1 of the same file").arg(beside)
                                              : tr("none: the file has no %1").arg(beside),
                                there ? beside : QString());
  scores_->setPlaceholders(tr("choose a file"), toText(companion_name(layer, "scores")));
  calibration_->setToolTip(
      diagonal ? tr("The stored diagonal: [1 × columns] or [rows × columns].")
               : tr("Inputs of the layer [tokens × columns], or their Gram matrix. They bring the "
                    "output error, and the saliencies that look at the inputs."));
  form_->setRowVisible(ria_exponent_, saliency.kind == SaliencyKind::Ria);
  form_->setRowVisible(scores_, info.needs == SaliencyNeeds::Scores);
}

void ProblemPanel::refreshSizes() {
  const QSignalBlocker blocker(vector_size_);
  const auto shape = extents();
  const std::vector<int> sizes = shape ? vector_sizes_for(shape->rows) : kUsualSizes;
  vector_size_->clear();
  for (const int size : sizes) vector_size_->addItem(QString::number(size));
  vector_size_->setEditText(QString::number(session_->settings().vector_size));
}

void ProblemPanel::refreshNotes() {
  for (auto* note : {vector_size_note_, pattern_note_, sparsity_note_, saliency_note_,
                     calibration_note_, scores_note_, nonfinite_note_}) {
    note->clear();
  }
  summary_->clear();
  const auto& problem_error = session_->problemError();
  if (problem_error && problem_error->code == ErrorCode::NonFinite) {
    nonfinite_note_->show(*problem_error, tr("Read as zero"),
                          [this] { session_->setNonFinite(NonFinite::Zero); });
  }
  const auto shape = extents();
  if (!shape) {
    summary_->setText(tr("Choose a layer to see what these settings keep of it."));
    return;
  }
  const ProblemSettings& s = session_->settings();
  const auto hinm = make_shape(shape->rows, shape->cols, s.vector_size, s.nm, s.sparsity);
  if (!hinm) return noteShape(hinm.error(), shape->rows);
  if (problem_error && problem_error->code != ErrorCode::NonFinite) {
    noteData(*problem_error);
  }
  const qint64 zeroed = session_->layer() ? session_->layer()->nonfinite : 0;
  summary_->setText(
      tr("%1 × %2 weights in %3 tiles; each keeps %4 of %2 vectors in %5 groups. "
         "Sparsity reached: %6.%7")
          .arg(hinm->rows)
          .arg(hinm->cols)
          .arg(hinm->tiles())
          .arg(hinm->kept)
          .arg(hinm->groups())
          .arg(toText(hinm->sparsity().text()),
               zeroed > 0 ? tr(" %1 weights were NaN or infinite and are read as zero.").arg(zeroed)
                          : QString()));
}

void ProblemPanel::noteData(Error error) {
  const SaliencySettings& saliency = session_->settings().saliency;
  const SaliencyNeeds needs = info_of(saliency.kind).needs;
  if (error.advice.find("--") != std::string::npos) {
    error.advice = tr("Choose the file in the field above.").toStdString();
  }
  const std::string& file = saliency.calibration.file;
  const bool named = !file.empty() && error.where.find(file) != std::string::npos;
  FieldNote* note = saliency_note_;
  if (session_->layer() && needs == SaliencyNeeds::Scores && !named) {
    note = scores_note_;
  } else if (session_->layer() && (needs != SaliencyNeeds::Nothing || !file.empty())) {
    note = calibration_note_;
  }
  note->show(error);
}

void ProblemPanel::noteShape(const Error& error, int rows) {
  const ProblemSettings& s = session_->settings();
  const std::vector<int> sizes = vector_sizes_for(rows);
  if (std::find(sizes.begin(), sizes.end(), s.vector_size) == sizes.end()) {
    if (sizes.empty()) return vector_size_note_->show(error);
    const int size = nearest(sizes, s.vector_size);
    return vector_size_note_->show(error, tr("Use V = %1").arg(size), [this, size] {
      edit([size](ProblemSettings& settings) { settings.vector_size = size; });
    });
  }
  const Fraction least = make_fraction(s.nm.m - s.nm.n, s.nm.m);
  if (s.sparsity.value() < least.value()) {
    return sparsity_note_->show(error, tr("Use %1").arg(toText(least.text())), [this, least] {
      edit([least](ProblemSettings& settings) { settings.sparsity = least; });
    });
  }
  (s.sparsity.value() >= 1 ? sparsity_note_ : pattern_note_)->show(error);
}

}  // namespace gyro::desktop

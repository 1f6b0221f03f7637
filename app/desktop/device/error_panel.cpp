#include "app/desktop/device/error_panel.hpp"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/empty_page.hpp"
#include "app/desktop/shell/widgets.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

constexpr int kNumberWidth = 110;
constexpr int kNameWidth = 240;

}  // namespace

ErrorPanel::ErrorPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      errors_(session->pruningErrors()),
      model_(new ErrorModel(this)),
      table_(new QuietTable),
      sentence_(new QLabel),
      copy_(quietButton("edit-copy", tr("Copy CSV"), tr("Copy the whole table as CSV"))),
      empty_(new EmptyPage({}, tr("Compute the error"))) {
  table_->setModel(model_);
  table_->setAccessibleName(tr("Pruning error"));
  table_->horizontalHeader()->setStretchLastSection(false);
  table_->setColumnWidth(ErrorModel::Structure, kNameWidth);
  table_->setColumnWidth(ErrorModel::WeightError, kNumberWidth);
  table_->setColumnWidth(ErrorModel::OutputError, kNumberWidth);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  sentence_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* const head = new QHBoxLayout;
  head->setContentsMargins(6, 2, 6, 2);
  head->addWidget(sentence_, 1);
  head->addWidget(copy_);
  pages_ = emptyOrContent(this, empty_, head, table_);

  connect(empty_, &EmptyPage::wanted, errors_, &PruningErrors::compute);
  connect(copy_, &QToolButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(model_->csv()); });
  connect(errors_, &PruningErrors::changed, this, &ErrorPanel::refresh);
  for (auto signal : {&Session::currentRunChanged, &Session::identityChanged,
                      &Session::problemChanged, &Session::layerChanged}) {
    connect(session_, signal, this, &ErrorPanel::refresh);
  }
  connect(session_->devices(), &Devices::changed, this, &ErrorPanel::refresh);
  refresh();
}

QString ErrorPanel::sentence() const {
  return sentence_->text();
}

QString ErrorPanel::sentenceOn(const QString& run, const PruningError& error) const {
  QString text = tr("%1: weight error %2").arg(run, fractionText(error.errors.weight.layer()));
  text += error.has_output()
              ? tr(" · output error %1").arg(fractionText(error.errors.output.layer()))
              : tr(" · no calibration inputs, so no output error");
  text += tr(" · computed on %1 in %2 s")
              .arg(toText(error.device), QString::number(error.seconds, 'f', 2));
  if (!error.device_note.empty()) text += QStringLiteral(" · ") + toText(error.device_note);
  return text;
}

void ErrorPanel::refresh() {
  const RunPtr run = session_->currentRun();
  const RunResult* const result = run ? &run->result : session_->identity().get();
  const QString name = run ? run->name : tr("No permutation");
  const auto error = result != nullptr ? errors_->of(*result) : nullptr;
  pages_->setCurrentIndex(error ? 1 : 0);
  if (error) {
    model_->set(name, *error);
    sentence_->setText(sentenceOn(name, *error));
    return;
  }
  model_->clear();
  sentence_->clear();
  empty_->button()->setEnabled(result != nullptr && !errors_->busy());
  if (result == nullptr) {
    empty_->setText(tr("Choose a layer to see what pruning it costs."));
  } else if (errors_->busy()) {
    empty_->setText(tr("Computing…"));
  } else {
    empty_->setText(tr("What pruning by “%1” costs, per layer and output row, beside other "
                       "structures. On: %2.")
                        .arg(name, session_->devices()->chosenName()));
  }
}

}  // namespace gyro::desktop

#include "app/desktop/device/worker_dialog.hpp"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr int kWidth = 460;

}  // namespace

WorkerDialog::WorkerDialog(Devices* devices, QWidget* parent)
    : QDialog(parent),
      devices_(devices),
      command_(new QLineEdit(devices->command())),
      try_(new QPushButton(tr("&Try it"))),
      answer_(new QLabel) {
  setWindowTitle(tr("Worker on another machine"));
  auto* const text = new QLabel(
      tr("A command that starts <tt>gyro-worker</tt>, of this version of Gyroscope, on the machine "
         "that is to compute. It must start without asking for anything. Weights are not sent: the "
         "worker opens the checkpoint under the same path."));
  text->setWordWrap(true);
  command_->setPlaceholderText(QStringLiteral("ssh host gyro-worker"));
  command_->setAccessibleName(tr("Command"));
  answer_->setWordWrap(true);
  answer_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  answer_->setMinimumHeight(3 * fontMetrics().lineSpacing());
  answer_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  auto* const line = new QHBoxLayout;
  line->addWidget(command_, 1);
  line->addWidget(try_);
  auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(text);
  layout->addLayout(line);
  layout->addWidget(answer_, 1);
  layout->addWidget(buttons);
  setMinimumWidth(kWidth);

  connect(try_, &QPushButton::clicked, this, [this] {
    devices_->setCommand(command_->text());
    devices_->refresh();
  });
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    devices_->setCommand(command_->text());
    accept();
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(devices_, &Devices::changed, this, &WorkerDialog::refresh);
  connect(command_, &QLineEdit::textChanged, this, &WorkerDialog::refresh);
  refresh();
}

QString WorkerDialog::answer() const {
  return answer_->text();
}

void WorkerDialog::refresh() {
  const bool tried = command_->text().trimmed() == devices_->command();
  const auto& place = devices_->elsewhere();
  try_->setEnabled(!command_->text().trimmed().isEmpty() && !(tried && place.asking));
  QStringList names;
  for (const auto& device : place.devices) {
    names.append(toText(device.name.empty() ? device.id : device.name));
  }
  if (!tried || (names.isEmpty() && !place.asking && !place.error)) {
    answer_->clear();
  } else if (place.asking) {
    answer_->setText(tr("Waiting for its answer…"));
  } else if (place.error) {
    answer_->setText(toText(place.error->text()));
  } else {
    answer_->setText(tr("It answers, and has: %1.").arg(names.join(QStringLiteral(", "))));
  }
}

}  // namespace gyro::desktop

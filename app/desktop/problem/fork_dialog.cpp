#include "app/desktop/problem/fork_dialog.hpp"

#include <QLabel>
#include <QVBoxLayout>
#include <utility>

#include "app/desktop/problem/strategy_panel.hpp"

namespace gyro::desktop {

ForkDialog::ForkDialog(Session* session, const RunPtr& run, std::size_t position,
                       std::shared_ptr<const SearchStart> start, QWidget* parent)
    : QDialog(parent), form_(new StrategyPanel(session)) {
  setWindowTitle(tr("Go on from step %1").arg(position));
  auto* const about = new QLabel(
      tr("A second search begins with the state after step %1 of “%2”, in the phase that "
         "it was in. The run itself stays as it is.")
          .arg(position)
          .arg(run->name));
  about->setWordWrap(true);
  about->setContentsMargins(8, 8, 8, 0);
  form_->setRequest(run->result.request);
  form_->setStart(std::move(start), tr("from step %1").arg(position));
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(about);
  layout->addWidget(form_, 1);
  setMinimumWidth(360);
  connect(form_, &StrategyPanel::started, this, &QDialog::accept);
  // The state belongs to the problem that it was found on.
  connect(session, &Session::problemChanged, this, &QDialog::reject);
}

}  // namespace gyro::desktop

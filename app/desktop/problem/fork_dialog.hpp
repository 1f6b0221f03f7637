#pragma once

#include <QDialog>
#include <memory>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

class StrategyPanel;

/// A second search from the state at one step of a run: the run's own form, to change what one
/// likes. Closes once the search begins.
class ForkDialog : public QDialog {
  Q_OBJECT
 public:
  ForkDialog(Session* session, const RunPtr& run, std::size_t position,
             std::shared_ptr<const SearchStart> start, QWidget* parent = nullptr);

  [[nodiscard]] StrategyPanel* form() const { return form_; }

 private:
  StrategyPanel* form_;
};

}  // namespace gyro::desktop

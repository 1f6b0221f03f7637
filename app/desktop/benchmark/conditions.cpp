#include "app/desktop/benchmark/conditions.hpp"

#include <QCoreApplication>
#include <optional>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

QString translated(const char* text) {
  return QCoreApplication::translate("gyro", text);
}

QString number(const std::optional<double>& value, const char* unit) {
  return value ? QStringLiteral("%1 %2").arg(*value, 0, 'f', 0).arg(QString::fromUtf8(unit))
               : QStringLiteral("–");
}

QString row(const QString& name, const QStringList& cells) {
  QString out = QStringLiteral("<tr><td><b>%1</b>&nbsp;&nbsp;</td>").arg(name.toHtmlEscaped());
  for (const auto& cell : cells) {
    out += QStringLiteral("<td>%1&nbsp;&nbsp;</td>").arg(cell.toHtmlEscaped());
  }
  return out + QStringLiteral("</tr>");
}

QString orNone(const std::string& text, const char* none) {
  return text.empty() ? translated(none) : toText(text);
}

}  // namespace

QString conditionsText(const BenchReport& report) {
  const BenchEnvironment& e = report.environment;
  const char* const missing = QT_TRANSLATE_NOOP("gyro", "not found");
  QString out = QStringLiteral("<table>");
  out += row(translated(QT_TRANSLATE_NOOP("gyro", "Card")), {toText(e.card)});
  out += row(translated(QT_TRANSLATE_NOOP("gyro", "Measured")),
             {toText(report.time), QStringLiteral("gyro ") + toText(report.version)});
  out += row(translated(QT_TRANSLATE_NOOP("gyro", "Driver")), {toText(e.driver)});
  out += row(QStringLiteral("CUDA"), {toText(e.cuda)});
  out += row(QStringLiteral("cuBLAS"), {orNone(e.cublas, missing)});
  out += row(QStringLiteral("cuSPARSELt"), {orNone(e.cusparselt, missing)});
  out += row(translated(QT_TRANSLATE_NOOP("gyro", "Highest clock")),
             {number(e.sm_clock_max_mhz, "MHz")});
  const auto state = [&](const char* name, const CardState& s) {
    out += row(translated(name),
               {number(s.sm_clock_mhz, "MHz"), number(s.memory_clock_mhz, "MHz"),
                number(s.power_w, "W"), number(s.temperature_c, "°C"),
                s.throttle.empty() ? translated(QT_TRANSLATE_NOOP("gyro", "not throttled"))
                                   : toText(s.throttle)});
  };
  state(QT_TRANSLATE_NOOP("gyro", "Before"), e.before);
  state(QT_TRANSLATE_NOOP("gyro", "After"), e.after);
  for (const auto& ceiling : report.ceilings) {
    out += row(toText(ceiling.name),
               {QStringLiteral("%1 %2").arg(ceiling.value, 0, 'f', 2).arg(toText(ceiling.unit))});
  }
  return out + QStringLiteral("</table>");
}

}  // namespace gyro::desktop

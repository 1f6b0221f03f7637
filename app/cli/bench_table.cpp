#include "app/cli/bench_table.hpp"

#include <fmt/format.h>

#include "app/cli/console.hpp"

namespace gyro::cli {
namespace {

std::string time_text(const Timing& timing) {
  return timing.timed() ? fmt::format("{:.1f}", timing.median_us) : "–";
}

std::string spread_text(const Timing& timing) {
  return timing.timed() ? fmt::format("{:.1f}–{:.1f}", timing.p5_us, timing.p95_us) : "–";
}

std::string ratio_text(const BenchResult& result) {
  const auto ratio = result.speedup_cublas();
  return ratio ? fmt::format("{:.2f}", *ratio) : "–";
}

std::string limit_text(const BenchResult& result) {
  if (!result.share_of_ceiling || result.ceiling_name.empty()) return "–";
  return fmt::format("{:.0f} % {}", 100 * *result.share_of_ceiling, result.ceiling_name);
}

std::string number_text(const std::optional<double>& value, const char* unit) {
  return value ? fmt::format("{:.0f} {}", *value, unit) : fmt::format("? {}", unit);
}

std::string state_text(const char* when, const CardState& state) {
  return fmt::format("{}: {}, {}, {}{}{}", when, number_text(state.sm_clock_mhz, "MHz"),
                     number_text(state.power_w, "W"), number_text(state.temperature_c, "°C"),
                     state.throttle.empty() ? "" : ", throttled by ", state.throttle);
}

std::string ceilings_text(const std::vector<Ceiling>& ceilings) {
  std::string out;
  for (const auto& ceiling : ceilings) {
    out += fmt::format("{}{} {:.2f} {}", out.empty() ? "ceilings: " : ", ", ceiling.name,
                       ceiling.value, ceiling.unit);
  }
  return out;
}

std::string conditions_text(const BenchReport& report) {
  const BenchEnvironment& e = report.environment;
  const std::string lines[] = {
      fmt::format("{}, driver {}, CUDA {}, cuBLAS {}, cuSPARSELt {}; {}, gyro {}", e.card, e.driver,
                  e.cuda, e.cublas.empty() ? "not found" : e.cublas,
                  e.cusparselt.empty() ? "not found" : e.cusparselt, report.time, report.version),
      state_text("before", e.before), state_text("after", e.after), ceilings_text(report.ceilings)};
  std::string out;
  for (const auto& line : lines) {
    if (!line.empty()) out += printable(line) + "\n";
  }
  return out;
}

void add_note(std::string& out, const BenchResult& result, const char* what, const Timing& timing) {
  if (timing.note.empty()) return;
  out += fmt::format("{}x{}x{} V = {}, {:.4g}, {}: {} was not timed: {}\n", result.m, result.k,
                     result.n, result.vector_size, result.sparsity, name_of(result.mode), what,
                     printable(timing.note));
}

std::string notes_text(const BenchReport& report) {
  std::string out;
  for (const auto& result : report.results) {
    add_note(out, result, "HiNM", result.hinm);
    add_note(out, result, "cuBLAS", result.cublas);
    add_note(out, result, "cuBLAS on the masked weight", result.cublas_masked);
    add_note(out, result, "cuSPARSELt", result.cusparselt);
    if (result.hinm.discarded > 0) {
      out += fmt::format("{}x{}x{}: {} samples at a low clock were thrown away\n", result.m,
                         result.k, result.n, result.hinm.discarded);
    }
  }
  return out;
}

}  // namespace

std::string report_text(const BenchReport& report) {
  using Align = Table::Align;
  Table table({{"m×k×n"},
               {"V", Align::Right},
               {"sparsity", Align::Right},
               {"type"},
               {"mode"},
               {"path"},
               {"HiNM µs", Align::Right},
               {"p5–p95", Align::Right},
               {"samples", Align::Right},
               {"cuBLAS µs", Align::Right},
               {"ratio", Align::Right},
               {"masked µs", Align::Right},
               {"2:4 µs", Align::Right},
               {"error", Align::Right},
               {"of ceiling", Align::Right}});
  for (const auto& r : report.results) {
    table.add({fmt::format("{}×{}×{}", r.m, r.k, r.n), fmt::format("{}", r.vector_size),
               fmt::format("{:.4g}", r.sparsity), std::string(name_of(r.type)),
               std::string(name_of(r.mode)), r.path.empty() ? "–" : printable(r.path),
               time_text(r.hinm), spread_text(r.hinm), fmt::format("{}", r.hinm.samples),
               time_text(r.cublas), ratio_text(r), time_text(r.cublas_masked),
               time_text(r.cusparselt),
               r.relative_error ? fmt::format("{:.1e}", *r.relative_error) : "–", limit_text(r)});
  }
  return conditions_text(report) + table.text() + notes_text(report);
}

}  // namespace gyro::cli

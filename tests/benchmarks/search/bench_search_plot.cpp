// Draws bench_search's CSVs with the window's own plot: one picture a case.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QDir>
#include <map>
#include <memory>

#include "app/desktop/compare/quality_plot.hpp"
#include "tests/benchmarks/search/scores.hpp"

using namespace gyro;
using namespace gyro::benchmark;
using gyro::desktop::QualityPlot;
using gyro::desktop::Run;
using gyro::desktop::RunPtr;

namespace {

constexpr QSize kSize(900, 600);

/// "gyro:window=128" as the plot names it.
RunRequest request_of(const Score& score) {
  RunRequest out;
  std::size_t end = std::min(score.entrant.find(':'), score.entrant.size());
  out.strategy = score.entrant.substr(0, end);
  while (end < score.entrant.size()) {
    const std::size_t first = end + 1;
    end = std::min(score.entrant.find(':', first), score.entrant.size());
    const std::size_t equals = std::min(score.entrant.find('=', first), end);
    out.parameters[score.entrant.substr(first, equals - first)] =
        score.entrant.substr(std::min(equals + 1, end), end - std::min(equals + 1, end));
  }
  out.seed = score.seed;
  if (score.budget > 0) out.budget_seconds = score.budget;
  return out;
}

/// A run that holds what the plot shows of one.
RunPtr run_of(const Score& score, const std::shared_ptr<const Problem>& problem) {
  auto run = std::make_shared<Run>();
  run->name = QString::fromStdString(score.entrant);
  run->result.problem = problem;
  run->result.request = request_of(score);
  // Runs of other parameters are other curves.
  if (auto entrant = parse_entrant(score.entrant)) run->result.parameters = entrant->parameters;
  run->result.search.seconds = score.seconds;
  run->result.search.retained_saliency = score.retained;
  Metrics metrics;
  metrics.layer.total = 1;
  metrics.layer.retained = score.retained;
  run->result.metrics = std::make_shared<const Metrics>(std::move(metrics));
  return run;
}

bool draw(const std::string& name, const QList<RunPtr>& runs, const QDir& folder) {
  QualityPlot plot;
  plot.resize(kSize);
  plot.setRuns(runs);
  QString file = QString::fromStdString(name) + ".png";
  file.replace(':', '-');
  return plot.savePng(folder.filePath(file), kSize.width(), kSize.height(), 2);
}

}  // namespace

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication application(argc, argv);
  CLI::App app("Draws quality against time from bench_search's CSVs");
  std::vector<std::string> files;
  std::string folder = ".";
  app.add_option("files", files, "CSVs")->required();
  app.add_option("-o,--output", folder, "folder of the pictures");
  CLI11_PARSE(app, argc, argv);

  std::map<std::string, QList<RunPtr>> runs;
  const auto problem = std::make_shared<const Problem>();
  for (const auto& path : files) {
    const auto scores = read_scores(path);
    if (!scores) {
      fmt::print(stderr, "{}\n", scores.error().text());
      return 1;
    }
    for (const auto& score : *scores) {
      if (score.runs > 0) runs[score.case_name].append(run_of(score, problem));
    }
  }
  QDir().mkpath(QString::fromStdString(folder));
  for (const auto& [name, list] : runs) {
    if (draw(name, list, QDir(QString::fromStdString(folder)))) continue;
    fmt::print(stderr, "{} cannot be drawn into {}\n", name, folder);
    return 1;
  }
  fmt::print("{} pictures in {}\n", runs.size(), folder);
  return 0;
}

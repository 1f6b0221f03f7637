#include <CLI/CLI.hpp>
#include <QApplication>
#include <QIcon>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/appearance.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "app/desktop/shell/tour.hpp"
#include "core/model/version.hpp"

namespace {

using namespace gyro::desktop;

struct Arguments {
  std::string file;
  std::string layer;
  std::string tour;
  bool sample = false;
};

int runTour(MainWindow& window, const Arguments& arguments) {
  const auto say = [](const QString& line) {
    std::fprintf(stdout, "%s\n", line.toUtf8().constData());
    std::fflush(stdout);
  };
  Tour tour(window,
            {QString::fromStdString(arguments.file), QString::fromStdString(arguments.layer),
             QString::fromStdString(arguments.tour)},
            say);
  const auto status = tour.run();
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().text().c_str());
  return 1;
}

/// Shows the layer as soon as the file is open.
void selectLater(MainWindow& window, const QString& layer) {
  if (layer.isEmpty()) return;
  auto* const session = window.session();
  QObject::connect(
      session, &Session::fileChanged, &window, [session, layer] { session->selectLayer(layer); },
      static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::SingleShotConnection));
}

void addOptions(CLI::App& cli, Arguments& arguments) {
  auto* const file = cli.add_option("file", arguments.file,
                                    "A checkpoint, a folder with one, or a permutation file");
  cli.add_flag("--sample", arguments.sample, "Open the built-in sample model")->excludes(file);
  cli.add_option("--layer", arguments.layer, "The layer to show, by its full name");
  cli.add_option("--tour", arguments.tour,
                 "Go through the whole path, write pictures and the export into this folder, end");
  cli.set_version_flag("--version", gyro::kVersion);
}

/// The program's exit code, if the command line ends it.
std::optional<int> parse(CLI::App& cli, int argc, char** argv) {
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

/// Whether QApplication would find no display, and end the program.
bool lacksDisplay(int argc, char** argv) {
  const bool chosen = std::any_of(argv + 1, argv + argc, [](std::string_view argument) {
    return argument == "-platform" || argument == "--platform";
  });
  const auto empty = [](const char* name) { return qEnvironmentVariableIsEmpty(name); };
  return !chosen && empty("QT_QPA_PLATFORM") && empty("DISPLAY") && empty("WAYLAND_DISPLAY");
}

/// A tour goes on without a display; false, and says so, for what cannot.
bool goesOnOffscreen(const Arguments& arguments) {
  if (arguments.tour.empty()) {
    std::fputs(
        "gyroscope: there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Write "
        "pictures of the window with --tour FOLDER, or use gyro on the command line.\n",
        stderr);
    return false;
  }
  qputenv("QT_QPA_PLATFORM", "offscreen");
  return true;
}

/// Qt ends the program with an abort where a display is named but cannot be opened; this says what
/// to do, after Qt's own reason.
void endWithoutDisplay(QtMsgType type, const QMessageLogContext& /*context*/, const QString& text) {
  std::fprintf(stderr, "gyroscope: %s\n", text.toUtf8().constData());
  if (type != QtFatalMsg) return;
  std::fputs(
      "gyroscope: the window cannot be opened. Check DISPLAY, WAYLAND_DISPLAY and "
      "QT_QPA_PLATFORM, write pictures with QT_QPA_PLATFORM=offscreen and --tour FOLDER, or use "
      "gyro on the command line.\n",
      stderr);
  std::_Exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App cli("See, search and export hierarchical N:M sparsity permutations.", "gyroscope");
  addOptions(cli, arguments);
  // What ends the program at once needs no display; options of Qt, for one, are not ours to judge.
  const bool hidden = lacksDisplay(argc, argv);
  cli.allow_extras(!hidden);
  if (const auto code = parse(cli, argc, argv)) return *code;
  if (hidden && !goesOnOffscreen(arguments)) return 1;
  cli.allow_extras(false);
  auto* const handler = qInstallMessageHandler(endWithoutDisplay);
  QApplication app(argc, argv);
  qInstallMessageHandler(handler);
  QApplication::setApplicationName(QStringLiteral("gyroscope"));
  QApplication::setOrganizationName(QStringLiteral("gyroscope"));
  QApplication::setApplicationDisplayName(QStringLiteral("Gyroscope"));
  QApplication::setApplicationVersion(QLatin1String(gyro::kVersion));
  QApplication::setDesktopFileName(QStringLiteral("gyroscope"));
  QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/gyroscope.svg")));
  if (const auto code = parse(cli, argc, argv)) return *code;

  const bool tour = !arguments.tour.empty();
  applyAppearance(Appearance::System);
  MainWindow window(!tour);
  window.show();
  if (tour) return runTour(window, arguments);
  selectLater(window, QString::fromStdString(arguments.layer));
  if (!arguments.file.empty()) {
    window.session()->openFile(QString::fromStdString(arguments.file));
  } else if (arguments.sample) {
    window.session()->openSample();
  }
  return QApplication::exec();
}

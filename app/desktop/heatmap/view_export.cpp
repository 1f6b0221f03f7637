#include <fmt/format.h>

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPrinter>
#include <QSvgGenerator>
#include <QTextStream>
#include <cmath>

#include "app/desktop/heatmap/overlay.hpp"
#include "app/desktop/heatmap/view.hpp"

namespace gyro::desktop {
namespace {

constexpr std::int64_t kMostValues = 4'000'000;

tl::unexpected<Error> notWritten(const QString& path) {
  return fail(ErrorCode::WriteFailed, "the picture could not be written", path.toStdString(),
              "Choose a folder that exists and that you may write to.");
}

}  // namespace

QImage HeatmapView::picture(double scale) {
  return toPixmap(width(), height(), scale * bufferDevicePixelRatio()).toImage();
}

Status HeatmapView::exportPicture(const QString& path) {
  const QString suffix = QFileInfo(path).suffix().toLower();
  if (!source()) {
    return fail(ErrorCode::InvalidArgument, "there is nothing to export", path.toStdString(),
                "Show a layer first.");
  }
  if (suffix == QStringLiteral("png")) {
    if (!picture().save(path, "PNG")) return notWritten(path);
  } else if (suffix == QStringLiteral("pdf")) {
    if (!savePdf(path, 0, 0, QCP::epAllowCosmetic, QStringLiteral("Gyroscope"), shownTitle_)) {
      return notWritten(path);
    }
  } else if (suffix == QStringLiteral("svg")) {
    QSvgGenerator generator;
    generator.setFileName(path);
    generator.setSize(size());
    generator.setViewBox(QRect(QPoint(), size()));
    generator.setTitle(shownTitle_);
    QCPPainter painter;
    if (!painter.begin(&generator)) return notWritten(path);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    toPainter(&painter, width(), height());
    painter.end();
  } else {
    return fail(ErrorCode::Unsupported,
                fmt::format("pictures are not written as “{}”", suffix.toStdString()),
                path.toStdString(), "Use the ending png, svg or pdf.");
  }
  if (QFileInfo(path).size() == 0) return notWritten(path);
  return {};
}

Result<QString> HeatmapView::visibleValues() const {
  if (!source())
    return fail(ErrorCode::InvalidArgument, "there is nothing to copy", "heatmap",
                "Show a layer first.");
  const QRectF cells = visibleCells();
  const int left = static_cast<int>(std::floor(cells.left()));
  const int top = static_cast<int>(std::floor(cells.top()));
  const int right = std::min(source()->columns(), static_cast<int>(std::ceil(cells.right())));
  const int bottom = std::min(source()->rows(), static_cast<int>(std::ceil(cells.bottom())));
  if (std::int64_t{right - left} * (bottom - top) > kMostValues) {
    return fail(
        ErrorCode::TooLarge,
        fmt::format("{}×{} values are too many for the clipboard", bottom - top, right - left),
        "heatmap", "Zoom in to at most four million cells, or export the matrix.");
  }
  QString text;
  QTextStream out(&text);
  for (int c = left; c < right; ++c) out << '\t' << c;
  out << '\n';
  std::vector<float> values(static_cast<std::size_t>(right - left));
  for (int r = top; r < bottom; ++r) {
    source()->readExactRow(r, left, right, values.data());
    out << r;
    for (const float value : values) {
      out << '\t';
      if (isLostByNmCell(value))
        out << 0;
      else if (!isPrunedCell(value))
        out << QString::number(value, 'g', 9);
    }
    out << '\n';
  }
  out.flush();
  return text;
}

void HeatmapView::copyValue() {
  if (!overlay_->cursor) return;
  const float value = overlay_->cursor->value;
  QGuiApplication::clipboard()->setText(isPrunedCell(value) ? tr("pruned")
                                                            : QString::number(value, 'g', 9));
}

void HeatmapView::copyCell() {
  if (overlay_->cursor) QGuiApplication::clipboard()->setText(readoutText(*overlay_->cursor));
}

void HeatmapView::copyImage() {
  if (source()) QGuiApplication::clipboard()->setImage(picture());
}

void HeatmapView::copyValues() {
  const auto text = visibleValues();
  if (!text) {
    emit failed(QString::fromStdString(text.error().text()));
    return;
  }
  QGuiApplication::clipboard()->setText(*text);
}

}  // namespace gyro::desktop

#include "app/desktop/shell/help_window.hpp"

#include <QFile>
#include <QHBoxLayout>
#include <QListWidget>
#include <QSplitter>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextCursor>
#include <QTextDocument>

namespace gyro::desktop {
namespace {

struct Page {
  const char* name;
  const char* title;
};

constexpr Page kPages[] = {
    {"tour", "Five steps on the sample"}, {"hinm", "What HiNM is"},
    {"views", "How to read the views"},   {"strategies", "Strategies"},
    {"files", "Files in, files out"},     {"shortcuts", "Keys"},
};

/// Qt leaves code in a heading as small as in a sentence.
void enlargeHeadings(QTextDocument& document) {
  for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
    const int level = block.blockFormat().headingLevel();
    if (level == 0) continue;
    QTextCharFormat format;
    format.setProperty(QTextFormat::FontSizeAdjustment, 4 - level);
    format.setFontWeight(QFont::Bold);
    QTextCursor cursor(block);
    cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
    cursor.mergeCharFormat(format);
  }
}

}  // namespace

HelpWindow::HelpWindow(QWidget* parent)
    : QDialog(parent), contents_(new QListWidget), browser_(new QTextBrowser) {
  setWindowTitle(tr("Gyroscope help"));
  resize(900, 640);
  contents_->setFrameShape(QFrame::NoFrame);
  contents_->setAccessibleName(tr("Help pages"));
  browser_->setFrameShape(QFrame::NoFrame);
  browser_->setOpenExternalLinks(true);
  browser_->setAccessibleName(tr("Help text"));
  browser_->document()->setDocumentMargin(24);
  for (const auto& page : kPages) contents_->addItem(tr(page.title));
  auto* const splitter = new QSplitter;
  splitter->addWidget(contents_);
  splitter->addWidget(browser_);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({200, 700});
  auto* const layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(splitter);
  connect(contents_, &QListWidget::currentRowChanged, this, &HelpWindow::showRow);
}

void HelpWindow::setShortcuts(const QString& html) {
  shortcuts_ = html;
}

void HelpWindow::showPage(const QString& name) {
  for (int row = 0; row < contents_->count(); ++row) {
    if (name != QLatin1String(kPages[row].name)) continue;
    if (contents_->currentRow() == row) {
      showRow(row);
    } else {
      contents_->setCurrentRow(row);
    }
  }
  show();
  raise();
}

void HelpWindow::showRow(int row) {
  if (row < 0) return;
  const QString name = QLatin1String(kPages[row].name);
  if (name == QLatin1String("shortcuts")) {
    browser_->setHtml(QStringLiteral("<h1>%1</h1>%2").arg(tr(kPages[row].title), shortcuts_));
    return;
  }
  QFile file(QStringLiteral(":/help/%1.md").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return;
  browser_->setMarkdown(QString::fromUtf8(file.readAll()));
  enlargeHeadings(*browser_->document());
}

}  // namespace gyro::desktop

#pragma once

#include <qcustomplot.h>

#include <functional>
#include <memory>
#include <optional>

#include "app/desktop/heatmap/color_model.hpp"
#include "app/desktop/heatmap/marks.hpp"
#include "app/desktop/heatmap/plottable.hpp"
#include "app/desktop/heatmap/source.hpp"
#include "app/desktop/heatmap/strips.hpp"
#include "app/desktop/heatmap/zoom_history.hpp"
#include "core/base/result.hpp"

namespace gyro::desktop {

class HeatmapOverlay;
class ColorScaleElement;
class PyramidJob;

/// One heatmap pane: title, rulers, picture, strips, colour scale; mouse, wheel and keyboard.
/// Building of the pyramid happens in a job, newest wins; until it is done single cells are shown.
///
/// Mouse: wheel zooms at the cursor (Ctrl: columns only, Alt: rows only), drag pans, Shift-drag or
/// boxZoomAction() zooms to a box, double click fits. Keys: arrows move the cursor cell (Ctrl: by a
/// tile or group), PgUp/PgDn by a page, Home to the first cell, End to the last, + and − zoom, F
/// fits, 1 shows one cell a pixel, L locks the readout, Ctrl+C copies the value, Esc leaves box
/// zoom, then the lock, then the cursor cell, then the zoom.
class HeatmapView : public QCustomPlot {
  Q_OBJECT
 public:
  explicit HeatmapView(QWidget* parent = nullptr);
  ~HeatmapView() override;

  // What is shown.
  /// Null shows the empty text. The region is kept if the new source has the same size, else
  /// fitted.
  void setSource(HeatmapSource::Pointer source);
  void setSource(HeatmapSource::Pointer source, Aggregate aggregate);
  void setAggregate(Aggregate aggregate);
  [[nodiscard]] const HeatmapSource::Pointer& source() const;
  [[nodiscard]] Aggregate aggregate() const;
  /// Whose picture it is ("layer.0.query · gyro"), put before the title.
  void setCaption(const QString& caption);
  [[nodiscard]] QString titleText() const;
  void setEmptyText(const QString& text);  ///< "Open a checkpoint to see a layer"
  /// True while the pyramid is being built; pictureReady() follows.
  [[nodiscard]] bool building() const;

  // Colour. The view has a model of its own until it is given another; it does not own that one.
  [[nodiscard]] ColorModel* colorModel() const { return colors_; }
  void setColorModel(ColorModel* model);  ///< null: its own again
  /// Of what is shown: sampled while the picture is being built; null before that for masks and
  /// tile numbers, and without a source.
  [[nodiscard]] SharedStatistics statistics() const;
  /// True where a picture of signed weights shows magnitudes: ColorModel::setStatistics() wants it.
  [[nodiscard]] bool showsMagnitude() const;

  // Beside and above the picture.
  void setRowStrips(std::vector<StripData> strips);
  void setColumnStrips(std::vector<StripData> strips);
  [[nodiscard]] const std::vector<HeatmapStrip*>& rowStrips() const { return rowStrips_; }
  [[nodiscard]] const std::vector<HeatmapStrip*>& columnStrips() const { return columnStrips_; }
  void setMarks(HeatmapMarks marks);
  [[nodiscard]] const HeatmapMarks& marks() const;
  void setColorScaleVisible(bool visible);

  /// Hides the plot's own, which draws into a buffer of the widget's size first and is right, but
  /// slower: this view paints straight to the screen.
  void replot(RefreshPriority priority = rpRefreshHint);

  // Region: x = columns, y = rows, in cells.
  [[nodiscard]] QRectF visibleCells() const;
  void showCells(const QRectF& cells);
  /// Scrolls so that the cell is visible, without zooming.
  void reveal(int row, int column);
  [[nodiscard]] ZoomHistory* history() const { return history_; }

  // Cursor and readout.
  [[nodiscard]] std::optional<CellInfo> cursor() const;
  void setCursor(int row, int column);
  void clearCursor();
  using QCustomPlot::setCursor;
  [[nodiscard]] bool readoutLocked() const { return locked_; }
  /// "row 12 (original 400) · column 7 · 0.0123 · kept · tile 3 · group 1 · lane 2"
  [[nodiscard]] static QString readoutText(const CellInfo& cell);

  // Taking things away.
  [[nodiscard]] QImage picture(double scale = 1);
  /// Columns in the first line, then one line a row: tab-separated, at most 4 million cells.
  [[nodiscard]] Result<QString> visibleValues() const;
  /// What is seen, with title and colour scale; the suffix chooses: png, svg, pdf. The same pixels
  /// as on screen; lines and text of SVG and PDF are vectors.
  [[nodiscard]] Status exportPicture(const QString& path);

  [[nodiscard]] HeatmapPlottable* plottable() const { return heatmap_; }
  [[nodiscard]] QCPAxis* rowAxis() const;
  [[nodiscard]] QCPAxis* columnAxis() const;

  /// Actions of the owner at the head of the context menu, which is about the cursor cell.
  void setOwnerActions(QList<QAction*> actions) { ownerActions_ = std::move(actions); }
  /// While on, a plain drag pans no more but tells of the cells that it goes between.
  void setDragTells(bool on) { dragTells_ = on; }

  struct Actions {
    QAction* fit;
    QAction* oneToOne;
    QAction* zoomIn;
    QAction* zoomOut;
    QAction* boxZoom;  ///< checkable
    QAction* lock;     ///< checkable
    QAction* copyValue;
    QAction* copyCell;  ///< the whole readout
    QAction* copyImage;
    QAction* copyValues;
  };
  /// Owned by the view and in its context menu; the owner puts them into menus and toolbars.
  [[nodiscard]] const Actions& heatmapActions() const { return actions_; }

 public slots:
  void fit();
  void oneToOne();
  void zoomBy(double factor);  ///< about the cursor cell or the middle; > 1 shows more detail
  void setBoxZoom(bool on);
  void lockReadout(bool on);
  void copyValue();
  void copyCell();
  void copyImage();
  void copyValues();
  /// What a linked view tells: followed and told on to nobody. Regions are in cells, cursors by
  /// original row and column, so that views in different orders point at the same weight.
  void followRegion(const QRectF& cells);
  void followCursor(const gyro::desktop::CellInfo& cell);

 signals:
  void cursorMoved(const gyro::desktop::CellInfo& cell);  ///< by a person: mouse or keyboard
  void cursorLeft();
  void cellActivated(const gyro::desktop::CellInfo& cell);  ///< clicked, or Enter on the cursor
  /// A drag that tells, and its end.
  void cellDragged(const gyro::desktop::CellInfo& from, const gyro::desktop::CellInfo& to);
  void cellDropped(const gyro::desktop::CellInfo& from, const gyro::desktop::CellInfo& to);
  void dragEnded();                         ///< also where nothing was dropped
  void regionChanged(const QRectF& cells);  ///< by a person or showCells(), not by followRegion()
  void regionShown();                       ///< by anything
  void readoutLockChanged(bool locked);
  void buildingChanged(bool building);
  void pictureReady();
  void statisticsChanged();  ///< statistics() or showsMagnitude()
  void titleChanged(const QString& title);
  void failed(const QString& text);  ///< a picture could not be built or copied

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  enum class Told { Everyone, Nobody };
  void makeActions();
  QAction* addAct(const QString& text, const QKeySequence& key, std::function<void()> run);
  void applyTheme();
  void applyStatistics();
  void applyColors();
  void applyRegion(const QRectF& cells, Told told);
  void person(const QRectF& cells, bool merge);
  void placeCursor(int row, int column, Told told);
  void moveCursor(int down, int right);
  void escape();
  void updateTitle();
  [[nodiscard]] bool dark() const;
  [[nodiscard]] QRectF allCells() const;
  [[nodiscard]] QRectF clamped(QRectF cells) const;
  [[nodiscard]] QPointF cellsAt(const QPointF& position) const;
  [[nodiscard]] std::optional<QPoint> cellAt(const QPointF& position) const;
  [[nodiscard]] std::optional<CellInfo> infoAt(const QPointF& position) const;
  void pictureBuilt(const Pyramid::Pointer& pyramid);
  void setStrips(std::vector<HeatmapStrip*>& strips, std::vector<StripData> data, bool rows);

  QCPAxisRect* rect_ = nullptr;
  QCPTextElement* title_ = nullptr;
  HeatmapPlottable* heatmap_ = nullptr;
  HeatmapOverlay* overlay_ = nullptr;
  ColorScaleElement* scale_ = nullptr;
  std::vector<HeatmapStrip*> rowStrips_;
  std::vector<HeatmapStrip*> columnStrips_;
  ColorModel* ownColors_ = nullptr;
  ColorModel* colors_ = nullptr;
  SharedStatistics sampled_;
  ZoomHistory* history_ = nullptr;
  PyramidJob* job_ = nullptr;
  Actions actions_{};
  QString caption_;
  QString shownTitle_;
  QString emptyText_;
  bool locked_ = false;
  bool boxZoom_ = false;
  bool dragTells_ = false;
  QList<QAction*> ownerActions_;
  enum class Drag { None, Pan, Box, Tell } drag_ = Drag::None;
  QPointF dragStart_;
  QRectF dragCells_;
  bool dragged_ = false;
};

}  // namespace gyro::desktop

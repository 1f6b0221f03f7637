#include <QComboBox>
#include <QLineEdit>
#include <QSpinBox>
#include <QTest>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <memory>

#include "app/desktop/shell/widgets.hpp"

using namespace gyro::desktop;

class TestWidgets : public QObject {
  Q_OBJECT

 private slots:
  void theWheelChangesNoFieldOnItsWay() {
    auto* const content = new QWidget;
    auto* const layout = new QVBoxLayout(content);
    auto* const box = new QComboBox;
    box->addItems({"first", "second", "third"});
    layout->addWidget(box);
    const std::unique_ptr<QWidget> area(scrolled(content));
    auto* const late = new QSpinBox;
    layout->addWidget(late);
    auto* const other = new QLineEdit;
    layout->addWidget(other);
    area->show();
    QVERIFY(QTest::qWaitForWindowExposed(area.get()));
    other->setFocus();
    const auto turn = [](QWidget* field, int degrees) {
      const QPointF at = field->rect().center();
      QWheelEvent wheel(at, field->mapToGlobal(at), {}, {0, degrees * 8}, Qt::NoButton,
                        Qt::NoModifier, Qt::NoScrollPhase, false);
      QCoreApplication::sendEvent(field, &wheel);
    };
    turn(box, -15);
    turn(late, 15);
    QCOMPARE(box->currentIndex(), 0);
    QCOMPARE(late->value(), 0);
    late->setFocus();
    QTRY_VERIFY(late->hasFocus());
    turn(late, 15);
    QCOMPARE(late->value(), 1);
  }
};

QTEST_MAIN(TestWidgets)
#include "test_widgets.moc"

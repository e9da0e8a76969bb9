"""Large type and thick lines for a projector: switched live, everywhere, remembered, and back to exactly what was."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from bplab.gui.main_window import MainWindow
from bplab.gui.plots import LossPlot
from bplab.gui.preferences import Preferences
from bplab.gui.type_size import TEACH, scaled, set_type_scale, size_with_type, type_scale


@pytest.fixture(autouse=True)
def usual_type() -> Iterator[None]:
    yield
    set_type_scale(1.0)


def points(window: MainWindow) -> dict[int, float]:
    return {id(widget): widget.font().pointSizeF() for widget in window.findChildren(QWidget)}


def sizes(window: MainWindow) -> dict[int, tuple[int, int]]:
    fields = [each for each in window.findChildren(QWidget) if isinstance(each, QAbstractSpinBox | QComboBox)]
    return {id(field): (field.minimumHeight(), field.minimumWidth()) for field in fields}


def test_all_type_in_the_window_grows_and_comes_back(window: MainWindow) -> None:
    before, sizes_before = points(window), sizes(window)
    window.appearance.teach.trigger()
    grown = points(window)
    assert {key: grown[key] for key in before} == pytest.approx({key: TEACH * size for key, size in before.items()})
    window.appearance.teach.trigger()
    after, sizes_after = points(window), sizes(window)
    assert {key: after[key] for key in before} == pytest.approx(before)
    assert {key: sizes_after[key] for key in sizes_before} == sizes_before
    assert type_scale() == 1.0


def test_no_field_cuts_its_text_off(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    window.appearance.teach.trigger()
    QApplication.processEvents()
    shown = [each for each in window.findChildren(QWidget) if each.isVisible()]
    for widget in shown:
        if isinstance(widget, QAbstractSpinBox | QComboBox | QLineEdit) and widget.maximumHeight() < 1000:
            assert widget.height() >= QFontMetricsF(widget.font()).height(), widget.accessibleName()
    for label in shown:
        if isinstance(label, QLabel) and label.text() and not label.wordWrap() and label.maximumHeight() < 1000:
            assert label.height() >= QFontMetricsF(label.font()).ascent(), label.text()


def test_what_is_made_while_teaching_is_as_large_as_the_rest(window: MainWindow) -> None:
    window.appearance.teach.trigger()
    field = QLineEdit()
    size_with_type(field, height=26)
    assert field.height() == field.maximumHeight() == scaled(26) == 39
    set_type_scale(1.0)
    assert field.maximumHeight() == 26


def test_curves_are_thicker(window: MainWindow) -> None:
    plot = window.docks["Loss"].content
    assert isinstance(plot, LossPlot)
    assert plot.curves.train.opts["pen"].widthF() == 1.0
    window.appearance.teach.trigger()
    assert plot.curves.train.opts["pen"].widthF() == 2.0


def test_the_choice_is_remembered(window: MainWindow) -> None:
    assert not Preferences().teaches
    window.appearance.teach.trigger()
    assert Preferences().teaches
    assert window.theme.teaches

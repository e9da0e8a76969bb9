"""The Tab key leads through the whole window and round again; what lies behind a tab neither takes keys nor draws."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bplab.data import Iris
from bplab.gui.main_window import MainWindow
from bplab.gui.plots import LayerNumbers, SaturationPlot
from bplab.lab.experiment import fitted_to_data

from .acts import train

MOST_STOPS = 150


@pytest.fixture
def at_play(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with the focus on Play."""
    window.activateWindow()
    window.bar.play.setFocus()
    qtbot.waitUntil(window.bar.play.hasFocus)
    return window


def stops_of(window: MainWindow, qtbot: QtBot) -> list[QWidget]:
    """What has the focus, from Play on, press by press, until Play has it again."""
    stops: list[QWidget] = [window.bar.play]
    while len(stops) < MOST_STOPS:
        qtbot.keyClick(stops[-1], Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert focused.isVisible(), focused.accessibleName()
        assert not focused.visibleRegion().isEmpty(), focused.accessibleName()  # panels scroll to what has the focus
        if focused is window.bar.play:
            return stops
        stops.append(focused)
    pytest.fail(f"Tab goes round in {[stop.accessibleName() for stop in stops[-12:]]}")


def assert_all_is_reached(window: MainWindow, stops: list[QWidget]) -> None:
    parts = [window.bar, window.data, window.canvas, window.inspector]
    parts += [window.docks[name] for name in ("Loss", "Gradient")]
    for part in parts:
        assert any(part.isAncestorOf(stop) for stop in stops), part
    assert len({id(stop) for stop in stops}) == len(stops)


def test_tab_leads_from_play_through_every_part_and_back(at_play: MainWindow, qtbot: QtBot) -> None:
    assert_all_is_reached(at_play, stops_of(at_play, qtbot))


def test_so_it_does_with_other_data_and_a_layer_inspected(at_play: MainWindow, qtbot: QtBot) -> None:
    session = at_play.session
    session.edit(fitted_to_data(replace(session.experiment, data=Iris())), "Change data")
    at_play.canvas.select_layer(0)
    QApplication.processEvents()
    assert_all_is_reached(at_play, stops_of(at_play, qtbot))


def test_tab_leads_out_of_the_table_of_the_layers(at_play: MainWindow, qtbot: QtBot) -> None:
    numbers = at_play.docks["Layer numbers"]
    numbers.raise_()
    stops = stops_of(at_play, qtbot)
    assert any(numbers.isAncestorOf(stop) for stop in stops)
    assert not any(at_play.docks["Saturation"].isAncestorOf(stop) for stop in stops)
    assert_all_is_reached(at_play, stops)


def test_what_lies_behind_a_tab_is_not_drawn_until_it_comes_forward(window: MainWindow, qtbot: QtBot) -> None:
    plot, numbers = window.docks["Saturation"].content, window.docks["Layer numbers"].content
    assert isinstance(plot, SaturationPlot)
    assert isinstance(numbers, LayerNumbers)
    assert plot.isVisible()
    assert not numbers.isVisible()
    before = numbers.model.table()
    train(window, qtbot, 100)
    assert plot.drawn_version >= 0
    assert numbers.model.table() == before
    window.docks["Layer numbers"].raise_()
    qtbot.waitUntil(numbers.isVisible)
    assert numbers.model.table() != before
    drawn = plot.drawn_version
    train(window, qtbot, 200)
    assert plot.drawn_version == drawn
    window.docks["Saturation"].raise_()
    qtbot.waitUntil(plot.isVisible)
    assert plot.drawn_version > drawn


def test_a_dock_behind_a_tab_moves_nothing(window: MainWindow) -> None:
    def places() -> list[object]:
        return [window.docks[name].geometry() for name in ("Data", "Inspector", "Loss", "Gradient")]

    window.resize(1440, 900)
    window.reset_layout()
    before, place = places(), window.docks["Saturation"].geometry()
    window.docks["Layer numbers"].raise_()
    QApplication.processEvents()
    assert places() == before
    assert window.docks["Layer numbers"].geometry() == place

"""What an edit costs the window: nothing is painted twice, or again though it looks the same."""

from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bplab.engine import Dense, Tanh
from bplab.gui.canvas.layer_edits import Verb
from bplab.gui.icons import icon
from bplab.gui.main_window import MainWindow
from bplab.gui.plots.plot_frame import PlotFrame
from bplab.gui.plots.time_axis import PER_TICK


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def _icons(window: MainWindow) -> list[int]:
    entries = window.inspector.list
    return [entries.itemIcon(index).cacheKey() for index in range(entries.count())]


def test_some_edits_at_once_are_painted_once(window: MainWindow) -> None:
    view, surface = Paints(window.canvas.view), Paints(window.canvas.surface)
    QApplication.processEvents()
    view.count = surface.count = 0
    for units in (5, 6, 7):
        window.session.edit_layer(0, "Change units", units=units)
    assert (view.count, surface.count) == (0, 0)
    QApplication.processEvents()
    assert (view.count, surface.count) == (1, 1)


def test_an_edit_while_training_is_painted_before_training_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("Change epochs", epochs=1_000_000)
    window.session.play()
    qtbot.waitUntil(lambda: window.session.live.updates > 0)
    view = Paints(window.canvas.view)
    window.session.edit_layer(0, "Change activation", activation=Tanh())
    window.session.edit_layer(0, "Change units", units=3)
    assert view.count >= 1
    window.session.end_run()


def test_plots_follow_an_edit_while_training_in_their_turns(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.layouts.show_all()
    window.session.edit_training("Change epochs", epochs=1_000_000)
    window.session.play()
    qtbot.waitUntil(lambda: window.session.live.updates > 0)
    plots, asked = window.findChildren(PlotFrame), set()
    for plot in plots:
        monkeypatch.setattr(plot, "refresh", partial(asked.add, plot.title))
    window.session.edit_layer(0, "Change units", units=3)
    assert len(asked) <= PER_TICK < len(plots)
    qtbot.waitUntil(lambda: asked == {plot.title for plot in plots})
    window.session.end_run()


def test_icons_of_layers_stay_when_a_layer_changes_and_follow_their_number_and_the_theme(window: MainWindow) -> None:
    first = _icons(window)
    window.session.edit_layer(0, "Change units", units=7)
    assert window.inspector.list.itemText(1).startswith("h1 · 7 ")
    assert _icons(window) == first
    window.canvas.edits.apply(Verb.ADD_BEFORE, 0)
    more = _icons(window)
    assert len(more) == len(first) + 1
    assert isinstance(window.session.experiment.network.layers[0], Dense)
    window.theme.set_dark(True)
    assert not set(more) & set(_icons(window))


def test_an_icon_is_painted_once_for_each_colour(qapp: QApplication) -> None:
    red, again, blue = (icon("dot", QColor(name)).pixmap(16) for name in ("red", "red", "blue"))
    assert red.cacheKey() == again.cacheKey()
    assert red.toImage() != blue.toImage()
    assert not blue.toImage().isNull()

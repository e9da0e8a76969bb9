"""The menu of a plot: every plot of the window offers the same, or says why it cannot."""

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from bplab.gui.main_window import MainWindow
from bplab.gui.plots.plot_frame import PlotFrame

PLOTS = ("Loss", "Accuracy", "Gradient", "Saturation", "Updates", "Dead", "Activations", "Confusion", "Surface")
OFFERED = ("Copy picture", "Save as PNG", "Save as SVG", "Save numbers as CSV", "Pause", "Logarithmic", "Smoothing")


def actions_of(window: MainWindow, name: str) -> dict[str, QAction]:
    """What the menu offers, by the beginning of its text."""
    plot = window.docks[name].content
    assert isinstance(plot, PlotFrame)
    return {start: action for start in OFFERED for action in plot.menu.actions() if action.text().startswith(start)}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_offers_the_same_or_says_why_not(name: str, window: MainWindow) -> None:
    window.session.step(60)
    assert window.session.run is not None
    assert window.session.run.wait_idle(20)
    window.docks[name].raise_()
    QApplication.processEvents()
    window.session.tick()
    plot, actions = window.docks[name].content, actions_of(window, name)
    plot.menu.update_actions()
    assert tuple(actions) == OFFERED
    for action in actions.values():
        assert action.isEnabled() or len(action.toolTip()) > len(action.text()) + 10
    assert all(actions[start].isEnabled() for start in OFFERED[:5])


def test_the_reason_is_seen_when_the_mouse_rests_on_what_is_greyed_out(window: MainWindow) -> None:
    menu, action = window.docks["Confusion"].content.menu, actions_of(window, "Confusion")["Smoothing"]
    menu.popup(QPoint(10, 10))
    there = menu.actionGeometry(action).center()
    QApplication.sendEvent(menu, QHelpEvent(QEvent.Type.ToolTip, there, menu.mapToGlobal(there)))
    assert QToolTip.text() == action.toolTip()
    QToolTip.hideText()
    menu.close()

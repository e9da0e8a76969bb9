"""What holds for every live plot: empty, drawn, hidden, pointed at, zoomed, in another theme."""

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolTip
from pytestqt.qtbot import QtBot

from bplab.gui.plots import DeadPlot, GradientPlot, LossPlot, SaturationPlot, UpdatePlot
from bplab.gui.plots.live_plot import LivePlot
from bplab.gui.session import Session
from bplab.gui.theme import DARK, LIGHT, Theme

from .conftest import MakePlot, dead_experiment, runaway_experiment, small_experiment, train

NO_KEYS = Qt.KeyboardModifier.NoModifier
KINDS = (LossPlot, GradientPlot, SaturationPlot, UpdatePlot, DeadPlot)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.title)
def plot(request: pytest.FixtureRequest, make_plot: MakePlot) -> LivePlot:
    return make_plot(request.param)


@pytest.fixture
def every_move_counts() -> Iterator[None]:
    """pyqtgraph passes over mouse moves that follow each other faster than a hand can make them."""
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)
    yield
    pg.setConfigOption("mouseRateLimit", limit)


def empty_text(plot: LivePlot) -> str | None:
    return plot.empty_text if not plot.view.isVisible() else None


def point_at(plot: LivePlot, share: float) -> None:
    """Put the mouse on the pane, so far from its left end."""
    pane = plot.pane.sceneBoundingRect()
    plot.view.hovered.emit(QPointF(pane.left() + share * pane.width(), pane.center().y()))


def turn_wheel(plot: LivePlot, at: QPoint) -> None:
    """One notch away from the reader."""
    viewport = plot.view.viewport()
    no_button, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    globally = QPointF(viewport.mapToGlobal(at))
    event = QWheelEvent(QPointF(at), globally, QPoint(), QPoint(0, 120), no_button, NO_KEYS, phase, False)
    QApplication.sendEvent(viewport, event)


def drag(plot: LivePlot, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
    """Press, move in steps, release."""
    viewport = plot.view.viewport()
    steps = [start + (end - start) * share / 5 for share in range(6)]
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 5, QEvent.Type.MouseButtonRelease]
    for kind, at in zip(kinds, [*steps, end], strict=True):
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
        caused = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else button
        event = QMouseEvent(kind, QPointF(at), QPointF(viewport.mapToGlobal(at)), caused, held, NO_KEYS)
        QApplication.sendEvent(viewport, event)


def test_before_a_run_the_plot_says_how_to_get_one(plot: LivePlot) -> None:
    assert empty_text(plot) is not None
    assert plot.empty_text.startswith("Press play")


def test_a_run_is_drawn_and_a_reset_empties_the_plot_again(plot: LivePlot, session: Session) -> None:
    train(session, 60)
    assert empty_text(plot) is None
    assert plot.steps[-1] == session.record.last("step")
    session.reset()
    assert empty_text(plot) is not None
    assert plot.readout.text == ""


def test_the_title_says_quantity_and_unit(plot: LivePlot) -> None:
    about = plot.describe(session_experiment(plot))
    assert about
    assert about in plot.header.findChildren(type(plot._title))[0].toolTip()


def session_experiment(plot: LivePlot):  # type: ignore[no-untyped-def]
    return plot.session.experiment


def test_the_horizontal_axis_counts_updates_from_zero_to_a_round_number(plot: LivePlot, session: Session) -> None:
    train(session, 90)
    assert plot.bottom.labelText == "update"
    assert tuple(plot.pane.viewRange()[0]) == (0.0, 100.0)


def test_nothing_is_drawn_while_nobody_sees_it(plot: LivePlot, session: Session) -> None:
    plot.hide()
    train(session, 20)
    assert plot.drawn_version == -1
    plot.show()
    assert plot.drawn_version == session.record.version


def test_nothing_is_drawn_again_while_the_record_stands(
    plot: LivePlot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(session, 20)
    monkeypatch.setattr(plot, "draw", lambda record: pytest.fail("drawn again"))
    session.ticked.emit()
    session.experiment_changed.emit()
    session.run_changed.emit()


def test_while_a_run_trains_a_plot_follows_every_second_tick_and_its_neighbour_the_others(
    make_plot: MakePlot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(session, 20)
    monkeypatch.setattr(Session, "is_training", property(lambda _: True))
    drawn: list[str] = []
    for kind in (LossPlot, GradientPlot):
        plot = make_plot(kind)
        monkeypatch.setattr(plot, "draw", lambda record, title=plot.title: drawn.append(title))
    for _ in range(4):
        session.record.version += 1
        session.ticked.emit()
    assert drawn in (["Loss", "Gradient"] * 2, ["Gradient", "Loss"] * 2)


def test_the_numbers_of_a_finished_run_are_its_last(plot: LivePlot, session: Session) -> None:
    for updates in (20, 40, 1, 400):
        train(session, updates)
        said = plot.readout.text
        plot.redraw()
        assert plot.readout.text == said


def test_the_readout_follows_the_mouse_and_forgets_it(plot: LivePlot, session: Session) -> None:
    train(session, 100)
    now = plot.readout.text
    point_at(plot, 0.5)
    step = plot.steps[np.abs(plot.steps - 50).argmin()]
    assert plot.readout.text.startswith(f"update {step}   ")
    plot.view.left.emit()
    assert plot.readout.text == now


def test_what_the_mouse_points_at_stays_while_the_run_goes_on(plot: LivePlot, session: Session) -> None:
    train(session, 100)
    point_at(plot, 0.25)
    said = plot.readout.text
    shown = beside(plot)
    train(session, 40)  # the axis grows from 100 to 150, what is pointed at stays
    assert plot.readout.text == said
    assert beside(plot) == shown


def beside(plot: LivePlot) -> object:
    """What stands beside the pane, or above it."""
    if isinstance(plot, GradientPlot):
        return [np.round(10**heights, 12).tolist() for heights in plot.markers.series]
    return plot.bars.texts if isinstance(plot, SaturationPlot) else plot.readout.text


def test_zooming_stays_until_the_whole_run_is_asked_for(plot: LivePlot, session: Session, qtbot: QtBot) -> None:
    train(session, 100)
    plot.pane.setXRange(20, 40, padding=0)
    plot.pane.sigRangeChangedManually.emit([True, True])
    train(session, 100)
    assert plot.pane.viewRange()[0] == [20, 40]
    button = next(b for b in plot.header.findChildren(QAbstractButton) if "whole run" in b.accessibleName())
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert plot.pane.viewRange()[0] == [0, 200]
    assert not button.isVisible()


def test_the_wheel_zooms_and_a_double_click_shows_the_whole_again(
    plot: LivePlot, session: Session, qtbot: QtBot
) -> None:
    train(session, 100)
    plot.grab()
    middle = plot.view.mapFromScene(plot.pane.sceneBoundingRect().center())
    turn_wheel(plot, middle)
    assert not plot.shows_whole
    low, high = plot.pane.viewRange()[0]
    assert high - low < 100
    qtbot.mouseDClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert plot.shows_whole
    assert plot.pane.viewRange()[0] == [0, 100]


def test_the_left_button_drags_the_curves_and_the_right_one_does_not(
    plot: LivePlot, session: Session, every_move_counts: None
) -> None:
    train(session, 100)
    plot.grab()
    middle = plot.view.mapFromScene(plot.pane.sceneBoundingRect().center())
    for button, moved in ((Qt.MouseButton.RightButton, False), (Qt.MouseButton.LeftButton, True)):
        drag(plot, button, middle, middle - QPoint(60, 0))
        assert (plot.pane.viewRange()[0] != [0, 100]) is moved


def test_the_right_button_opens_the_plots_own_menu(plot: LivePlot, qtbot: QtBot) -> None:
    position = QPoint(200, 130)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, position, plot.mapToGlobal(position))
    plot.contextMenuEvent(event)
    qtbot.waitUntil(plot.menu.isVisible)
    texts = [action.text() for action in plot.menu.actions() if action.text()]
    plot.menu.close()
    assert texts[:4] == ["Copy picture", "Save as PNG…", "Save as SVG…", "Save numbers as CSV…"]
    assert plot.pane.menu is None


def test_another_theme_colours_ground_and_layers_anew(plot: LivePlot, session: Session, theme: Theme) -> None:
    train(session, 50)
    light = list(plot.colours)
    assert plot.grab().toImage().pixelColor(2, 255).name() == LIGHT.ground
    theme.set_dark(True)
    assert plot.colours == theme.layer_colours(3) != light
    assert plot.grab().toImage().pixelColor(2, 255).name() == DARK.ground
    assert plot.drawn_version == session.record.version
    theme.set_dark(False)


def test_another_run_with_other_layers_is_drawn_with_its_own(plot: LivePlot, session: Session) -> None:
    train(session, 20)
    layers = session.experiment.network.layers
    session.open(small_experiment(layers[0], *layers))
    train(session, 20)
    assert plot.names == ["h1", "h2", "h3", "out"]
    assert len(plot.colours) == 4


@pytest.mark.parametrize("make", [dead_experiment, runaway_experiment], ids=["dead", "diverging"])
def test_a_net_that_does_not_learn_is_drawn_too(make, plot: LivePlot, session: Session) -> None:  # type: ignore[no-untyped-def]
    session.open(make())
    train(session, 200)
    plot.grab()
    assert all(np.isfinite(plot.pane.viewRange()).ravel())
    assert plot.readout.text


def test_every_control_has_a_name_and_a_tooltip(plot: LivePlot) -> None:
    train(plot.session, 20)
    plot.time.show(2, 8)
    plot.time.point_at(5)
    plot.set_paused(True)
    buttons = [button for button in plot.findChildren(QAbstractButton) if button.isVisible()]
    assert buttons
    assert all(button.accessibleName() and button.toolTip() for button in buttons)


def test_the_numbers_are_spoken_where_they_change(plot: LivePlot, session: Session) -> None:
    train(session, 20)
    assert plot.readout.accessibleName().startswith(plot.title)
    assert plot.readout.accessibleDescription() == plot.readout.text


def test_the_tooltip_of_the_readout_is_all_of_it(plot: LivePlot, session: Session, qtbot: QtBot) -> None:
    train(session, 20)
    where = plot.readout.mapToGlobal(QPoint(5, 5))
    plot.readout.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), where))
    assert QToolTip.text() == plot.readout.text.replace("   ", "\n")
    QToolTip.hideText()

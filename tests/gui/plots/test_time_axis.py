"""All plots over the updates share one time: a cursor, a stretch, and turns at drawing."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from bplab.gui.plots import DeadPlot, GradientPlot, LossPlot, SaturationPlot, UpdatePlot
from bplab.gui.plots.live_plot import LivePlot
from bplab.gui.plots.time_axis import TimeAxis
from bplab.gui.session import Session

from .conftest import MakePlot, train

KINDS = (LossPlot, GradientPlot, SaturationPlot, UpdatePlot, DeadPlot)


@pytest.fixture
def plots(make_plot: MakePlot) -> list[LivePlot]:
    return [make_plot(kind) for kind in KINDS]


def middle_of(plot: LivePlot) -> QPoint:
    plot.grab()
    return plot.view.mapFromScene(plot.pane.sceneBoundingRect().center())


def test_a_click_on_any_time_axis_puts_the_cursor_into_all_of_them(
    plots: list[LivePlot], session: Session, qtbot: QtBot
) -> None:
    train(session, 100)
    for clicked in plots:
        clicked.time.go_live()
        qtbot.mouseClick(clicked.view.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(clicked))
        clicked.view.left.emit()
        for plot in plots:
            assert plot._cursor.isVisible()
            assert plot._cursor.value() == pytest.approx(50, abs=1)
            assert plot.readout.text.startswith(f"update {plot.steps[plot.told_row()]}   ")


def test_a_click_below_the_curves_does_the_same(plots: list[LivePlot], session: Session, qtbot: QtBot) -> None:
    train(session, 100)
    loss = plots[0]
    loss.grab()
    below = loss.view.mapFromScene(loss.bottom.sceneBoundingRect().center())
    qtbot.mouseClick(loss.view.viewport(), Qt.MouseButton.LeftButton, pos=below)
    assert loss.time.now == pytest.approx(50, abs=1)


def test_the_cursor_stays_while_the_run_goes_on_and_the_numbers_at_it_too(
    plots: list[LivePlot], session: Session
) -> None:
    train(session, 100)
    plots[0].time.point_at(40)
    said = [plot.readout.text for plot in plots]
    train(session, 40)
    assert [plot.readout.text for plot in plots] == said


def test_the_mouse_comes_before_the_cursor_and_leaves_it_where_it_is(plots: list[LivePlot], session: Session) -> None:
    train(session, 100)
    loss = plots[0]
    loss.time.point_at(40)
    said = loss.readout.text
    loss.view.hovered.emit(loss.pane.sceneBoundingRect().center())
    assert loss.readout.text != said
    loss.view.left.emit()
    assert loss.readout.text == said


def test_a_double_click_and_the_button_go_back_to_the_newest_update(
    plots: list[LivePlot], session: Session, qtbot: QtBot
) -> None:
    train(session, 100)
    live = [plot.readout.text for plot in plots]
    loss = plots[0]
    button = next(b for b in loss.header.findChildren(QAbstractButton) if "newest" in b.accessibleName())
    for go_back in (
        lambda: qtbot.mouseDClick(loss.view.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(loss)),
        lambda: qtbot.mouseClick(button, Qt.MouseButton.LeftButton),
    ):
        loss.time.point_at(40)
        assert button.isVisible()
        go_back()
        loss.view.left.emit()
        assert loss.time.now is None
        assert not button.isVisible()
        assert [plot.readout.text for plot in plots] == live


def test_who_zooms_one_zooms_all_and_heights_stay_each_ones_own(plots: list[LivePlot], session: Session) -> None:
    train(session, 100)
    heights = [plot.pane.viewRange()[1] for plot in plots[1:]]
    plots[0].pane.setRange(xRange=(20, 40), yRange=(0, 0.1), padding=0)
    plots[0].pane.sigRangeChangedManually.emit([True, True])
    assert [plot.pane.viewRange()[0] for plot in plots] == [[20, 40]] * len(plots)
    assert [plot.pane.viewRange()[1] for plot in plots[1:]] == heights
    plots[1].show_whole()
    assert [plot.pane.viewRange()[0] for plot in plots] == [[0, 100]] * len(plots)
    assert plots[0].pane.viewRange()[1] == pytest.approx([0, 0.1])


def test_another_run_begins_live_and_whole(plots: list[LivePlot], session: Session) -> None:
    train(session, 100)
    time = plots[0].time
    time.point_at(40)
    time.show(20, 40)
    session.reset()
    assert time.now is None
    assert time.stretch is None


def test_a_plot_that_is_seen_later_takes_nothing_back(make_plot: MakePlot, session: Session) -> None:
    train(session, 100)
    loss = make_plot(LossPlot)
    loss.time.point_at(40)
    loss.time.show(20, 60)
    late = make_plot(GradientPlot)
    assert (late.time.now, late.time.stretch) == (40, (20, 60))
    assert late._cursor.isVisible()
    assert late.pane.viewRange()[0] == [20, 60]


def test_a_cursor_that_stands_still_draws_nothing(
    plots: list[LivePlot], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(session, 100)
    for plot in plots:
        monkeypatch.setattr(plot, "draw", lambda record: pytest.fail("drawn again"))
    plots[0].time.point_at(40)
    plots[0].time.point_at(60)
    plots[0].time.go_live()


def test_seen_plots_take_turns_two_on_a_tick(plots: list[LivePlot], session: Session) -> None:
    time = TimeAxis.of(session)
    turns = []
    for _ in range(6):
        session.ticked.emit()
        turns.append([plot.title for plot in plots if time.is_due(plot)])
    assert max(map(len, turns)) == 2
    assert {title for due in turns[:3] for title in due} == {plot.title for plot in plots}
    plots[0].hide()
    assert not time.is_due(plots[0])


def test_a_paused_plot_stands_while_the_run_and_the_others_go_on(plots: list[LivePlot], session: Session) -> None:
    train(session, 60)
    loss, gradient = plots[:2]
    loss.menu.pause_action.trigger()
    said = loss.readout.text
    train(session, 60)
    assert loss.steps[-1] == 60
    assert loss.readout.text == said
    assert gradient.steps[-1] == 120
    button = next(b for b in loss.header.findChildren(QAbstractButton) if "go on" in b.accessibleName())
    assert button.isVisible()
    button.click()
    assert loss.steps[-1] == 120
    assert not loss.menu.pause_action.isChecked()


def test_smoothing_draws_means_and_tells_and_saves_what_was_measured(
    make_plot: MakePlot, session: Session
) -> None:
    train(session, 200)
    plot = make_plot(UpdatePlot)
    measured, said = plot.lines()[0].getData()[1].copy(), plot.readout.text
    plot.menu.smoothing_actions[2].trigger()
    smooth = plot.lines()[0].getData()[1]
    assert np.nanstd(np.diff(smooth)) < np.nanstd(np.diff(measured))
    assert plot.readout.text == said
    np.testing.assert_array_equal(plot.table()[1][1][1:], session.record.column("update_ratio")[1:, 0])


@pytest.mark.parametrize("kind", [LossPlot, GradientPlot, UpdatePlot, DeadPlot], ids=lambda kind: kind.title)
def test_every_curve_can_stand_on_a_linear_and_on_a_logarithmic_axis(
    kind: type[LivePlot], make_plot: MakePlot, session: Session
) -> None:
    plot = make_plot(kind)
    train(session, 50)
    before = plot.lines()[0].getData()[1].copy(), plot.log_action.isChecked()
    plot.log_action.trigger()
    assert plot.log_action.isChecked() is not before[1]
    plot.grab()
    plot.log_action.trigger()
    np.testing.assert_array_equal(plot.lines()[0].getData()[1], before[0])

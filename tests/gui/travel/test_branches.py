"""A fork begins where the window looks, goes on with other settings, is kept, and stands beside its parent in plots."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from bplab.data import Spiral
from bplab.engine import Dense, ReLU
from bplab.gui.main_window import MainWindow
from bplab.gui.plots.compared_curves import SWATCHES
from bplab.lab.fork import fork
from bplab.lab.replay import restored as restored_in
from bplab.lab.runner import Runner
from tests.gui.travel.driving import LEFT, restored, set_rate, train

UPDATES, HERE = 300, 100


@pytest.fixture
def drafted(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window that has trained, looks at update 100, and prepares a fork there."""
    train(window.session, qtbot, UPDATES)
    restored(window, qtbot, lambda: window.travel.machine.go_to(HERE))
    qtbot.mouseClick(window.travel.bar.fork, LEFT)
    assert window.session.draft is not None
    return window


@pytest.fixture
def forked(drafted: MainWindow, qtbot: QtBot) -> MainWindow:
    """The fork has been played with another learning rate up to update 200."""
    set_rate(drafted, 0.3)
    train(drafted.session, qtbot, HERE)
    qtbot.waitUntil(lambda: drafted.documents.shown_run() == 2)
    return drafted


def relu_in(window: MainWindow, layer: int) -> bool:
    return window.session.edit_layer(layer, "Change activation", activation=ReLU())


def test_a_fork_begins_at_the_update_that_is_looked_at_with_the_settings_of_then(
    drafted: MainWindow, qtbot: QtBot
) -> None:
    session = drafted.session
    parent = Runner(session.experiment)
    parent.advance(UPDATES)
    assert session.live.updates == HERE
    assert "fork from update 100: change settings, then Play" in drafted.travel.bar.said.text()
    set_rate(drafted, 0.3)
    relu_in(drafted, 0)
    assert session.live.updates == HERE
    with fork(parent, restored_in(parent, HERE), session.experiment) as wanted:
        wanted.step(50)
        assert wanted.wait_idle(30)
        train(session, qtbot, 50)
        assert session.run is not None
        assert session.run.updates == HERE + 50
        assert session.live.network.parameters.tobytes() == wanted.runner.network.parameters.tobytes()
    steps = session.run.record.column("step")
    assert steps[0] == 0
    assert session.run.record.branch is not None
    assert (session.run.record.branch.parent, session.run.record.branch.step) == (1, HERE)
    assert session.draft is None


def test_what_a_fork_cannot_take_over_is_refused_in_a_sentence_and_changes_nothing(
    drafted: MainWindow, qtbot: QtBot
) -> None:
    session = drafted.session
    before = session.experiment
    other_data = replace(before, data=Spiral())
    more_units = replace(before, network=replace(before.network, layers=(Dense(9, ReLU()), *before.network.layers[1:])))
    for experiment, why in ((other_data, "with the data of its run"), (more_units, "h1 has 4 neurons, not 9")):
        with qtbot.waitSignal(session.refused) as told:
            assert not session.edit(experiment, "Change")
        assert why in told.args[0]
    assert session.experiment is before
    assert session.draft is not None


def test_escape_gives_the_fork_up_and_brings_the_settings_of_the_run_back(drafted: MainWindow, qtbot: QtBot) -> None:
    session, run = drafted.session, drafted.session.run
    set_rate(drafted, 0.3)
    assert drafted.travel.canvas_mark.text == "fork: update 100"
    qtbot.keyClick(drafted.canvas.view, Qt.Key.Key_Escape)
    assert (session.draft, session.past, session.run) == (None, None, run)
    assert run is not None
    assert session.experiment == run.experiment
    assert session.live.updates == UPDATES


def test_moving_along_the_line_moves_where_the_fork_begins_and_keeps_its_settings(
    drafted: MainWindow, qtbot: QtBot
) -> None:
    set_rate(drafted, 0.3)
    restored(drafted, qtbot, drafted.travel.actions.forward.trigger)
    assert drafted.session.draft is not None
    assert drafted.session.draft.moment.updates == HERE + 1
    train(drafted.session, qtbot, 1)
    assert drafted.session.run is not None
    assert drafted.session.run.record.branch is not None
    assert drafted.session.run.record.branch.step == HERE + 1
    assert drafted.session.run.experiment.training.optimizer.learning_rate == 0.3


def test_undo_past_what_fits_gives_the_fork_up_and_says_so(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.edit(replace(session.experiment, data=Spiral()), "Change data")
    train(session, qtbot, 50)
    window.travel.actions.fork.trigger()
    qtbot.waitUntil(lambda: session.draft is not None)
    with qtbot.waitSignal(session.refused) as told:
        session.undo()
    assert "The fork is given up" in told.args[0]
    assert session.draft is None


def test_the_parents_curves_stand_beside_the_forks_with_a_legend(forked: MainWindow, qtbot: QtBot) -> None:
    branches, loss, gradient = forked.travel.branches, forked.docks["Loss"].content, forked.docks["Gradient"].content
    (parent,) = branches.compared
    assert parent.run_id == 1
    assert HERE < parent.end <= UPDATES
    (curve,) = loss.compared.curves
    x, _ = curve.getData()
    assert x[-1] == parent.end
    assert loss.pane.viewRange()[0][1] >= parent.end
    assert [round(length, 3) for length in curve.opts["pen"].dashPattern()] == [1.2, 1.8]
    assert len(gradient.compared.curves) == 3
    legend = loss.readout.text
    assert "run 1" in legend
    assert "fork at 100: learning rate 0.3" in legend
    assert SWATCHES[parent.place].value == "dots"
    assert "run 1" in gradient.readout.text


def test_the_mouse_tells_the_losses_of_both_at_the_same_update(forked: MainWindow, qtbot: QtBot) -> None:
    loss, (parent,) = forked.docks["Loss"].content, forked.travel.branches.compared
    loss.grab()
    loss._on_hovered(loss.pane.mapViewToScene(QPointF(150.0, sum(loss.pane.viewRange()[1]) / 2)))
    row = loss.told_row()
    assert row is not None
    at = int(np.searchsorted(parent.record.column("step"), loss.steps[row]))
    told = float(parent.record.column("loss")[at])
    assert f"run 1 {told:.3g}" in loss.readout.text


def test_branches_are_switched_and_compared_in_the_menu_of_the_bar(forked: MainWindow, qtbot: QtBot) -> None:
    menu, branches = forked.travel.branch_menu.both, forked.travel.branches
    menu.aboutToShow.emit()
    lines = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert any(line.startswith("2 ") and "fork of run 1 at 100: learning rate 0.3" in line for line in lines)
    (compared,) = (action for action in menu.actions() if action.isChecked() and action.data() == 1)
    compared.trigger()
    assert branches.compared == ()
    assert forked.docks["Loss"].content.compared.curves == []
    menu.aboutToShow.emit()
    show: QAction = next(action for action in menu.actions() if action.data() == 1)
    show.trigger()
    assert forked.documents.shown_run() == 1
    branches.compare(2, True)
    assert len(forked.docks["Loss"].content.compared.curves) == 1


def test_time_goes_back_before_the_fork_to_the_parents_updates(forked: MainWindow, qtbot: QtBot) -> None:
    session, machine = forked.session, forked.travel.machine
    restored(forked, qtbot, lambda: machine.go_to(HERE - 50))
    assert machine.moment is not None
    assert machine.moment.leg == 0
    parent = Runner(machine.moment.experiment)
    parent.advance(HERE - 50)
    assert session.live.network.parameters.tobytes() == parent.network.parameters.tobytes()
    assert session.live.experiment.training.optimizer.learning_rate == 0.03


def test_a_fork_is_there_again_with_its_parent_when_the_project_is_opened(
    forked: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "forked.bplab"
    forked.documents.save_as(path)
    assert forked.session.run is not None
    reached, kept = forked.session.run.updates, forked.session.live.network.parameters.copy()
    forked.documents.new()
    assert forked.travel.branches.compared == ()
    forked.documents.open(path)
    qtbot.waitUntil(lambda: forked.session.run is not None and forked.session.run.updates == reached)
    forked.session.tick()
    assert [one.run_id for one in forked.travel.branches.compared] == [1]
    assert "fork at 100: learning rate 0.3" in forked.travel.bar.said.text()
    assert forked.session.live.network.parameters.tobytes() == kept.tobytes()
    restored(forked, qtbot, lambda: forked.travel.machine.go_to(20))
    assert forked.session.live.updates == 20


def test_fork_without_looking_back_begins_at_the_newest_update(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("Change epochs", epochs=1_000_000)
    window.session.play()
    qtbot.waitUntil(lambda: window.session.live.updates > 0)
    window.travel.actions.fork.trigger()
    qtbot.waitUntil(lambda: window.session.draft is not None)
    run = window.session.run
    assert run is not None
    assert window.session.draft is not None
    assert window.session.draft.moment.updates == run.updates
    assert not window.session.is_training


def test_the_shell_command_of_a_fork_says_that_it_trains_from_the_start(forked: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(forked.shell_copy.copied) as told:
        forked.shell_copy.copy()
    assert "a fork" in told.args[0]
    assert "from the start" in told.args[0]

"""Step mode in the window: a key enters it, keys and buttons lead along the film, the canvas shows each phase."""

from itertools import combinations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.engine import BatchNorm, Dense, LayerNorm, ReLU, Tanh
from bplab.gui.canvas.arrangement import Hit, Kind
from bplab.gui.canvas.markers import place_of
from bplab.gui.canvas.tips import signed
from bplab.gui.film.panel import FilmPanel
from bplab.gui.focus import Focus
from bplab.gui.main_window import MainWindow
from bplab.gui.shortcuts_sheet import shortcuts
from bplab.lab.film import Film

from ..test_accessibility import own_controls, silent

Key = Qt.Key
HALF_A_NUMBER = 30


@pytest.fixture
def at_film(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window in step mode, entered by key."""
    window.resize(1440, 900)
    window.activateWindow()
    window.canvas.view.setFocus()
    qtbot.waitUntil(window.canvas.view.hasFocus)
    qtbot.keyClick(window.canvas.view, Key.Key_F7)
    rest(window, qtbot)
    return window


def rest(window: MainWindow, qtbot: QtBot) -> None:
    run = window.session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.wait_idle(0))
    window.session.tick()
    QApplication.processEvents()


def film_of(window: MainWindow) -> Film:
    film = window.film.mode.film
    assert film is not None
    return film


def panel_of(window: MainWindow) -> FilmPanel:
    assert window.film.panel is not None
    return window.film.panel


def press(window: MainWindow, qtbot: QtBot, *keys: Qt.Key) -> None:
    for key in keys:
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, key)


def test_keys_lead_along_the_film_and_the_list_title_and_equation_follow(at_film: MainWindow, qtbot: QtBot) -> None:
    film, panel = film_of(at_film), panel_of(at_film)
    assert panel.phases.hasFocus()
    for keys, at in (
        ((Key.Key_Space,), 1), ((Key.Key_Right, Key.Key_Space), 3), ((Key.Key_Left,), 2), ((Key.Key_End,), 14),
        ((Key.Key_Home,), 0), ((Key.Key_Left,), 0), ((Key.Key_Down,), 1),
    ):  # fmt: skip
        press(at_film, qtbot, *keys)
        assert film.at == at
        phase = film.phase
        assert panel.title.text() == phase.title
        assert panel.equation.equations == (phase.equation,)
        current = panel.phases.currentItem()
        assert current is not None
        assert current.text() == phase.short
    assert at_film.session.run is not None
    assert at_film.session.run.updates == 0
    assert not at_film.session.is_training


def test_so_do_the_same_keys_on_the_canvas_and_escape_gives_space_back_to_play(
    at_film: MainWindow, qtbot: QtBot
) -> None:
    view = at_film.canvas.view
    view.setFocus()
    press(at_film, qtbot, Key.Key_Right, Key.Key_Space, Key.Key_Left)
    assert film_of(at_film).at == 1
    assert at_film.canvas.selected_layer == -1
    press(at_film, qtbot, Key.Key_Escape)
    assert not at_film.film.mode.is_on
    assert not at_film.train.film.isChecked()
    assert view.overlay is None
    press(at_film, qtbot, Key.Key_Right)
    assert at_film.canvas.selected_layer == 0
    press(at_film, qtbot, Key.Key_Space)
    assert at_film.session.is_training


def test_space_at_the_last_phase_makes_the_update_and_goes_on_with_the_next_step(
    at_film: MainWindow, qtbot: QtBot
) -> None:
    before = film_of(at_film)
    press(at_film, qtbot, Key.Key_End)
    panel = panel_of(at_film)
    assert panel.next.text() == "Make this update"
    assert "make this update" in at_film.film.stage.legend.accessibleDescription()  # type: ignore[union-attr]
    press(at_film, qtbot, Key.Key_Space)
    rest(at_film, qtbot)
    after = film_of(at_film)
    assert after is not before
    assert (after.start.updates, after.at, panel.next.text()) == (1, 0, "Next phase")
    assert before.end is not None
    assert (after.start.state.parameters == before.end.state.parameters).all()


def test_buttons_do_what_the_keys_do(at_film: MainWindow, qtbot: QtBot) -> None:
    film, panel = film_of(at_film), panel_of(at_film)
    for button, at in ((panel.next, 1), (panel.next, 2), (panel.back, 1), (panel.last, 14), (panel.first, 0)):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert film.at == at
    assert panel.phases.hasFocus()
    row = panel.phases.visualItemRect(panel.phases.findItems("h1: a", Qt.MatchFlag.MatchExactly)[0])
    qtbot.mouseClick(panel.phases.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    assert film.phase.short == "h1: a"


def test_the_panel_stands_before_the_inspector_and_goes_with_the_mode(at_film: MainWindow, qtbot: QtBot) -> None:
    inspector, dock = at_film.docks["Inspector"], at_film.film.dock
    assert dock is not None
    assert dock.isVisible()
    assert inspector.visibleRegion().isEmpty()
    dock.close()
    QApplication.processEvents()
    assert not at_film.film.mode.is_on
    assert dock.isHidden()
    assert not inspector.visibleRegion().isEmpty()
    at_film.train.film.trigger()
    rest(at_film, qtbot)
    assert dock.isVisible()
    assert film_of(at_film).at == 0


def test_numbers_on_the_canvas_never_stand_over_each_other(at_film: MainWindow) -> None:
    mode, overlay = at_film.film.mode, at_film.film.stage.overlay
    assert overlay is not None
    for sample in (0, None):
        mode.look_at(sample)
        for phase in range(len(film_of(at_film).phases)):
            mode.go_to(phase)
            overlay.sweep = 1.0
            at_film.canvas.view.grab()
            places = [label.place for label in overlay.labels]
            assert len(places) >= 2
            assert not any(one.intersects(other) for one, other in combinations(places, 2))
            window = at_film.canvas.view.rect()
            assert all(window.contains(place.toAlignedRect()) for place in places)


def test_every_neuron_and_the_edges_of_the_phase_have_their_numbers(at_film: MainWindow, qtbot: QtBot) -> None:
    mode, overlay = at_film.film.mode, at_film.film.stage.overlay
    assert overlay is not None
    mode.go_to(next(number for number, phase in enumerate(film_of(at_film).phases) if phase.short == "h2: z"))
    qtbot.waitUntil(lambda: not at_film.film.stage.is_moving)
    at_film.canvas.view.grab()
    told = {label.text for label in overlay.labels}
    scene = mode.scene
    assert scene is not None
    neurons = {signed(float(value)) for seen in scene.columns.values() for value in seen.values}
    edges = {signed(float(value)) for value in scene.edges[1].values.ravel()}
    assert neurons <= told
    assert len(edges & told) >= 6
    assert overlay.tip(Hit(Kind.NEURON, 1, 0)).startswith("h2, neuron 1\nz = ")
    assert overlay.tip(Hit(Kind.GAP, 1, 1, 2)).startswith("h1, neuron 3 → h2, neuron 2\nw = ")
    assert overlay.tip(Hit(Kind.NEURON, 2, 0)).endswith("not computed yet")


def test_edges_light_up_in_the_direction_in_which_the_phase_goes(at_film: MainWindow) -> None:
    mode, overlay, view = at_film.film.mode, at_film.film.stage.overlay, at_film.canvas.view
    assert overlay is not None
    shorts = [phase.short for phase in film_of(at_film).phases]
    for short, begins_left in (("h2: z", True), ("h2: ∂C/∂W", False)):
        mode.go_to(shorts.index(short))
        overlay.sweep = 0.0
        none = view.grab().toImage()
        overlay.sweep = 0.5
        half = view.grab().toImage()
        changed = [
            x for x in range(none.width()) for y in range(0, none.height(), 3) if none.pixel(x, y) != half.pixel(x, y)
        ]
        columns = [view.camera.transform.map(QPointF(c.x, 0)).x() for c in view._painter.arrangement.columns]  # type: ignore[union-attr]
        middle = 0.5 * (columns[1] + columns[2])
        assert len(changed) > 20
        assert all((x < middle) == begins_left for x in changed if abs(x - middle) > HALF_A_NUMBER)


def test_the_samples_of_the_batch_are_ringed_while_the_mode_is_on(at_film: MainWindow) -> None:
    film, surface = film_of(at_film), at_film.canvas.surface
    points = at_film.session.problem.split.train_points
    assert points is not None
    rings = surface._rings
    assert rings is not None
    assert (rings.points == points[film.take.samples]).all()
    assert rings.chosen == 0
    panel_of(at_film).sample.setValue(0)
    assert surface._rings is not None
    assert surface._rings.chosen is None
    assert "means" in panel_of(at_film).told.text() or "mean" in panel_of(at_film).told.text()
    at_film.film.mode.leave()
    assert surface._rings is None


def test_a_click_on_a_sample_of_the_batch_looks_at_that_one(at_film: MainWindow, qtbot: QtBot) -> None:
    film, surface = film_of(at_film), at_film.canvas.surface
    points = at_film.session.problem.split.train_points
    assert points is not None
    for place in (4, 7):
        x, y = place_of(points[film.take.samples[place]][None, :], surface.frame())[0].tolist()
        qtbot.mouseClick(surface, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        assert at_film.film.mode.sample == place
        assert panel_of(at_film).sample.value() == place + 1
    panel_of(at_film).sample.setValue(3)
    assert Focus.of(at_film.session).sample == film.take.samples[2]


def test_what_the_space_key_does_is_said_below_the_network(at_film: MainWindow) -> None:
    legend = at_film.film.stage.legend
    assert legend is not None
    assert legend.isVisible()
    assert not at_film.canvas.legend.isVisible()
    assert "Space or →: next phase" in legend.accessibleDescription()
    at_film.film.mode.leave()
    assert at_film.canvas.legend.isVisible()
    assert not legend.isVisible()


def test_the_status_line_says_so_too_until_the_mode_is_left(at_film: MainWindow) -> None:
    assert "Space or → goes on" in at_film.statusBar().currentMessage()
    at_film.film.mode.leave()
    assert at_film.statusBar().currentMessage() == ""


def test_another_document_and_an_earlier_update_end_the_mode(at_film: MainWindow, qtbot: QtBot) -> None:
    at_film.documents.open_example("iris")
    assert not at_film.film.mode.is_on
    assert at_film.canvas.view.overlay is None
    at_film.session.step(5)
    rest(at_film, qtbot)
    at_film.train.film.trigger()
    rest(at_film, qtbot)
    assert film_of(at_film).start.updates == 5
    at_film.travel.machine.go_to(2)
    qtbot.waitUntil(lambda: at_film.session.past is not None)
    assert not at_film.film.mode.is_on
    at_film.train.film.trigger()
    rest(at_film, qtbot)
    assert film_of(at_film).start.updates == 5
    assert at_film.session.past is None


def test_a_window_that_is_closed_leaves_the_mode_before_it_keeps_its_layout(at_film: MainWindow) -> None:
    dock = at_film.film.dock
    assert dock is not None
    at_film.leave()
    assert not at_film.film.mode.is_on
    assert dock.isHidden()


def test_normalization_dropout_and_skips_are_drawn(window: MainWindow, qtbot: QtBot) -> None:
    first = window.session.experiment
    layers = (
        Dense(5, Tanh(), normalization=BatchNorm("after"), dropout=0.3),
        Dense(5, ReLU(), normalization=LayerNorm(), skip=1),
        Dense(30, ReLU(), dropout=0.2, skip=0),
        Dense(1, Tanh()),
    )
    window.session.edit(replace(first, network=replace(first.network, layers=layers)), "Change layers")
    window.train.film.trigger()
    rest(window, qtbot)
    kinds = {phase.kind for phase in film_of(window).phases}
    assert kinds >= {"normalize", "drop", "skip"}
    for number in range(len(film_of(window).phases)):
        window.film.mode.go_to(number)
        window.canvas.view.grab()
        assert window.film.stage.overlay is not None
        assert window.film.stage.overlay.labels


@pytest.mark.parametrize("example", ["digits", "digits-conv", "deep-skips", "iris"])
def test_every_phase_of_other_networks_is_drawn_too(example: str, window: MainWindow, qtbot: QtBot) -> None:
    window.documents.open_example(example)
    training = window.session.experiment.training
    window.session.edit_training("Change batch size", batch_size=min(training.batch_size, 16))
    window.train.film.trigger()
    rest(window, qtbot)
    film = film_of(window)
    for number, phase in enumerate(film.phases):
        window.film.mode.go_to(number)
        assert window.film.stage.overlay is not None
        window.canvas.view.grab()
        assert panel_of(window).title.text() == phase.title


def test_every_control_of_the_panel_says_what_it_is(at_film: MainWindow) -> None:
    panel = panel_of(at_film)
    assert len(own_controls(panel)) >= 8
    assert silent(panel) == []


def test_a_batch_of_one_has_no_sample_to_choose(at_film: MainWindow, qtbot: QtBot) -> None:
    at_film.film.mode.leave()
    at_film.session.edit_training("Change batch size", batch_size=1)
    at_film.train.film.trigger()
    rest(at_film, qtbot)
    assert not panel_of(at_film).sample.isVisible()
    assert "the only one of this batch" in panel_of(at_film).told.text()


def test_the_sheet_of_keys_knows_the_films(window: MainWindow) -> None:
    rows = shortcuts(window.menus.all_menus(), window)
    assert ("Train", "Step through one update", "F7") in {(row.group, row.what, row.keys) for row in rows}
    assert sum(row.group == "While stepping through an update" for row in rows) == 4


def test_nothing_of_it_is_there_while_the_mode_is_off(window: MainWindow) -> None:
    assert window.film.panel is None
    assert window.film.stage.overlay is None
    assert window.canvas.view.overlay is None
    assert window.film.mode.scene is None

"""Training from the window: keys, buttons and the settings of the bar."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.engine import SGD, Adam, CrossEntropy, Dense, HalfSquaredError, Identity
from bplab.gui.main_window import MainWindow
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import NetworkDesign, load_experiment
from bplab.lab.run import RunState

KEY = Qt.Key


def trained(window: MainWindow, updates: int = 1) -> bool:
    run = window.session.run
    return run is not None and run.updates >= updates


def rest(window: MainWindow, qtbot: QtBot) -> None:
    """Pause and wait until the window knows."""
    window.session.pause()
    run = window.session.run
    assert run is not None
    qtbot.waitUntil(lambda: not window.session.is_training and window.session._shown_state is run.state)


def test_at_first_start_one_key_press_trains_the_circle(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.bar.play.hasFocus)
    assert window.session.experiment == load_experiment("circle")
    qtbot.keyClick(window.bar.play, KEY.Key_Space)
    qtbot.waitUntil(lambda: trained(window, 50))
    assert window.bar.play.text() == "Pause"
    qtbot.keyClick(window.bar.play, KEY.Key_Space)
    qtbot.waitUntil(lambda: window.bar.play.text() == "Play")
    assert not window.session.is_training


def test_space_plays_and_pauses_with_the_focus_on_the_network(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.view.setFocus()
    qtbot.keyClick(window.canvas.view, KEY.Key_Space)
    qtbot.waitUntil(lambda: trained(window))
    qtbot.keyClick(window.canvas.view, KEY.Key_Space)
    qtbot.waitUntil(lambda: not window.session.is_training)


def test_space_plays_and_pauses_in_a_floating_panel(window: MainWindow, qtbot: QtBot) -> None:
    dock = window.docks["Inspector"]
    dock.setFloating(True)
    qtbot.waitUntil(dock.isVisible)
    qtbot.keyClick(dock.content, KEY.Key_Space)
    qtbot.waitUntil(lambda: trained(window))
    qtbot.keyClick(dock, KEY.Key_Space)
    qtbot.waitUntil(lambda: not window.session.is_training)


def test_space_in_a_field_is_the_fields(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.bar.rate.field, KEY.Key_Space)
    assert window.session.run is None


def test_the_step_button_makes_one_update_and_its_menu_an_epoch(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.bar.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.bar.updates.text() == "1")
    window.bar.step.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: window.bar.updates.text() == "26")
    assert window.bar.epoch.text() == "1"


def test_reset_goes_back_to_the_first_weights(window: MainWindow, qtbot: QtBot) -> None:
    first = window.session.live.network.parameters.copy()
    qtbot.mouseClick(window.bar.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.live.updates == 1)
    assert (window.session.live.network.parameters != first).any()
    qtbot.mouseClick(window.bar.reset, Qt.MouseButton.LeftButton)
    assert (window.session.live.network.parameters == first).all()
    assert window.bar.updates.text() == "0"


def test_reset_with_a_new_seed_is_one_undo_step(window: MainWindow) -> None:
    first = window.session.live.network.parameters.copy()
    window.bar.reset.menu().actions()[1].trigger()
    assert (window.session.live.network.parameters != first).any()
    assert window.edits.undo.text() == "Undo New seed"
    window.edits.undo.trigger()
    assert (window.session.live.network.parameters == first).all()


def test_progress_and_counters_follow_the_run_to_its_planned_end(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("short", epochs=4)
    window.train.play.trigger()
    qtbot.waitUntil(lambda: window.bar.updates.text() == "100")
    qtbot.waitUntil(lambda: window.bar.play.text() == "Play")
    assert window.bar.epoch.text() == "4"
    assert window.bar.progress.share == 1.0
    assert "finished" in window.status.text.text()


def test_any_learning_rate_can_be_typed_and_counts_at_once_while_training(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("long", epochs=1_000_000)
    window.session.play()
    qtbot.waitUntil(lambda: trained(window))
    run = window.session.run
    field = window.bar.rate.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.0123")
    qtbot.keyClick(field, KEY.Key_Return)
    assert window.session.experiment.training.optimizer == SGD(0.0123)
    assert run is not None
    qtbot.waitUntil(lambda: [event.value for event in run.record.events] == [0.0123])
    assert window.session.run is run
    assert not window.session.edited_since_run
    assert window.edits.undo.text() == "Undo Change learning rate"


@pytest.mark.parametrize("action", ["play", "step", "step_epoch"])
def test_a_number_typed_but_not_entered_counts_for_what_is_trained_then(
    window: MainWindow, qtbot: QtBot, action: str
) -> None:
    window.activateWindow()
    field, box = window.bar.rate.field, window.bar.batch.controls()[0]
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    qtbot.keyClicks(field, "0.0123")
    getattr(window.train, action).trigger()
    assert window.session.run is not None
    assert window.session.run.experiment.training.optimizer == SGD(0.0123)
    rest(window, qtbot)
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    qtbot.keyClick(box, KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(box, "7")
    getattr(window.train, action).trigger()
    assert window.session.run.experiment.training.batch_size == 7


def test_a_usual_learning_rate_can_be_picked_from_the_list(window: MainWindow) -> None:
    box = window.bar.rate
    index = box.findText("0.3")
    box.setCurrentIndex(index)
    box.activated.emit(index)
    assert window.session.experiment.training.optimizer == SGD(0.3)
    assert box.field.text() == "0.3"


def test_a_learning_rate_that_cannot_be_used_is_refused_quietly(window: MainWindow, qtbot: QtBot) -> None:
    field = window.bar.rate.field
    field.selectAll()
    qtbot.keyClicks(field, "fast")
    qtbot.keyClick(field, KEY.Key_Return)
    assert field.text() == "0.03"
    assert window.notices.isVisible()
    assert window.notices.text.text().startswith("Learning rate: 'fast'")


def test_optimizer_loss_batch_and_epochs_are_edits_with_their_names(window: MainWindow, qtbot: QtBot) -> None:
    bar, plan = window.bar, lambda: window.session.experiment.training

    def pick(box: object, title: str) -> None:
        index = box.findText(title, Qt.MatchFlag.MatchFixedString)  # type: ignore[attr-defined]
        box.setCurrentIndex(index)  # type: ignore[attr-defined]
        box.activated.emit(index)  # type: ignore[attr-defined]

    pick(bar.optimizer.box, "Adam")
    assert isinstance(plan().optimizer, Adam)
    assert window.edits.undo.text() == "Undo Change optimizer"
    pick(bar.loss.box, "cross-entropy")
    assert plan().loss == CrossEntropy()
    qtbot.keyClick(bar.batch.controls()[0], KEY.Key_Up)
    assert plan().batch_size == 11
    qtbot.keyClick(bar.epochs.controls()[0], KEY.Key_Up)
    assert plan().epochs == 401
    for _ in range(4):
        window.edits.undo.trigger()
    assert (plan().optimizer, plan().loss, plan().batch_size) == (SGD(0.03), HalfSquaredError(), 10)
    assert window.edits.redo.text() == "Redo Change optimizer"
    assert not window.edits.undo.isEnabled()


def test_editing_while_training_marks_the_run_as_edited_since(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("long", epochs=1_000_000)
    window.session.play()
    qtbot.waitUntil(lambda: trained(window))
    assert not window.status.edited.isVisible()
    run = window.session.run
    qtbot.keyClick(window.bar.batch.controls()[0], KEY.Key_Up)
    assert window.status.edited.isVisible()
    assert window.session.run is run
    assert window.session.is_training
    window.edits.undo.trigger()
    assert not window.status.edited.isVisible()


def test_play_after_an_edit_begins_a_new_run(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.bar.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: trained(window))
    run = window.session.run
    rest(window, qtbot)
    window.canvas.select_layer(0)
    qtbot.keyClick(window.inspector.page.response.editor("units").controls()[0], KEY.Key_Up)
    qtbot.mouseClick(window.bar.step, Qt.MouseButton.LeftButton)
    assert window.session.run is not run
    qtbot.waitUntil(lambda: trained(window))
    assert window.session.run is not None
    assert window.session.run.experiment.network.layers[0].units == 5


def test_a_divergence_is_a_quiet_banner_that_offers_a_smaller_rate(window: MainWindow, qtbot: QtBot) -> None:
    linear = tuple(Dense(units, Identity()) for units in (8, 8, 1))
    window.session.edit(replace(window.session.experiment, network=NetworkDesign(linear)), "linear")
    window.bar.rate.rate_changed.emit(10.0)
    window.session.play()
    qtbot.waitUntil(lambda: window.notices.topic == "divergence")
    assert window.session.run is not None
    assert window.session.run.state is RunState.DIVERGED
    assert window.notices.text.text().startswith("Training diverged at step ")
    assert QApplication.activeModalWidget() is None
    button = window.notices._offers[0]
    assert button.text() == "Play with rate 1"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.experiment.training.optimizer == SGD(1.0)
    assert window.session.run.experiment.training.optimizer == SGD(1.0)


def test_the_offer_of_a_smaller_rate_goes_when_another_rate_is_set(window: MainWindow, qtbot: QtBot) -> None:
    linear = tuple(Dense(units, Identity()) for units in (8, 8, 1))
    window.session.edit(replace(window.session.experiment, network=NetworkDesign(linear)), "linear")
    window.bar.rate.rate_changed.emit(10.0)
    window.session.play()
    qtbot.waitUntil(lambda: window.notices.topic == "divergence")
    window.session.edit(replace(window.session.experiment, name="Linear"), "Change name")
    assert window.notices.topic == "divergence"
    window.bar.rate.rate_changed.emit(0.5)
    assert window.notices.topic == ""


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_nothing_of_the_bar_is_cut_off(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.resize(*size)
    right = window.bar.seed.mapTo(window, window.bar.seed.rect().topRight()).x()
    assert window.width() == size[0]
    assert right <= size[0]
    for control in (window.bar.epochs, window.bar.loss, window.bar.rate, window.bar.seed, window.bar.until):
        assert control.visibleRegion().boundingRect() == control.rect()


def test_the_time_left_never_makes_the_window_wider(window: MainWindow) -> None:
    window.resize(1280, 720)
    QApplication.processEvents()
    needed = window.minimumSizeHint().width()
    window.status.left.say("100 % · 59 min 50 s left")
    QApplication.processEvents()
    assert window.minimumSizeHint().width() == needed
    assert window.width() == 1280
    assert window.status.left.width() >= window.status.left.sizeHint().width()


def test_the_window_fits_1280_pixels_with_letters_of_13_points(session: Session, theme: Theme, qtbot: QtBot) -> None:
    usual = QApplication.font()
    large = QFont(usual)
    large.setPointSizeF(13.0)
    QApplication.setFont(large)
    try:
        made = MainWindow(session, theme)
        qtbot.addWidget(made, before_close_func=MainWindow.leave)
        made.show()
        assert made.minimumSizeHint().width() <= 1280
        made.leave()
    finally:
        QApplication.setFont(usual)


def test_a_series_of_arrow_keys_in_the_rate_is_one_undo_step(window: MainWindow, qtbot: QtBot) -> None:
    session, field = window.session, window.bar.rate.field
    first = session.experiment.training.optimizer

    def nudge(times: int) -> None:
        for _ in range(times):
            qtbot.keyClick(field, Qt.Key.Key_Up)

    nudge(6)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    between = session.experiment.training.optimizer
    nudge(3)
    assert between not in (first, session.experiment.training.optimizer)
    session.undo()
    assert session.experiment.training.optimizer == between
    session.undo()
    assert session.experiment.training.optimizer == first

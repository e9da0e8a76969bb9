"""The palette: kinds of layers dragged into the network, clicked, refused, and the strip put away."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from bplab.engine import Conv2D, Dense, MaxPool
from bplab.engine.normalizations import BatchNorm
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.layer_parts import PARTS
from bplab.gui.canvas.palette import KindButton, Taken
from bplab.gui.main_window import MainWindow
from bplab.gui.preferences import Preferences
from bplab.lab.editing import add_layer
from bplab.lab.experiment import Experiment, load_experiment
from tests.gui.canvas.driving import gap_at, header_of

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


def button(canvas: NetworkCanvas, kind: Taken) -> KindButton:
    strip = canvas.palette_strip
    return next(button for button in (*strip.buttons, *strip.part_buttons) if button.kind is kind)


def carry(canvas: NetworkCanvas, kind: Taken, place: QPoint) -> QPoint:
    """Drag a kind to a place of the view and keep the button down; the place as the palette's button sees it."""
    source = button(canvas, kind)
    start = source.rect().center()
    QTest.mousePress(source, LEFT, Qt.KeyboardModifier.NoModifier, start)
    there = source.mapFromGlobal(canvas.view.mapToGlobal(place))
    for stop in (start + QPoint(0, 20), there):
        QTest.mouseMove(source, stop)
    return there


def drop(canvas: NetworkCanvas, kind: Taken, place: QPoint) -> None:
    there = carry(canvas, kind, place)
    QTest.mouseRelease(button(canvas, kind), LEFT, Qt.KeyboardModifier.NoModifier, there)


def test_a_kind_dropped_between_two_layers_is_put_there_in_one_step(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    before = canvas._session.experiment
    drop(canvas, Dense, gap_at(canvas, 1))
    assert canvas._session.experiment == add_layer(before, 1, Dense)
    assert canvas._session.history.undo_label == "Add dense layer after h1"
    assert canvas.selected_layer == 1


def test_a_gap_that_cannot_take_a_kind_says_why(show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    before = canvas._session.experiment
    last = len(before.network.layers) - 1
    there = carry(canvas, MaxPool, gap_at(canvas, last))
    assert canvas.view.gesture is not None
    text, possible = canvas.view.gesture.says
    assert text
    assert not possible
    QTest.mouseRelease(button(canvas, MaxPool), LEFT, Qt.KeyboardModifier.NoModifier, there)
    assert canvas._session.experiment == before


def test_a_kind_dropped_outside_of_the_network_or_given_up_with_escape_is_not_added(make: Make, show: Show) -> None:
    canvas = show(make(4))
    drop(canvas, Dense, QPoint(-40, 30))
    there = carry(canvas, Dense, gap_at(canvas, 1))
    QTest.keyClick(canvas.view, KEY.Key_Escape)
    QTest.mouseRelease(button(canvas, Dense), LEFT, Qt.KeyboardModifier.NoModifier, there)
    assert canvas._session.history.undo_label is None


def test_a_click_or_enter_adds_a_kind_behind_the_selected_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3))
    canvas.select_layer(0)
    qtbot.mouseClick(button(canvas, Dense), LEFT)
    assert canvas._session.history.undo_label == "Add dense layer after h1"
    qtbot.keyClick(button(canvas, Dense), KEY.Key_Return)
    assert canvas._session.history.undo_label == "Add dense layer after h2"


def test_kinds_without_a_place_in_this_network_are_greyed_and_say_why(make: Make, show: Show) -> None:
    canvas = show(make(4))
    assert button(canvas, Dense).isEnabled()
    for kind in (Conv2D, MaxPool):
        assert not button(canvas, kind).isEnabled()
        assert button(canvas, kind).toolTip()
    canvas._session.open(load_experiment("digits-conv"))
    assert button(canvas, Conv2D).isEnabled()
    assert button(canvas, MaxPool).isEnabled()


def test_the_strip_can_be_put_away(make: Make, show: Show) -> None:
    canvas = show(make(4))
    canvas.palette_strip.action.trigger()
    assert not canvas.palette_strip.isVisible()
    canvas.palette_strip.action.trigger()
    assert canvas.palette_strip.isVisible()


def test_whether_the_strip_is_shown_is_remembered(window: MainWindow) -> None:
    assert window.canvas.palette_strip.isVisible()
    window.canvas.palette_strip.action.trigger()
    assert not window.canvas.palette_strip.isVisible()
    assert not Preferences().shows_palette


def test_normalization_and_dropout_are_dropped_onto_a_layer_each_in_one_step(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    norm, dropout = PARTS
    drop(canvas, norm, header_of(canvas, 1))
    assert canvas._session.history.undo_label == "Add normalization to h2"
    drop(canvas, dropout, header_of(canvas, 0))
    assert canvas._session.history.undo_label == "Add dropout to h1"
    layers = canvas._session.experiment.network.layers
    assert (layers[0].dropout, layers[0].normalization) == (0.2, None)
    assert (layers[1].dropout, layers[1].normalization) == (0.0, BatchNorm())


def test_a_layer_that_cannot_have_a_part_is_greyed_and_says_why(show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    dropout = PARTS[1]
    there = carry(canvas, dropout, header_of(canvas, 0))
    gesture = canvas.view.gesture
    assert gesture is not None
    assert gesture.says == ("h1 is convolution: it can have no dropout.", False)
    QTest.mouseRelease(button(canvas, dropout), LEFT, Qt.KeyboardModifier.NoModifier, there)
    assert canvas._session.history.undo_label is None


def test_a_click_gives_a_part_to_the_selected_layer_or_says_what_to_do(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4))
    dropout = PARTS[1]
    with qtbot.waitSignal(canvas._session.refused) as refused:
        qtbot.mouseClick(button(canvas, dropout), LEFT)
    assert refused.args == ["Select a layer first, or drag dropout onto one."]
    for layer in (0, 1):
        canvas.select_layer(layer)
        qtbot.mouseClick(button(canvas, dropout), LEFT)
    assert [layer.dropout for layer in canvas._session.experiment.network.layers] == [0.2, 0.2]
    assert not button(canvas, dropout).isEnabled()
    assert "Every layer that can have dropout has it." in button(canvas, dropout).toolTip()


def test_in_a_narrow_strip_what_cannot_be_taken_is_the_first_to_go(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    strip = canvas.palette_strip
    everything = [*strip.buttons, *strip.part_buttons]
    strip.resize(1200, strip.height())
    assert all(not one.isHidden() for one in everything)
    assert any(not one.isEnabled() for one in everything)
    strip.resize(400, strip.height())
    left = [one for one in everything if not one.isHidden()]
    assert left == [one for one in everything if one.isEnabled()][: len(left)]
    assert strip.minimumSizeHint().width() == 0
    strip.resize(1200, strip.height())
    assert all(not one.isHidden() for one in everything)

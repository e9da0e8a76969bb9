"""The canvas: what is drawn when, and how the view of it is moved."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.data import Csv, Digits, Iris
from bplab.engine import CrossEntropy, Dense, ReLU, Softmax
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.figures import Figures
from bplab.gui.canvas.network_painter import NetworkPainter
from bplab.lab.experiment import Experiment, TrainingPlan
from tests.gui.canvas.driving import arrangement, neuron_at, picture, point_at, train

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
LEFT = Qt.MouseButton.LeftButton


# -- drawing --------------------------------------------------------------------------------------------


def test_first_weights_are_drawn_before_any_run(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    image = canvas.view.grab().toImage()
    node = arrangement(canvas).column(0).node(0).center().toPoint()
    ground = image.pixelColor(2, 2)
    assert ground.name() == "#ffffff"
    assert image.pixelColor(node) != ground


def test_training_changes_the_picture_and_nothing_else_does(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    before = picture(canvas)
    canvas._session.ticked.emit()
    assert picture(canvas) == before
    train(canvas, 30)
    assert picture(canvas) != before
    assert canvas._shown_updates == 30


def test_reset_brings_the_first_picture_back(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    before = picture(canvas)
    train(canvas, 30)
    canvas._session.reset()
    assert picture(canvas) == before


def test_nothing_is_measured_or_drawn_while_the_canvas_is_hidden(
    make: Make, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = show(make(4, 2))
    before = picture(canvas)
    done: list[str] = []
    canvas.hide()
    monkeypatch.setattr(Figures, "measure", lambda *_: done.append("measured"))
    monkeypatch.setattr(NetworkPainter, "draw_edges", lambda *_: done.append("drawn"))
    train(canvas, 30)
    assert done == []
    monkeypatch.undo()
    canvas.show()
    assert canvas._shown_updates == 30
    assert picture(canvas) != before


def test_the_theme_is_followed_live(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    canvas._theme.set_dark(True)
    dark = canvas.grab().toImage()
    assert dark.pixelColor(2, 2).name() == canvas._theme.colours.ground == "#16181c"
    assert dark.pixelColor(canvas.surface.mapTo(canvas, QPoint(2, 2))).name() == "#16181c"
    canvas._theme.set_dark(False)
    assert canvas.grab().toImage().pixelColor(2, 2).name() == "#ffffff"


def test_pointing_at_a_neuron_lets_its_weights_stand_out(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    point_at(canvas, qtbot, neuron_at(canvas, 1, 0))
    assert canvas.view.marks.neuron == (1, 0)
    point_at(canvas, qtbot, arrangement(canvas).columns[0].node(1).center().toPoint())
    assert canvas.view.marks.neuron == (-1, 1)


@pytest.mark.parametrize("size", [(700, 400), (1600, 900)])
def test_pictures_and_folded_layers_are_drawn(make: Make, show: Show, qtbot: QtBot, size: tuple[int, int]) -> None:
    canvas = show(
        make(
            64, 32, data=Digits(), activation=ReLU(), output=Dense(10, Softmax()), training=TrainingPlan(CrossEntropy())
        )
    )
    canvas.resize(*size)
    train(canvas, 3)
    block = arrangement(canvas).column(0)
    assert block.folded
    assert not canvas.surface.isVisible()
    qtbot.mouseClick(canvas.view, LEFT, pos=QPointF(block.x, block.ys[40]).toPoint())
    assert (canvas._layer, canvas._neuron) == (0, 40)
    assert canvas.legend.accessibleDescription().endswith("strongest 800 weights per pair.")


def test_the_surface_comes_and_goes_with_data_in_the_plane(make: Make, show: Show) -> None:
    canvas = show(make(4))
    assert canvas.surface.isVisible()
    canvas._session.open(make(4, data=Iris(), output=Dense(3, Softmax())))
    assert not canvas.surface.isVisible()
    canvas._session.open(make(4))
    assert canvas.surface.isVisible()


def test_data_that_cannot_be_read_is_named_instead_of_drawn(make: Make, show: Show) -> None:
    canvas = show(make(4))
    lost = replace(make(4), data=Csv(path="nowhere/lost.csv"))
    canvas._session.open(lost)
    assert "lost.csv: there is no such file" in canvas.view._message
    assert not canvas.legend.isVisible()
    canvas._session.open(make(4))
    assert canvas.view._message == ""
    assert canvas.legend.isVisible()


# -- zoom and pan ---------------------------------------------------------------------------------------


def wheel(canvas: NetworkCanvas, place: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.view.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.view, event)


def test_the_wheel_zooms_about_the_mouse_and_a_double_click_fits_again(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    place = neuron_at(canvas, 0, 0)
    wheel(canvas, place, 5)
    assert canvas.view.camera.scale > 2.0
    assert canvas.view.hit(QPointF(place)).neuron == 0
    qtbot.mouseClick(canvas.view, LEFT, pos=place)
    assert (canvas._layer, canvas._neuron) == (0, 0)
    canvas.fit_action.trigger()
    assert canvas.view.camera.scale == 1.0
    wheel(canvas, QPoint(5, 5), 5)
    qtbot.mouseDClick(canvas.view, LEFT, pos=QPoint(5, 5))
    assert canvas.view.camera.scale == 1.0


def test_dragging_a_zoomed_drawing_moves_it_and_selects_nothing(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    wheel(canvas, QPoint(300, 200), 6)
    before = canvas.view.camera.offset
    qtbot.mousePress(canvas.view, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas.view, QPoint(250, 190))
    qtbot.mouseMove(canvas.view, QPoint(200, 180))
    qtbot.mouseRelease(canvas.view, LEFT, pos=QPoint(200, 180))
    moved = canvas.view.camera.offset - before
    assert (moved.x(), moved.y()) == (100.0, 20.0)
    assert canvas.selected_layer == -1


def test_selecting_a_layer_beyond_the_window_brings_it_into_view(make: Make, show: Show) -> None:
    canvas = show(make(*[3] * 30))
    canvas.select_layer(29)
    seen = canvas.view.camera.transform.map(QPointF(arrangement(canvas).column(29).x, 0.0)).x()
    assert 0 < seen < canvas.view.width()
    assert "31 layers: ← → to see all" in canvas.legend.accessibleDescription()


def test_the_legend_says_after_a_resize_what_holds_now(make: Make, show: Show) -> None:
    canvas = show(make(*[3] * 12))
    assert "layers:" not in canvas.legend.accessibleDescription()
    canvas.resize(700, 560)
    QApplication.processEvents()
    assert "13 layers: ← → to see all" in canvas.legend.accessibleDescription()
    canvas.resize(1200, 560)
    QApplication.processEvents()
    assert "layers:" not in canvas.legend.accessibleDescription()


@pytest.mark.parametrize(("hidden", "width"), [(6, 684), (9, 844)])
def test_a_deep_network_takes_room_from_the_surface_before_it_leaves_the_window(
    make: Make, show: Show, hidden: int, width: int
) -> None:
    canvas = show(make(*[6] * hidden))
    canvas.resize(width, 353)
    QApplication.processEvents()
    assert canvas.view.camera.hidden == (False, False)
    assert arrangement(canvas).column(hidden).header.right() <= canvas.view.width()
    assert canvas.surface.width() >= 200


def test_a_neuron_that_is_gone_is_not_pointed_at_any_more(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(6, 4))
    point_at(canvas, qtbot, neuron_at(canvas, 0, 5))
    canvas._session.open(make(2, 4))
    canvas._refresh()
    assert canvas.view.marks.neuron[1] < 2
    assert not canvas.grab().isNull()

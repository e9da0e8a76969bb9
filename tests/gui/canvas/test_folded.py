"""Folded layers: strips from afar, single neurons from near, whatever is seen of them in the window."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF

from bplab.data import Circle, Digits
from bplab.engine import CrossEntropy, Dense, ReLU, Softmax
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.colouring import ColourBy
from bplab.gui.canvas.figures import LayerFigures
from bplab.gui.canvas.folded import FoldedPainter, part_of, rows_seen
from bplab.lab.experiment import Experiment, TrainingPlan
from tests.gui.canvas.driving import CTRL, arrangement, picture, train, turn_wheel

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]


def folded(canvas: NetworkCanvas, layer: int) -> FoldedPainter:
    assert canvas._painter is not None
    found = canvas._painter._layers[layer]
    assert isinstance(found, FoldedPainter)
    return found


def zoom_into(canvas: NetworkCanvas, layer: int, notches: int) -> None:
    body = arrangement(canvas).column(layer).body
    turn_wheel(canvas, body.center().toPoint(), 120 * notches, CTRL)


def test_rows_of_a_block_are_seen_as_far_as_the_window_reaches() -> None:
    window = QRectF(0, 0, 100, 200)
    assert rows_seen(QRectF(10, 50, 20, 100), 10, window) == slice(0, 10)
    assert rows_seen(QRectF(10, -55, 20, 100), 10, window) == slice(5, 10)
    assert rows_seen(QRectF(10, 100, 20, 1000), 10, window) == slice(0, 1)
    seen = rows_seen(QRectF(10, 300, 20, 100), 10, window)
    assert seen.start >= seen.stop


def test_zooming_in_unfolds_a_layer_into_its_neurons(make: Make, show: Show) -> None:
    canvas = show(make(64))
    picture(canvas)
    assert folded(canvas, 0)._taken == slice(0, 0)
    zoom_into(canvas, 0, 8)
    picture(canvas)
    seen = folded(canvas, 0)._taken
    assert 0 < seen.start < 32 < seen.stop < 64
    canvas.fit_action.trigger()
    train(canvas, 2)
    picture(canvas)
    assert folded(canvas, 0)._taken == slice(0, 0)


def test_the_512_neurons_of_a_layer_can_be_told_apart(show: Show, make: Make) -> None:
    training = TrainingPlan(CrossEntropy())
    canvas = show(make(512, data=Digits(), activation=ReLU(), output=Dense(10, Softmax()), training=training))
    zoom_into(canvas, 0, 20)
    picture(canvas)
    seen = folded(canvas, 0)._taken
    assert 0 < seen.stop - seen.start < 64


@pytest.mark.parametrize("by", ColourBy)
def test_single_neurons_follow_training_in_every_colouring(make: Make, show: Show, by: ColourBy) -> None:
    canvas = show(make(40, data=Circle(samples=60), activation=ReLU()))
    canvas.colour_box.choose(by)
    zoom_into(canvas, 0, 6)
    before = picture(canvas)
    train(canvas, 200)
    assert picture(canvas) != before


def test_a_neuron_is_found_where_it_is_drawn_from_near(make: Make, show: Show) -> None:
    canvas = show(make(64))
    zoom_into(canvas, 0, 8)
    column = arrangement(canvas).column(0)
    there = canvas.view.camera.transform.map(QRectF(column.x, float(column.ys[30]), 0, 0).topLeft())
    assert canvas.view.hit(there).neuron == 30
    assert canvas.view.rect().contains(QPoint(round(there.x()), round(there.y())))


def test_a_part_of_the_figures_keeps_the_layers_scales() -> None:
    values = np.arange(4.0)
    figures = LayerFigures(values, 3.0, values / 4, values > 2, None, shade=values, shade_limit=5.0)
    part = part_of(figures, slice(1, 3))
    assert part.means.tolist() == [1.0, 2.0]
    assert part.dead.tolist() == [False, False]
    assert (part.limit, part.shade_limit, part.maps) == (3.0, 5.0, None)

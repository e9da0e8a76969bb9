"""The panel at a neuron: how z and a are spread over the probe samples, and where the neuron is saturated."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.engine import Dense, ReLU, Tanh
from bplab.engine.normalizations import LayerNorm
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.neuron_panel import BINS, Spread, spread_of, spreads, stretches
from bplab.lab.experiment import Experiment, load_experiment
from tests.gui.canvas.driving import neuron_at, point_at, train

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]


def rest_at(canvas: NetworkCanvas, place: QPoint) -> None:
    QApplication.sendEvent(canvas.view, QHelpEvent(QHelpEvent.Type.ToolTip, place, canvas.view.mapToGlobal(place)))


def of(canvas: NetworkCanvas, layer: int, neuron: int) -> list[Spread]:
    assert canvas._figures is not None
    return spreads(canvas._figures, layer, neuron)


def test_every_probe_sample_is_in_each_histogram(make: Make, show: Show) -> None:
    canvas = show(make(4))
    z, a = of(canvas, 0, 1)
    live = canvas._session.live
    assert z.counts.sum() == a.counts.sum() == live.probe_samples
    np.testing.assert_allclose([z.low, z.high], [live.arguments(0)[1].min(), live.arguments(0)[1].max()])
    assert (z.title, a.title) == ("z", "a")


def test_the_stretches_of_saturation_hold_the_samples_that_are_saturated(make: Make, show: Show) -> None:
    canvas = show(make(4, activation=ReLU()))
    z = of(canvas, 0, 1)[0]
    assert z.low < 0 < z.high
    ((begin, end),) = z.saturated
    assert begin == z.low
    assert abs(end) <= (z.high - z.low) / 100


def test_a_normalized_z_is_named_so(make: Make, show: Show) -> None:
    experiment = make(4, output=Dense(1, Tanh(), normalization=LayerNorm()))
    assert of(show(experiment), 1, 0)[0].title == "z, normalized"


def test_a_layer_that_passes_on_what_it_finds_has_no_histograms(show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    layers = canvas._session.experiment.network.layers
    pool = next(number for number, layer in enumerate(layers) if "activation" not in layer.__struct_fields__)
    assert of(canvas, pool, 0) == []


def test_what_is_not_finite_or_all_alike_has_a_histogram_too() -> None:
    assert spread_of("z", np.array([np.nan, np.inf])).counts.sum() == 0
    alike = spread_of("z", np.full(5, 3.0))
    assert alike.low < 3.0 < alike.high
    assert alike.counts.sum() == 5
    assert len(alike.counts) == BINS


def test_stretches_are_where_a_mask_holds() -> None:
    grid = np.linspace(0, 4, 5)
    assert stretches(grid, np.array([True, True, False, False, True])) == [(0.0, 1.0), (4.0, 4.0)]
    assert stretches(grid, np.zeros(5, bool)) == []


def test_the_panel_opens_where_the_mouse_rests_and_goes_with_it(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4))
    point_at(canvas, qtbot, neuron_at(canvas, 0, 1))
    rest_at(canvas, neuron_at(canvas, 0, 1))
    assert canvas.neuron_panel.isVisible()
    assert canvas.neuron_panel.accessibleDescription().startswith("h1, neuron 2 of 4")
    assert not canvas.neuron_panel.grab().toImage().isNull()
    point_at(canvas, qtbot, neuron_at(canvas, 0, 2))
    assert not canvas.neuron_panel.isVisible()


def test_the_panel_follows_training(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4))
    train(canvas, 1)
    rest_at(canvas, neuron_at(canvas, 0, 1))
    before = canvas.neuron_panel.accessibleDescription()
    train(canvas, 50)
    assert canvas.neuron_panel.isVisible()
    qtbot.waitUntil(lambda: canvas.neuron_panel._pace.due())
    train(canvas, 50)
    assert canvas.neuron_panel.accessibleDescription() != before

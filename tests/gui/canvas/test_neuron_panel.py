"""The panel at a neuron: how z and a are spread over the probe samples, and where the neuron is saturated."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.engine import Dense, ReLU, Tanh
from bplab.engine.normalizations import LayerNorm
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.arrangement import Hit, Kind
from bplab.gui.canvas.look import Look
from bplab.gui.canvas.neuron_panel import BINS, Spread, spread_of, spreads, stretches
from bplab.gui.canvas.neuron_picture import NeuronPicture, picture_of
from bplab.gui.theme import Theme
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


def test_answers_are_saturated_where_their_z_is(make: Make, show: Show) -> None:
    canvas = show(make(4))
    canvas._session.live.network.weights[0][...] *= 8.0
    canvas._session.live._reading = None
    z, a = of(canvas, 0, 1)
    assert len(z.saturated) == len(a.saturated) == 2
    np.testing.assert_allclose(a.saturated[0][1], np.tanh(z.saturated[0][1]))
    assert (a.saturated[0][0], a.saturated[1][1]) == (a.low, a.high)


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


def pictured(canvas: NetworkCanvas, layer: int, neuron: int) -> NeuronPicture | None:
    assert canvas._figures is not None
    return picture_of(canvas._figures, layer, neuron)


def test_a_neuron_in_the_plane_has_its_decision_map(make: Make, show: Show) -> None:
    canvas = show(make(4))
    picture = pictured(canvas, 0, 2)
    assert picture is not None
    assert canvas._figures is not None
    maps = canvas._figures.layers[0].maps
    assert maps is not None
    np.testing.assert_array_equal(picture.values.ravel(), maps[2])
    assert picture.words == "a over the plane, ±1"


def test_a_neuron_that_pixels_enter_has_its_weights_as_an_image(show: Show) -> None:
    canvas = show(load_experiment("digits"))
    picture = pictured(canvas, 0, 5)
    assert picture is not None
    np.testing.assert_array_equal(picture.values, canvas._session.live.network.weights[0][:, 5].reshape(8, 8))
    assert picture.words.startswith("its weights, ±")
    assert picture.limit >= abs(picture.values).max()


def test_a_pixel_of_a_map_has_the_weights_of_its_filter(show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    picture = pictured(canvas, 0, 3 * 64 + 10)
    assert picture is not None
    np.testing.assert_array_equal(picture.values, canvas._session.live.network.weights[0][:, 3].reshape(3, 3))


def test_a_deep_neuron_of_a_network_of_images_shows_what_it_answers_to_most(show: Show) -> None:
    canvas = show(load_experiment("digits"))
    live, picture = canvas._session.live, pictured(canvas, 1, 7)
    assert picture is not None
    strongest = np.argsort(live.activations(1)[7], kind="stable")[-10:]
    mean = live.problem.probe_inputs[strongest].mean(axis=0).reshape(8, 8)
    np.testing.assert_allclose(picture.values, mean - mean.min())
    assert picture.words == "mean of the 10 samples with the largest a"


def test_columns_of_a_table_make_no_picture(show: Show) -> None:
    assert pictured(show(load_experiment("iris")), 0, 0) is None


@pytest.mark.parametrize(("name", "layer", "neuron"), [("circle", 0, 1), ("digits", 0, 5), ("digits-conv", 0, 200)])
def test_the_panel_shows_the_picture_in_both_themes(
    show: Show, theme: Theme, name: str, layer: int, neuron: int
) -> None:
    canvas = show(load_experiment(name))
    assert canvas._figures is not None
    canvas.neuron_panel.show_neuron(canvas._figures, Hit(Kind.NEURON, layer, neuron), QPoint(100, 100))
    light = canvas.neuron_panel.grab().toImage()
    picture = pictured(canvas, layer, neuron)
    assert picture is not None
    theme.set_dark(True)
    assert canvas.neuron_panel.grab().toImage() != light
    assert picture.pixels(Look(theme, canvas.font(), 1)).shape == picture.values.shape
    canvas.neuron_panel.hide()

"""What colours stand for: the numbers behind them against the network's own gradients, and the switch that chooses."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from bplab.engine import Dense, ReLU
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.colouring import Changes, ColourBy, Shades, shades_of
from bplab.gui.canvas.legend import shortest
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.live import LiveView
from tests.gui.canvas.driving import neuron_at, picture, train

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
OTHERS = [by for by in ColourBy if by is not ColourBy.WEIGHT]


def shades(live: LiveView, by: ColourBy, changes: Changes | None = None) -> Shades:
    found = shades_of(live, by, changes or Changes(live))
    assert found is not None
    return found


def test_gradients_are_those_of_back_propagation(make: Make) -> None:
    live = LiveView(make(4, 3))
    passed = live.network.backprop(live.problem.probe_inputs, live.problem.probe_targets)
    found = shades(live, ColourBy.GRADIENT)
    for layer in range(3):
        np.testing.assert_allclose(found.edges[layer], passed.weight_gradients[layer], atol=1e-15)
        np.testing.assert_allclose(found.neurons[layer], passed.bias_gradients[layer], atol=1e-15)


def test_gradients_of_maps_are_those_of_their_channels_bias() -> None:
    live = LiveView(load_experiment("digits-conv"))
    passed = live.network.backprop(live.problem.probe_inputs, live.problem.probe_targets)
    found = shades(live, ColourBy.GRADIENT)
    place = live.network.places[0]
    by_map = found.neurons[0].reshape(place.channels, -1)
    np.testing.assert_allclose(by_map[:, 0], passed.bias_gradients[0], rtol=1e-5, atol=1e-8)
    assert (by_map == by_map[:, :1]).all()


def test_an_edge_has_the_activation_that_enters_and_the_delta_that_leaves(make: Make) -> None:
    live = LiveView(make(4, 3))
    passed = live.network.backprop(live.problem.probe_inputs, live.problem.probe_targets)
    entering, leaving = shades(live, ColourBy.ACTIVATION), shades(live, ColourBy.DELTA)
    for layer in range(3):
        np.testing.assert_allclose(entering.edges[layer][:, 0], passed.inputs[layer].mean(axis=0), atol=1e-15)
        size = np.sqrt((passed.deltas[layer] ** 2).mean(axis=0))
        np.testing.assert_allclose(leaving.edges[layer][0], size, atol=1e-15)
        np.testing.assert_allclose(leaving.neurons[layer], size, atol=1e-15)
        assert leaving.edges[layer].shape == live.network.weights[layer].shape
    assert entering.signed
    assert not leaving.signed


def test_saturation_is_a_share_whose_scale_ends_at_one(make: Make) -> None:
    live = LiveView(make(4, activation=ReLU()))
    found = shades(live, ColourBy.SATURATION)
    assert found.limit == 1.0
    np.testing.assert_array_equal(found.neurons[0], live.saturation(0))


def test_edges_and_neurons_have_scales_of_their_own_and_the_legend_says_both(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    canvas.colour_box.choose(ColourBy.ACTIVATION)
    assert canvas._figures is not None
    found = canvas._figures.shades
    assert found is not None
    largest = max(abs(values).max() for values in found.neurons)
    assert largest <= found.neuron_limit < found.limit
    assert "from −1 to 1 (neurons ±0.2)" in canvas.legend.accessibleDescription()


def test_updates_are_changes_per_update_between_two_looks(make: Make) -> None:
    live = LiveView(make(3))
    changes = Changes(live)
    assert not shades(live, ColourBy.UPDATE, changes).edges[0].any()
    live.network.parameters[...] += 0.5
    live.updates += 10
    changes.take()
    found = shades(live, ColourBy.UPDATE, changes)
    np.testing.assert_allclose(found.edges[0], 0.05)
    np.testing.assert_allclose(found.neurons[1], 0.05)
    changes.take()
    np.testing.assert_allclose(shades(live, ColourBy.UPDATE, changes).edges[0], 0.05)


@pytest.mark.parametrize("by", list(ColourBy))
def test_every_colouring_has_numbers_for_every_kind_of_layer(by: ColourBy) -> None:
    live = LiveView(load_experiment("digits-conv"))
    found = shades_of(live, by, Changes(live))
    if found is None:
        assert by is ColourBy.WEIGHT
        return
    assert [len(values) for values in found.neurons] == list(live.network.units)
    assert all(np.isfinite(values).all() for values in found.neurons)


@pytest.mark.parametrize("by", OTHERS)
def test_another_colouring_is_another_picture_with_a_legend_of_its_own(make: Make, show: Show, by: ColourBy) -> None:
    canvas = show(make(4, 3))
    train(canvas, 3)
    weights = picture(canvas)
    canvas.colour_box.choose(by)
    assert picture(canvas) != weights
    assert by.title in canvas.legend.accessibleDescription()
    low = "from −" if by.signed else "from 0"
    assert low in canvas.legend.accessibleDescription()
    canvas.colour_box.choose(ColourBy.WEIGHT)
    assert picture(canvas) == weights


def test_box_and_menu_always_agree(make: Make, show: Show) -> None:
    canvas = show(make(4))
    actions = canvas.colour_box.actions_for_menu
    actions[3].trigger()
    assert canvas.colour_box.box.currentText() == "delta"
    canvas.colour_box.box.setCurrentIndex(1)
    assert [action.isChecked() for action in actions] == [False, True, False, False, False, False]


def test_colours_follow_training_and_stay_chosen_when_the_network_changes(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    canvas.colour_box.choose(ColourBy.UPDATE)
    at_rest = picture(canvas)
    train(canvas, 5)
    assert picture(canvas) != at_rest
    canvas._session.edit_layer(0, "More", units=6)
    assert canvas._figures is not None
    assert canvas._figures.colour_by is ColourBy.UPDATE
    assert len(canvas._figures.edge_values[0][0]) == 6


def test_a_neuron_without_gradient_has_the_middle_colour(make: Make, show: Show, theme: Theme) -> None:
    canvas = show(make(3, output=Dense(1, ReLU(), bias=False)))
    canvas.colour_box.choose(ColourBy.GRADIENT)
    place = neuron_at(canvas, 1, 0)
    shown = canvas.view.grab().toImage().pixelColor(place)
    assert shown == QColor(*theme.diverging()[128].tolist())


def test_the_box_is_gone_where_there_is_nothing_to_colour(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4))
    canvas._show_message("no data")
    assert not canvas.colour_box.isVisible()


def test_updates_are_there_though_they_are_asked_for_after_training(make: Make, show: Show) -> None:
    canvas = show(make(3))
    canvas.colour_box.choose(ColourBy.UPDATE)
    assert canvas.legend.accessibleDescription().endswith("no update seen yet: press play.")
    canvas.colour_box.choose(ColourBy.WEIGHT)
    train(canvas, 20)
    canvas.colour_box.choose(ColourBy.UPDATE)
    assert canvas._figures is not None
    assert canvas._figures.shades is not None
    assert all(edges.any() for edges in canvas._figures.shades.edges)
    assert "no update seen" not in canvas.legend.accessibleDescription()


@pytest.mark.parametrize(("limit", "text"), [(1e-4, "1e-4"), (1.5e-5, "1.5e-5"), (20.0, "20"), (0.004, "0.004")])
def test_the_ends_of_a_scale_are_short(limit: float, text: str) -> None:
    assert shortest(limit) == text

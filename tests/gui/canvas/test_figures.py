"""The numbers behind the drawing agree with the network they are taken from."""

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from bplab.data import REACH, Digits, Iris
from bplab.engine import Constant, Dense, HeNormal, Identity, ReLU, Softmax, Tanh
from bplab.gui.canvas.blueprint import Blueprint
from bplab.gui.canvas.figures import BINS, Figures, histograms, reach
from bplab.gui.canvas.plane_grid import PRODUCTS, PlaneGrid, affordable_side, grid_points
from bplab.gui.canvas.tips import as_plain, input_tip, layer_tip, neuron_tip
from bplab.lab.experiment import Experiment
from bplab.lab.live import LiveView

Make = Callable[..., Experiment]


def figures_of(experiment: Experiment) -> Figures:
    live = LiveView(experiment)
    return Figures(live, Blueprint.of(experiment, live.problem))


def test_grid_points_run_row_by_row_from_the_top_left() -> None:
    points = grid_points(3)
    step = 2 * REACH / 3
    assert points[0].tolist() == pytest.approx([-step, step])
    assert points[1].tolist() == pytest.approx([0.0, step])
    assert points[-1].tolist() == pytest.approx([step, -step])


def test_a_large_network_gets_a_coarser_grid_within_the_budget() -> None:
    assert affordable_side(1_000, wanted=64, least=24) == 64
    side = affordable_side(10_000, wanted=64, least=24)
    assert 24 < side < 64
    assert side**2 * 10_000 <= PRODUCTS
    assert affordable_side(10**9, wanted=64, least=24) == 24


def test_the_grid_gives_what_the_network_predicts_at_its_points(make: Make) -> None:
    live = LiveView(make(5, 3))
    grid = PlaneGrid(live, 8, 8)
    grid.measure()
    assert pytest.approx(live.surface(grid_points(8)), abs=1e-12) == grid.outputs(2).T


def test_neurons_in_the_plane_have_maps_and_others_have_none(make: Make) -> None:
    plane = figures_of(make(5, 3))
    assert [layer.maps.shape for layer in plane.layers if layer.maps is not None] == [(5, 400), (3, 400), (1, 400)]
    iris = figures_of(make(5, data=Iris(), output=Dense(3, Softmax())))
    assert all(layer.maps is None for layer in iris.layers)


def test_means_and_saturation_are_those_of_the_probe(make: Make) -> None:
    experiment = make(5, data=Iris(), output=Dense(3, Softmax()))
    live, found = LiveView(experiment), figures_of(experiment)
    hidden = np.tanh(live.problem.probe_inputs @ live.network.weights[0] + live.network.biases[0])
    assert found.layers[0].means == pytest.approx(hidden.mean(axis=0))
    assert found.layers[0].saturation == pytest.approx(((1 - hidden**2) < 0.05).mean(axis=0))


def test_a_neuron_that_no_sample_reaches_is_dead_and_its_neighbour_is_not(make: Make) -> None:
    dead = make(3, activation=ReLU())
    layers = Dense(3, ReLU(), HeNormal(), Constant(-500.0)), dead.network.layers[1]
    experiment = replace(dead, network=replace(dead.network, layers=layers))
    found = figures_of(experiment)
    assert found.layers[0].dead.tolist() == [True] * 3
    assert found.layers[1].dead.tolist() == [False]
    assert found.layers[0].saturation.tolist() == [1.0] * 3
    found.live.network.biases[0][1] = 500.0
    found.live._reading = None
    found.measure()
    assert found.layers[0].dead.tolist() == [True, False, True]


def test_colours_end_at_the_activations_bound_or_at_the_largest_value() -> None:
    assert reach(Tanh(), np.array([0.1])) == 1.0
    assert reach(Identity(), np.array([0.5, -3.0])) == 3.0
    assert reach(ReLU(), np.array([0.0])) == 1.0
    assert reach(ReLU(), np.array([np.inf])) == 1.0


def test_histograms_show_where_values_lie() -> None:
    column = np.array([0.0, 0.0, 0.0, 1.0])
    (found,) = histograms(column[:, None])
    assert found.shape == (BINS,)
    assert (found[0], found[-1]) == (1.0, pytest.approx(1 / 3))


def test_the_strength_of_an_input_is_the_size_of_the_weights_that_leave_it(make: Make) -> None:
    found = figures_of(make(4))
    found.live.network.weights[0][:] = [[3.0] * 4, [-1.5] * 4]
    assert found.input_strength().tolist() == [1.0, 0.5]
    found.live.network.weights[0][:] = 0.0
    assert found.input_strength().tolist() == [0.0, 0.0]


def test_the_tooltip_of_a_neuron_tells_bias_output_saturation_and_weights(make: Make) -> None:
    found = figures_of(make(4, 2))
    found.live.network.biases[1][1] = -0.25
    found.live.network.weights[1][:, 1] = [0.1, -0.7, 0.2, 0.3]
    lines = neuron_tip(found, 1, 1).splitlines()
    assert lines[:2] == ["h2, neuron 2 of 2", "bias −0.25"]
    assert "over 30 training samples" in lines[2]
    assert lines[3].startswith("saturated on ")
    assert lines[4] == "4 incoming weights, the largest −0.7"


def test_the_tooltip_of_an_output_neuron_names_its_class(make: Make) -> None:
    found = figures_of(make(4, data=Iris(), output=Dense(3, Softmax())))
    assert neuron_tip(found, 1, 2).startswith("out, neuron 3 of 3: virginica\n")


def test_the_tooltip_of_a_layer_counts_weights_and_dead_neurons(make: Make) -> None:
    found = figures_of(make(4, 2))
    assert layer_tip(found, 1).splitlines()[:2] == ["h2: 2 tanh neurons", "4 × 2 = 8 weights, and 2 biases"]


def test_inputs_tell_their_mean_and_images_what_they_show(make: Make) -> None:
    assert input_tip(figures_of(make(4)), 1).startswith("y\nmean ")
    digits = figures_of(make(4, data=Digits(), output=Dense(10, Softmax())))
    assert input_tip(digits, 3) == "8 × 8 pixels, shown as the mean of the training pictures"


def test_no_name_from_a_file_is_taken_for_html() -> None:
    assert "<b>" not in as_plain("<b>gene</b> & co")
    assert "&lt;b&gt;gene" in as_plain("<b>gene</b> & co")


def test_a_blueprint_tells_the_network_in_a_sentence(make: Make) -> None:
    experiment = make(4, 2)
    blueprint = Blueprint.of(experiment, LiveView(experiment).problem)
    assert blueprint.summary() == (
        "Network with 2 features (x, y) as inputs; h1: 4 tanh neurons; h2: 2 tanh neurons; out: 1 tanh neuron. "
        "18 weights."
    )

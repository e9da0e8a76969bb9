"""The forecast of an experiment: its own data, its own widths, and what it then measures at step 0."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from bplab.engine import LSUV, Constant, InputError, MeanField, Tanh
from bplab.engine.probes import Probe
from bplab.lab.blas import limited_blas
from bplab.lab.experiment import Experiment, example_names, load_experiment
from bplab.lab.forecasting import forecaster_of, outlook_from, outlook_of, outlook_text
from bplab.lab.problem import make_problem


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Small products are done before a second thread has woken."""
    with limited_blas(1):
        yield


def with_layer(experiment: Experiment, number: int, **changes: object) -> Experiment:
    layers = list(experiment.network.layers)
    layers[number] = msgspec.structs.replace(layers[number], **changes)
    network = msgspec.structs.replace(experiment.network, layers=tuple(layers))
    return msgspec.structs.replace(experiment, network=network)


@pytest.mark.parametrize("name", example_names())
def test_the_forecast_of_every_example_holds_what_most_of_its_seeds_measure(name: str) -> None:
    experiment = load_experiment(name)
    outlook, problem, network = outlook_of(experiment), make_problem(experiment), experiment.build_network()
    probe, sizes = Probe(network, problem.probe_inputs, problem.probe_targets), []
    for seed in range(300):
        network.initialize(seed)
        deltas = probe.read().delta_rms
        sizes.append(deltas / deltas[-1])
    for layer, measured in zip(outlook.layers[:-1], np.array(sizes).T, strict=False):
        assert np.mean((measured >= layer.delta.low) & (measured <= layer.delta.high)) >= 0.9


def test_layers_are_counted_from_1_with_units_and_activations_as_in_the_experiment() -> None:
    outlook = outlook_of(load_experiment("circle"))
    assert (outlook.name, outlook.samples, outlook.draws) == ("A disc in a ring", 128, 128)
    rows = [(layer.layer, layer.units, layer.activation) for layer in outlook.layers]
    assert rows == [(1, 4, "tanh"), (2, 2, "tanh"), (3, 1, "tanh")]


def test_the_seed_of_the_training_plays_no_part() -> None:
    experiment = load_experiment("circle")
    training = msgspec.structs.replace(experiment.training, seed=99)
    assert outlook_of(experiment) == outlook_of(msgspec.structs.replace(experiment, training=training))


def test_lsuv_is_fitted_to_all_training_samples_as_when_the_network_is_built() -> None:
    experiment = with_layer(load_experiment("iris"), 0, weights=LSUV(), activation=Tanh())
    layer = outlook_of(experiment).layers[0]
    problem = make_problem(experiment)
    outputs = experiment.build_network().backprop(problem.probe_inputs, problem.probe_targets).outputs[0]
    assert layer.rms.low <= np.sqrt(np.mean(outputs**2)) <= layer.rms.high


def test_an_experiment_that_cannot_be_run_has_no_forecast() -> None:
    with pytest.raises(InputError, match=r"network\.layers\[2\]\.units"):
        outlook_of(with_layer(load_experiment("circle"), 2, units=7))


def test_the_text_tells_every_layer_forward_and_back_with_its_band() -> None:
    experiment = load_experiment("dead-relu")
    outlook = outlook_of(experiment)
    text = outlook_text(experiment, outlook)
    assert text.startswith("Dying ReLUs: circle, 2-10-10-10-1, before training\n\n  Error will shrink only ")
    assert f"of {outlook.draws}\n  networks of these widths lie, on 128 training samples." in text
    for name in ("h1", "h2", "h3", "out"):
        assert sum(line.split()[:1] == [name] for line in text.splitlines()) == 2
    assert "50.0 % (46.6 %–54.1 %)" in text
    assert "∞ (" in text
    assert "born dead, with a ReLU layer that answers to no sample: 0 % of these networks" in text
    assert "by theory at most 0.293 %" in text
    assert "\N{NO-BREAK SPACE}" not in text


def test_the_text_names_what_the_theory_assumes() -> None:
    experiment = load_experiment("digits")
    text = outlook_text(experiment, outlook_of(experiment))
    assert "  out: the theory has no outputs of softmax, which depend on all units" in text
    assert "– (" in text


def test_a_layer_without_an_activation_cannot_saturate() -> None:
    experiment = load_experiment("digits-conv")
    outlook = outlook_of(experiment)
    assert (outlook.layers[1].activation, outlook.layers[1].saturation) == (None, None)
    pooling = next(line for line in outlook_text(experiment, outlook).splitlines() if "max pooling 2×2" in line)
    assert pooling.split()[-1] == "–"


def test_what_the_whole_network_does_is_one_number_and_one_sentence() -> None:
    outlook = outlook_of(load_experiment("vanishing"))
    factors = [layer.chi1.expected for layer in outlook.layers[:-1] if layer.chi1]
    assert outlook.chi == pytest.approx(np.exp(np.mean(np.log(factors))))
    assert outlook.depth_scale == pytest.approx(1.0 / abs(np.log(outlook.chi)))
    assert "the first layer will learn" in outlook.sentence


def test_where_theory_has_no_chi_the_drawn_networks_have_one() -> None:
    for name in ("digits-conv", "deep-skips"):
        outlook = outlook_of(load_experiment(name))
        ratios = [layer.delta_ratio.median for layer in outlook.layers[:-1] if layer.delta_ratio]
        assert outlook.chi == pytest.approx(np.exp(np.mean(np.log(np.square(ratios)))))
    single = with_layer(load_experiment("circle"), 0)
    alone = msgspec.structs.replace(single.network, layers=single.network.layers[2:])
    outlook = outlook_of(msgspec.structs.replace(single, network=alone))
    assert (outlook.chi, outlook.depth_scale, outlook.layers[0].delta_ratio) == (None, None, None)


def test_layers_know_where_they_stand_in_the_phase_chart() -> None:
    experiment = with_layer(load_experiment("circle"), 0, weights=MeanField(1.3, 0.2), biases=MeanField(1.3, 0.2))
    first, second, last = outlook_of(experiment).layers
    assert (first.weight_spread, first.bias_spread) == pytest.approx((1.3, 0.2))
    assert second.bias_spread == 0.0
    assert (last.weight_spread, last.bias_spread) == (None, None)
    shifted = outlook_of(with_layer(experiment, 0, biases=Constant(0.5))).layers[0]
    assert (shifted.weight_spread, shifted.bias_spread) == (None, None)


def test_before_anything_is_drawn_there_are_no_bands() -> None:
    experiment = load_experiment("circle")
    outlook = outlook_from(experiment, forecaster_of(experiment))
    assert (outlook.draws, outlook.born_dead) == (0, None)
    for layer in outlook.layers[:-1]:
        for found in (layer.rms, layer.activation_std, layer.saturation, layer.delta_ratio, layer.chi1):
            assert found is not None
            assert (found.low, found.high, found.median, found.mean) == (None, None, None, found.expected)
            assert found.expected is not None
            assert found.expected not in found

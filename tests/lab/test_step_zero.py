"""The points beside the bands: what the experiment's own first weights measure, in the forecast's terms."""

import msgspec
import numpy as np
import pytest

from bplab.engine import Constant
from bplab.lab.experiment import load_experiment
from bplab.lab.forecasting import outlook_of
from bplab.lab.problem import make_problem
from bplab.lab.step_zero import measured_at_step_0


@pytest.mark.parametrize("name", ["circle", "iris", "vanishing", "dead-relu", "digits-conv"])
def test_most_points_lie_in_the_bands_of_the_forecast(name: str) -> None:
    experiment, inside = load_experiment(name), []
    outlook, measured = outlook_of(experiment), measured_at_step_0(experiment)
    for layer, point in zip(outlook.layers[:-1], measured[:-1], strict=True):
        for quantity in ("rms", "activation_std", "saturation", "delta", "delta_ratio"):
            band, value = getattr(layer, quantity), getattr(point, quantity)
            assert (band is None) == (value is None)
            if band is not None:
                inside.append(band.low <= value <= band.high)
    assert np.mean(inside) >= 0.8


def test_the_points_are_those_of_the_experiments_own_network() -> None:
    experiment = load_experiment("circle")
    problem = make_problem(experiment)
    passed = experiment.build_network().backprop(problem.probe_inputs, problem.probe_targets)
    deltas = [np.sqrt(np.mean(delta**2)) for delta in passed.deltas]
    for number, point in enumerate(measured_at_step_0(experiment, problem)):
        assert point.activation_std == pytest.approx(passed.outputs[number].std(), rel=1e-12)
        assert point.rms == pytest.approx(np.sqrt(np.mean(passed.outputs[number] ** 2)), rel=1e-12)
        assert point.delta == pytest.approx(deltas[number] / deltas[-1], rel=1e-12)
        if number < 2:
            assert point.delta_ratio == pytest.approx(deltas[number] / deltas[number + 1], rel=1e-12)
        else:
            assert point.delta_ratio is None


def test_of_nothing_there_is_no_ratio() -> None:
    experiment = load_experiment("circle")
    layers = [msgspec.structs.replace(layer, weights=Constant(0.0)) for layer in experiment.network.layers]
    network = msgspec.structs.replace(experiment.network, layers=tuple(layers))
    first, second, last = measured_at_step_0(msgspec.structs.replace(experiment, network=network))
    assert (first.delta, first.delta_ratio, second.delta_ratio, last.delta) == (0.0, None, 0.0, 1.0)

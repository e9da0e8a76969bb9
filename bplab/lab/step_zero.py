"""What the experiment's own network measures at step 0: the points that stand beside the bands of a forecast."""

from __future__ import annotations

import msgspec
import numpy as np

from bplab.engine.probes import Probe, rms

from .blas import blas_if_free
from .experiment import Experiment
from .layer_words import has_activation
from .problem import Problem, make_problem


class Measured(msgspec.Struct, frozen=True):
    """A layer of the network that training starts from, on the probe samples; named as in the forecast."""

    rms: float
    activation_std: float
    saturation: float | None
    """None where the layer has no activation."""
    delta: float | None
    """RMS of δ against the last layer's; None where that is 0."""
    delta_ratio: float | None
    """RMS of δ against the next layer's; None for the last layer and where that is 0."""


def measured_at_step_0(experiment: Experiment, problem: Problem | None = None) -> list[Measured]:
    """The numbers of every layer, with the first weights of the experiment's seed; ``InputError`` if it cannot run."""
    found = problem or make_problem(experiment)
    with blas_if_free(1):
        network = experiment.build_network(found.train_inputs)
        probe = Probe(network, found.probe_inputs, found.probe_targets)
        reading = probe.read()
    delta, start, measured = reading.delta_rms.tolist(), 0, []
    for number, (place, layer) in enumerate(zip(network.places, probe.layers, strict=True)):
        share = float(reading.saturated[start : start + place.units].mean()) / probe.samples
        start += place.units
        outputs = layer.outputs
        with np.errstate(all="ignore"):  # beyond all numbers it is infinite, or no number
            spread = rms(outputs - outputs.mean())
        measured.append(
            Measured(
                rms=rms(outputs),
                activation_std=spread,
                saturation=share if has_activation(place.layer) else None,
                delta=_ratio(delta[number], delta[-1]),
                delta_ratio=_ratio(delta[number], delta[number + 1]) if number + 1 < len(delta) else None,
            )
        )
    return measured


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None

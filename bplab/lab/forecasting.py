"""The forecast of an experiment: step 0 of its network on its own data, as one object and as two tables."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bplab.engine import Band, Chance, FixedPoint, Forecast, forecast
from bplab.engine.choices import type_name

from .blas import blas_threads, limited_blas
from .experiment import Experiment
from .layer_words import has_activation, in_a_table
from .outcome import table
from .problem import layer_names, make_problem
from .report.words import counted, percent, three


class LayerOutlook(msgspec.Struct, frozen=True):
    """What a layer will measure at step 0 on the probe samples; the fields are those of the engine's forecast.

    What is infinite is ``null`` in JSON, as is what the theory does not say.
    """

    layer: int
    """1 is the first hidden layer."""
    units: int
    activation: str | None
    """None where the layer has none, as pooling; then nothing can saturate either."""
    rms: Band
    std: Band
    saturation: Band | None
    delta: Band
    delta_ratio: Band | None
    chi1: Band | None
    depth_scale: Band | None
    fixed_point: FixedPoint | None
    born_dead: Chance | None
    note: str


class Outlook(msgspec.Struct, frozen=True):
    """What ``bplab forecast --json`` prints."""

    name: str
    samples: int
    """Training samples on which the numbers are forecast."""
    draws: int
    """Networks drawn for the bands."""
    born_dead: Chance | None
    """That some ReLU layer is dead as a whole; None without ReLU."""
    layers: list[LayerOutlook]


def outlook_of(experiment: Experiment) -> Outlook:
    """The forecast for an experiment; ``InputError`` if it cannot be run."""
    problem = make_problem(experiment)
    network = experiment.build_network(problem.train_inputs)
    samples = len(problem.probe_inputs)
    with limited_blas(blas_threads(experiment, samples)):
        found = forecast(network, problem.probe_inputs, problem.probe_targets, fitted_to=problem.train_inputs)
    return Outlook(experiment.name, samples, found.draws, found.born_dead, _layers(experiment, found))


def _layers(experiment: Experiment, found: Forecast) -> list[LayerOutlook]:
    return [
        LayerOutlook(
            layer=number,
            units=units,
            activation=type_name(layer.activation) if has_activation(layer) else None,
            rms=seen.rms,
            std=seen.std,
            saturation=seen.saturated if has_activation(layer) else None,
            delta=seen.delta,
            delta_ratio=seen.delta_ratio,
            chi1=seen.chi1,
            depth_scale=seen.depth_scale,
            fixed_point=seen.fixed_point(),
            born_dead=seen.born_dead,
            note=seen.note,
        )
        for number, (layer, units, seen) in enumerate(
            zip(experiment.network.layers, experiment.units, found.layers, strict=True), start=1
        )
    ]


def outlook_text(experiment: Experiment, outlook: Outlook) -> str:
    """The forecast as two tables, forward and back, with what is to be said about them."""
    names, layers = layer_names(experiment.network.layers), outlook.layers
    shape = "-".join(str(units) for units in (experiment.data.describe().inputs, *experiment.units))
    forward: list[tuple[str, ...]] = [("layer", "units", "activation", "output rms", "output std", "saturated")]
    back: list[tuple[str, ...]] = [("layer", "δ : δ out", "δ : δ next", "χ₁", "ξ in layers")]
    for name, design, layer in zip(names, experiment.network.layers, layers, strict=True):
        sizes = _cell(layer.rms), _cell(layer.std), _cell(layer.saturation, percent)
        forward.append((name, f"{layer.units:,}", in_a_table(design), *sizes))
        back.append((name, *map(_cell, (layer.delta, layer.delta_ratio, layer.chi1, layer.depth_scale))))
    lines = [
        f"{outlook.name}: {type_name(experiment.data)}, {shape}, before training",
        "",
        f"  Each number is what very wide layers would have, and in brackets where 5 to 95 % of {outlook.draws}",
        f"  networks of these widths lie, on {counted(outlook.samples, 'training sample')}.",
        "",
        *table(forward, left=(0, 2)),
        "",
        *table(back, left=(0,)),
        *_remarks(names, outlook),
    ]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def _cell(band: Band | None, write: Callable[[float | None], str] = three) -> str:
    """``0.383 (0.374–0.403)``; one number where nothing is left to chance, a dash where there is none."""
    if band is None:
        return write(None)
    if band.low == band.high == band.expected:
        return write(band.expected)
    return f"{write(band.expected)} ({write(band.low)}–{write(band.high)})"


def _remarks(names: list[str], outlook: Outlook) -> list[str]:
    remarks = [f"{name}: {layer.note}" for name, layer in zip(names, outlook.layers, strict=True) if layer.note]
    dead = outlook.born_dead
    if dead:
        most = "" if dead.bound is None else f", by theory at most {percent(dead.bound)}"
        remarks.append(
            f"born dead, with a ReLU layer that answers to no sample: {percent(dead.share)} of these networks "
            f"({percent(dead.low)}–{percent(dead.high)}){most}"
        )
    return ["", *(f"  {remark}" for remark in remarks)] if remarks else []

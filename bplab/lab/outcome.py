"""What came of a training: as one object for programs, and as a few lines for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from bplab.engine import ConstantRate
from bplab.engine.choices import type_name

from .layer_words import has_activation, has_weights, in_a_table
from .problem import layer_names
from .report.words import NOT_MEASURED, counted, duration, exact, percent, three
from .runner import Runner, Summary


class LayerOutcome(msgspec.Struct, frozen=True):
    """A layer at the end, measured on the probe samples.

    A number that is not finite, as there may be after a divergence, is None (``null`` in JSON), and so is what a
    layer does not have: pooling and flattening have no weights, and no activation that could saturate or die.
    """

    layer: int
    """1 is the first hidden layer."""
    units: int
    activation: str | None
    weight_gradient_rms: float | None
    delta_rms: float | None
    saturation: float | None
    """Share of (neuron, sample) pairs that are saturated."""
    dead: int | None
    """Neurons whose f' is 0 on every sample."""
    update_ratio: float | None
    """‖ΔW‖/‖W‖ of the latest update that was measured."""


class Outcome(msgspec.Struct, frozen=True):
    """The final numbers of a training, in the names that ``bplab train --json`` prints.

    A loss that is not finite, as there may be after a divergence, is None (``null`` in JSON).
    """

    name: str
    steps: int
    epochs: float
    train_loss: float | None
    test_loss: float | None
    """None, too, where there are no test samples."""
    accuracy: float | None
    """On the test samples, or on the training samples where there are none; None for regression."""
    diverged: bool
    stopped_early: str | None
    """Why early stopping ended the training, None if it did not."""
    seconds: float
    """Spent training, with the record."""
    layers: list[LayerOutcome]


def outcome_of(runner: Runner) -> Outcome:
    """The outcome of a runner that is not training at the moment."""
    return _outcome(runner, runner.summary())


def _outcome(runner: Runner, summary: Summary) -> Outcome:
    record = runner.record
    return Outcome(
        name=runner.experiment.name,
        steps=summary.updates,
        epochs=summary.epochs,
        train_loss=_finite(summary.train_loss),
        test_loss=_finite(summary.test_loss),
        accuracy=summary.train_accuracy if summary.test_accuracy is None else summary.test_accuracy,
        diverged=record.divergence is not None,
        stopped_early=runner.stopped_early.sentence if runner.stopped_early else None,
        seconds=record.seconds,
        layers=_layers(runner, summary),
    )


def _layers(runner: Runner, summary: Summary) -> list[LayerOutcome]:
    reading, found = summary.reading, []
    saturation = runner.record.layer_means(reading.saturated[None, :])[0]
    for at, place in enumerate(runner.network.places):
        learns, responds = has_weights(place.layer), has_activation(place.layer)
        found.append(
            LayerOutcome(
                layer=at + 1,
                units=place.units,
                activation=type_name(place.layer.activation) if responds else None,
                weight_gradient_rms=_finite(reading.weight_gradient_rms[at]) if learns else None,
                delta_rms=_finite(reading.delta_rms[at]),
                saturation=float(saturation[at]) if responds else None,
                dead=int(reading.dead[at]) if responds else None,
                update_ratio=_finite(summary.update_ratio[at]) if learns else None,
            )
        )
    return found


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def outcome_text(runner: Runner) -> str:
    """The outcome in a few lines."""
    summary = runner.summary()
    outcome, tested = _outcome(runner, summary), len(runner.problem.test_inputs)
    figures = [("trained", f"{counted(outcome.steps, 'update')} ({outcome.epochs:,.6g} epochs)")]
    if outcome.stopped_early:
        figures.append(("stopped early", outcome.stopped_early))
    figures.append(("time", duration(outcome.seconds)))
    figures.append(("training loss", three(outcome.train_loss)))
    if tested:
        figures.append(("test loss", three(outcome.test_loss)))
    if outcome.accuracy is not None:
        where = f"{counted(tested, 'test sample')}" if tested else "the training samples; none are kept to test on"
        figures.append(("accuracy", f"{percent(outcome.accuracy)} of {where}"))
    wide = max(len(label) for label, _ in figures)
    lines = [experiment_line(runner), "", *(f"  {label:<{wide}}  {value}" for label, value in figures)]
    heads = ("layer", "units", "activation", "∂C/∂W rms", "δ rms", "saturated", "dead", "|ΔW|/|W|")
    designs = runner.network.layers
    rows = [
        (
            name,
            f"{layer.units:,}",
            in_a_table(design),
            three(layer.weight_gradient_rms),
            three(layer.delta_rms),
            percent(layer.saturation),
            NOT_MEASURED if layer.dead is None else f"{layer.dead:,}",
            three(layer.update_ratio),
        )
        for name, design, layer in zip(layer_names(designs), designs, outcome.layers, strict=True)
    ]
    return "\n".join([*lines, "", *table([heads, *rows], left=(0, 2))]).replace("\N{NO-BREAK SPACE}", " ")


def experiment_line(runner: Runner) -> str:
    """``A disc in a ring: circle, 2-4-2-1, ½ squared error, SGD 0.03, batch 10, seed 0``."""
    plan, network = runner.experiment.training, runner.network
    shape = "-".join(str(units) for units in (network.inputs, *network.units))
    return ", ".join(
        [
            f"{runner.experiment.name}: {type_name(runner.experiment.data)}",
            shape,
            plan.loss.title(),
            f"{plan.optimizer.title()} {exact(plan.optimizer.learning_rate)}",
            *([f"{plan.schedule.title()} schedule"] if plan.schedule != ConstantRate() else []),
            f"batch {plan.batch_size:,}",
            f"seed {plan.seed}",
        ]
    )


def table(rows: Sequence[Sequence[Any]], left: Sequence[int]) -> list[str]:
    """Rows of text as aligned lines, two blanks in; columns in ``left`` flush left, the others flush right."""
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]

    def cell(column: int, text: Any) -> str:
        return f"{text:{'<' if column in left else '>'}{widths[column]}}"

    return [("  " + "  ".join(cell(*numbered) for numbered in enumerate(row))).rstrip() for row in rows]

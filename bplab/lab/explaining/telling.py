"""An explanation as one object for programs, and as a few lines for people."""

from __future__ import annotations

import math

import msgspec

from ..outcome import table
from ..report.words import counted, percent
from .equations import SIGNS, equations, plain_number, unrolled
from .values import Cause, Explanation, Factor


class ToldFactors(msgspec.Struct, frozen=True):
    """``gradient = entries · input · delta · agreement`` and ``delta = derivative · normalization · weights ·
    delta_next``; what plays no part is 1. For what each is, see :class:`.values.Explanation`."""

    input: float
    weights: float
    derivative: float
    delta_next: float
    delta: float
    agreement: float
    normalization: float


class ToldStep(msgspec.Struct, frozen=True):
    """One layer of δ unrolled down to the loss; ``behind`` is the layer whose δ ``delta_next`` is, null the loss."""

    layer: int
    behind: int | None
    delta_next: float
    weights: float
    derivative: float
    normalization: float
    delta: float


class Told(msgspec.Struct, frozen=True):
    """What ``bplab explain --json`` prints. What is not finite is ``null``.

    ``weight`` is ``[input, neuron]``, the entry of the layer's matrix; ``bias`` and ``neuron`` are numbers of a
    neuron, ``sample`` one of a probe sample, all from 0. Those that were not asked for are null; with all three null
    it is the whole layer. ``samples`` is how many there are in the batch.
    """

    step: int
    layer: int
    """1 is the first hidden layer."""
    weight: tuple[int, int] | None
    bias: int | None
    neuron: int | None
    sample: int | None
    gradient: float
    factors: ToldFactors
    samples: int
    entries: int
    """Products that the gradient sums: samples, times places in a convolution; 1 for one sample."""
    saturated: float
    """Share of samples (and neurons) with f' below 5 % of its maximum."""
    dominant: Cause
    sentence: str
    path: list[ToldStep]


def told_of(explanation: Explanation, step: int) -> Told:
    """The object."""
    target = explanation.target
    return Told(
        step=step,
        layer=target.layer + 1,
        weight=None if target.source is None or target.unit is None else (target.source, target.unit),
        bias=target.unit if target.kind == "bias" else None,
        neuron=target.unit if target.kind == "neuron" else None,
        sample=explanation.sample,
        gradient=explanation.gradient,
        factors=ToldFactors(
            input=explanation.size("input"),
            weights=explanation.size("weights"),
            derivative=explanation.size("derivative"),
            delta_next=explanation.size("delta_next"),
            delta=explanation.delta,
            agreement=explanation.size("agreement"),
            normalization=explanation.size("normalization"),
        ),
        samples=explanation.samples,
        entries=explanation.entries,
        saturated=explanation.saturated,
        dominant=explanation.dominant,
        sentence=explanation.sentence,
        path=[
            ToldStep(
                layer=one.layer + 1,
                behind=None if one.source is None else one.source + 1,
                delta_next=one.delta_next,
                weights=one.weights,
                derivative=one.derivative,
                normalization=one.normalization,
                delta=one.delta,
            )
            for one in explanation.path
        ],
    )


def told_text(name: str, step: int, explanation: Explanation) -> str:
    """The equation with symbols and with numbers, the factors as a table, δ down to the loss, and the sentence."""
    lines = [f"{name}: {_target(explanation)}, {_moment(explanation, step)}", ""]
    for equation in equations(explanation):
        lines += [f"  {equation.symbols}", f"  {equation.numbers}", ""]
    rows: list[tuple[str, ...]] = [("factor", "size", "healthy", "missing", "")]
    rows += [(*_row(factor), "◀" if factor.name == explanation.marked else "") for factor in explanation.factors]
    lines += [*table(rows, left=(0, 4)), ""]
    if len(explanation.path) > 1:
        lines += ["  down to the loss:", *(f"    {one.numbers}" for one in unrolled(explanation)), ""]
    lines += [f"  {line}" for line in _notes(explanation)]
    return "\n".join(line.rstrip() for line in lines).replace("\N{NO-BREAK SPACE}", " ")


def _target(explanation: Explanation) -> str:
    target = explanation.target
    layer = explanation.names[target.layer]
    if target.unit is None:
        return f"all weights of {layer}"
    neuron = f"{layer}, neuron {target.unit + 1}"
    if target.source is not None:
        return f"the weight from input {target.source + 1} to {neuron}"
    return f"the bias of {neuron}" if target.kind == "bias" else f"the weights into {neuron}"


def _moment(explanation: Explanation, step: int) -> str:
    samples = counted(explanation.samples, "training sample")
    if explanation.sample is not None:
        return f"step {step:,}, sample {explanation.sample} of {samples}"
    return f"step {step:,}, over {samples}"


def _notes(explanation: Explanation) -> list[str]:
    """What the signs stand for, how much is saturated, and the sentence."""
    of = "neurons and samples" if explanation.target.unit is None else counted(explanation.samples, "sample")
    on = "on this sample" if explanation.sample is not None else f"of {of}"
    notes = [SIGNS, ""] if explanation.entries > 1 else []
    return [
        *notes,
        f"Saturated, with f'(z) below 5 % of its maximum: {percent(explanation.saturated)} {on}.",
        explanation.sentence,
    ]


def _row(factor: Factor) -> tuple[str, str, str, str]:
    missing = "everything" if factor.shortfall == math.inf else f"{max(0.0, factor.shortfall):.1f} decades"
    return factor.symbol, plain_number(factor.size), plain_number(factor.healthy), missing

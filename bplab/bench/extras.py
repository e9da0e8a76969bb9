"""What a layer's extras cost: normalization, dropout and a skip, each beside the plain step of the same net.

The plain step and those with one extra each take turns, so that what else the machine does falls on all alike.
Normalizations and dropout stand in both hidden layers; the skip is an inner one with a learned projection, from the
first hidden layer around the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bplab.engine import Normalization
from bplab.engine.choices import replaced
from bplab.engine.layers import Layer
from bplab.lab.blas import blas_threads, limited_blas
from bplab.lab.experiment import Experiment, NetworkDesign
from bplab.lab.outcome import table
from bplab.lab.runner import Runner

from .engine import experiment_of, name_of, time
from .timing import medians, repeated

EXTRAS_NET = ((784, 128, 64, 10), 128)
"""Units from the inputs to the outputs, and the batch size."""
RATE = 0.2
"""Share of the outputs that dropout silences."""
AIM = 0.4
"""The most that an extra may add to a plain step."""
EXTRAS_TURN_SECONDS = 0.015
SKIP = "skip with projection"
EXTRAS = (*Normalization.members(), "dropout", SKIP)


@dataclass(frozen=True)
class ExtraRow:
    """One extra in one precision. Times are µs a step."""

    extra: str
    shape: str
    batch: int
    dtype: str
    plain_us: float
    """The step without any extra, timed in the same turns."""
    step_us: float
    cost: float
    """Share of the plain step that the extra adds."""


def measure_extras(
    shape: tuple[int, ...], batch: int, dtype: Any, repeats: int, seconds: float = EXTRAS_TURN_SECONDS
) -> list[ExtraRow]:
    """A row for each extra of a net with two hidden layers; ``seconds`` is the length of a turn."""
    plain = experiment_of(shape, batch, dtype)
    experiments = {"plain": plain} | {extra: with_extra(plain, extra) for extra in EXTRAS}
    with limited_blas(blas_threads(plain, batch)):
        works = {name: (repeated(Runner(one).trainer.step), 1) for name, one in experiments.items()}
        us = medians(works, repeats, seconds)
    return [
        ExtraRow(extra, name_of(shape), batch, dtype, us["plain"], us[extra], us[extra] / us["plain"] - 1.0)
        for extra in EXTRAS
    ]


def with_extra(plain: Experiment, extra: str) -> Experiment:
    """The experiment with one extra in its hidden layers."""
    *hidden, last = plain.network.layers  # all of them dense
    if extra == SKIP:
        hidden[1] = replaced(hidden[1], skip=1)
    else:
        hidden = [_with_extra(layer, extra) for layer in hidden]
    return replaced(plain, network=NetworkDesign((*hidden, last)))


def _with_extra(layer: Layer, extra: str) -> Layer:
    if extra == "dropout":
        return replaced(layer, dropout=RATE)
    return replaced(layer, normalization=Normalization.members()[extra]())


def _title(extra: str) -> str:
    norms = Normalization.members()
    return norms[extra].title() if extra in norms else extra


def extras_as_text(rows: list[ExtraRow]) -> str:
    """The table of extras, with what its columns mean."""
    head = "extra", "net", "batch", "dtype", "plain µs", "with it µs", "cost"
    lines = [
        (
            *(_title(row.extra), row.shape, row.batch, row.dtype),
            *(time(row.plain_us), time(row.step_us), f"{100 * row.cost:+.0f} %"),
        )
        for row in rows
    ]
    notes = [
        "",
        "  with it: the same step with the extra, in both hidden layers; the skip from the first around the second.",
        f"  cost: what that adds to the plain step, timed in the same turns. The aim is {100 * AIM:.0f} % at most.",
    ]
    return "\n".join([*table([head, *lines], left=(0, 1, 3)), *notes])

"""The gradient check of an experiment's own net, on its own data: is what it learns from the gradient of its loss?

A net of float32 is checked twice: as it is, which shows what is left after rounding to 7 digits, and in float64 with
the same weights, which tells an error of the mathematics from one of rounding.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence

import msgspec

from bplab.engine import GradientCheck
from bplab.engine.calls import Array
from bplab.engine.gradient_check import Comparison, Verdict, compare_gradients, summed_up

from .blas import blas_threads, limited_blas
from .experiment import Experiment
from .outcome import table
from .problem import Problem, layer_names
from .report.words import counted, three

SAMPLES = 32
"""Training samples that are compared on: the more there are, the closer lies the next kink."""
DIRECTIONS = 12
"""Random directions through each layer."""
WIDTH = 100
"""Letters in a line of text."""
SCALE = (
    "The relative error is how far back-propagation's gradient lies from the slope of the loss itself, found by moving "
    "the weights a little: above 1e-2 it is wrong, above 1e-4 uneasy, below 1e-7 good, and between acceptable."
)
ROUNDED = (
    "float32 carries 7 digits, so that about 1e-6 is the best that it can show; float64 with the same weights tells "
    "whether an error is one of rounding."
)
_SENTENCES = {
    "good": "good: back-propagation gives the gradient of the loss; largest relative error {error}, in {layer}",
    "acceptable": "acceptable: nothing is wrong that would show; largest relative error {error}, in {layer}",
    "uneasy": "uneasy: back-propagation may be wrong in {layer}: relative error {error}, above 1e-4",
    "wrong": "wrong: back-propagation does not give the gradient of the loss in {layer}: relative error {error}, "
    "above 1e-2",
    "undecided": "undecided: nothing could be compared; every direction meets a kink, or is too flat for the loss's "
    "own rounding",
}

Watch = Callable[[float], None]
"""Called between two comparisons with how much is done, 0 to 1; what it raises ends the check."""


class LayerCheck(msgspec.Struct, frozen=True):
    """One layer's check in one precision."""

    layer: int
    """1 is the first hidden layer."""
    name: str
    relative_error: float | None
    """The largest; None where nothing was compared or it is not finite."""
    verdict: Verdict
    compared: int
    """Directions in which the two could be compared."""
    skipped: int
    """Directions given up: on a kink, or too flat for the loss's own rounding."""


class NetworkCheck(msgspec.Struct, frozen=True):
    """All layers in one precision; error and verdict are those of the worst."""

    dtype: str
    relative_error: float | None
    verdict: Verdict
    worst: str
    """Name of the layer where the largest error stands; empty if nothing was compared."""
    layers: list[LayerCheck]


class Checked(msgspec.Struct, frozen=True):
    """What came of a check, in the names that ``bplab check --json`` prints."""

    name: str
    steps: int
    """Updates that the weights have been through."""
    samples: int
    passed: bool
    checks: list[NetworkCheck]
    """In the network's own precision; if that is float32, then in float64 as well."""


def check_weights(
    experiment: Experiment,
    problem: Problem,
    parameters: Array,
    updates: int = 0,
    threads: int | None = None,
    watch: Watch | None = None,
) -> Checked:
    """Check the experiment's network with the weights in ``parameters``, the flat vector, after ``updates`` updates.

    Takes the first 32 training samples. Touches nobody's network: it builds its own. ``threads`` are the BLAS threads
    of the run whose weights these are, for the same last digits and so that a run under way keeps its own; by default
    those that a run of the experiment takes here.
    """
    batch = min(experiment.training.batch_size, len(problem.train_inputs))
    with limited_blas(threads or blas_threads(experiment, batch)):
        return _check_weights(experiment, problem, parameters, updates, watch)


def _check_weights(
    experiment: Experiment, problem: Problem, parameters: Array, updates: int, watch: Watch | None
) -> Checked:
    dtypes = list(dict.fromkeys((experiment.training.dtype, "float64")))
    inputs, targets = problem.train_inputs[:SAMPLES], problem.train_targets[:SAMPLES]
    checks: list[NetworkCheck] = []
    for number, dtype in enumerate(dtypes):
        plan = msgspec.structs.replace(experiment.training, dtype=dtype)
        network = msgspec.structs.replace(experiment, training=plan).build_network(problem.train_inputs)
        network.parameters[...] = parameters
        found: list[Comparison] = []
        for comparison in compare_gradients(network, inputs, targets, DIRECTIONS):
            found.append(comparison)
            if watch:
                watch((number + comparison.share) / len(dtypes))
        layers = [summed_up(layer, found) for layer in range(1, len(network.layers) + 1)]
        checks.append(_network_check(dtype, layers, layer_names(network.layers)))
    return Checked(experiment.name, updates, len(inputs), has_passed(checks), checks)


def has_passed(checks: Sequence[NetworkCheck]) -> bool:
    """Whether float64 has nothing to say against it, and the network's own precision nothing serious."""
    return checks[-1].verdict in ("good", "acceptable") and all(check.verdict != "wrong" for check in checks)


def _network_check(dtype: str, layers: Sequence[GradientCheck], names: Sequence[str]) -> NetworkCheck:
    compared = [layer for layer in layers if layer.compared]
    worst = max(compared, key=lambda layer: layer.relative_error, default=GradientCheck(math.nan, 0, 0, 0))
    rows = [
        LayerCheck(number, name, _finite(layer.relative_error), layer.verdict, layer.compared, layer.skipped)
        for number, (name, layer) in enumerate(zip(names, layers, strict=True), start=1)
    ]
    name = names[worst.layer - 1] if worst.layer else ""
    return NetworkCheck(dtype, _finite(worst.relative_error), worst.verdict, name, rows)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def verdict_line(checked: Checked) -> str:
    """The verdict in a sentence: of float64, unless float32 alone is wrong."""
    decisive = checked.checks[-1]
    if not checked.passed and decisive.verdict in ("good", "acceptable"):
        decisive = checked.checks[0]
    line = _SENTENCES[decisive.verdict].format(error=error_text(decisive), layer=decisive.worst)
    return f"{line} ({decisive.dtype})" if len(checked.checks) > 1 else line


def about_line(checked: Checked) -> str:
    """``32 training samples, weights as first drawn, in float32 and float64``."""
    weights = f"weights after {counted(checked.steps, 'update')}" if checked.steps else "weights as first drawn"
    dtypes = " and ".join(check.dtype for check in checked.checks)
    return f"{counted(checked.samples, 'training sample')}, {weights}, in {dtypes}".replace("\N{NO-BREAK SPACE}", " ")


def error_text(check: LayerCheck | NetworkCheck) -> str:
    """The relative error: ``3.21e-11``, a dash where there is none."""
    if check.relative_error is None:
        return "∞" if check.verdict == "wrong" else three(None)
    return three(check.relative_error)


def verdict_word(check: LayerCheck) -> str:
    """A layer's verdict; what has no weights has none."""
    return check.verdict if check.compared or check.skipped else "nothing to learn"


def notes(checked: Checked) -> list[str]:
    """What the numbers mean, a sentence each."""
    return [SCALE, *([ROUNDED] if len(checked.checks) > 1 else [])]


def check_rows(checked: Checked) -> list[tuple[str, ...]]:
    """Heads, then a row for each layer; two columns of errors and verdicts where there are two precisions."""
    heads = ["layer"]
    for check in checked.checks:
        heads += [check.dtype if len(checked.checks) > 1 else "relative error", "verdict"]
    rows = [(*heads, "compared", "skipped")]
    for layers in zip(*(check.layers for check in checked.checks), strict=True):
        row = [layers[0].name]
        for layer in layers:
            row += [error_text(layer), verdict_word(layer)]
        rows.append((*row, f"{layers[-1].compared:,}", f"{layers[-1].skipped:,}"))
    return rows


def check_text(checked: Checked) -> str:
    """The check in a few lines."""
    left = (0, *range(2, 2 * len(checked.checks) + 1, 2))
    lines = [f"{checked.name}: {about_line(checked)}", "", *table(check_rows(checked), left=left), ""]
    meaning = [line for note in notes(checked) for line in textwrap.wrap(note, WIDTH)]
    return "\n".join([*lines, *textwrap.wrap(verdict_line(checked), WIDTH), "", *meaning])

"""Explanations in a sentence: which factor holds a gradient up, with the numbers that say so, for a newcomer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bplab.engine import BatchNorm, Network

from ..report.words import counted, percent, three
from .causes import is_lone_softmax
from .values import Explanation

SLOWLY = 3.0
"""Decades that may be missing before a weight that learns slowly counts as one that stands still."""
ALONE = 1.0
"""Decades from which on a cause is enough by itself."""
FROZEN = " What the layer learns is frozen, so training leaves it as it is all the same."


@dataclass(frozen=True, eq=False)
class Facts:
    """What sentences say beside the factors."""

    network: Network
    saturated: float
    """Share of samples (and units) with f' below 5 % of its maximum."""
    slope_there: float
    """RMS of |f'| on those, as a share of its maximum; 0 for none."""
    dead: bool
    """f' is exactly 0 on every sample, on a flat piece of f."""
    loss: float

    kept: float = 1.0
    """Share of Σ|a_in·δ| that is left in Σ a_in·δ."""
    met: float = 1.0
    """Share of what Σ|a_in·δ| would be if inputs and errors were of one size on all samples."""

    def layer(self, told: Explanation) -> Any:
        """The target's layer."""
        return self.network.layers[told.target.layer]


def sentence_of(told: Explanation, facts: Facts) -> str:
    """The sentence for an explanation's dominant cause."""
    said = _SENTENCES[told.dominant](told, facts) + _one_of_several(told)
    return f"{said}{FROZEN if facts.layer(told).frozen else ''}".replace("\N{NO-BREAK SPACE}", " ")


def _one_of_several(told: Explanation) -> str:
    """What is to be added where no cause is large by itself, and only all of them together are."""
    short = told.shortfalls
    largest = max(short.input, short.derivative, short.upstream, short.agreement, short.loss)
    if told.dominant in ("none", "converged", "exploding", "not_finite") or largest >= ALONE:
        return ""
    together = f"together they make the gradient {times(short.total)} smaller than a healthy one"
    return f" It is the largest of several small shortfalls: {together}."


def times(decades: float) -> str:
    """Decades as a factor: ``320 times``."""
    return f"{three(10.0**decades)} times" if decades < 300 else f"1e{decades:.0f} times"


# -- parts of sentences -------------------------------------------------------------------------------------


def _subject(told: Explanation) -> str:
    return f"This {told.target.kind}"


def _stands(told: Explanation) -> str:
    """``This weight stands still``, or how else one calls a gradient that is too small."""
    if told.sample is not None:
        return f"{_subject(told)} learns {'little' if told.gradient else 'nothing'} from this sample"
    still = told.gradient == 0.0 or told.shortfalls.total >= SLOWLY
    return f"{_subject(told)} {'stands still' if still else 'learns very slowly'}"


def _neuron_is(told: Explanation) -> str:
    return {"neuron": "it is", "layer": "its neurons are"}.get(told.target.kind, "its neuron is")


def _error_of_loss(told: Explanation) -> str:
    """∂C/∂a of a sample, without the 1/n of the mean."""
    return three(abs(told.path[-1].delta_next) * told.samples)


def _lost(decades: float) -> str:
    """How much an error shrinks: ``320 times``, ``to 0``."""
    return times(decades) if math.isfinite(decades) else "to 0"


# -- a sentence for each cause ------------------------------------------------------------------------------


def _none(told: Explanation, facts: Facts) -> str:
    lowest = max(told.factors, key=lambda factor: factor.shortfall)
    said = f"{_subject(told)} learns: its gradient is {three(told.gradient)}"
    if lowest.shortfall <= 0:
        return f"{said}, and every factor has a healthy size."
    share = three(10.0**-lowest.shortfall)
    return f"{said}; its smallest factor, {lowest.symbol}, is {share} of a healthy size."


def _converged(told: Explanation, facts: Facts) -> str:
    wrong = _error_of_loss(told)
    if told.sample is not None:
        return f"Nothing is wrong: this sample is answered already, the error at the loss is only {wrong}."
    if told.shortfalls.loss < ALONE:  # a loss whose error has one size however small the miss
        return f"Nothing is wrong: there is little left to learn, the loss is only {three(facts.loss)}."
    return (
        f"Nothing is wrong: there is little left to learn, with an error at the loss of {wrong} per sample (RMS) "
        f"and a loss of {three(facts.loss)}."
    )


def _small_input(told: Explanation, facts: Facts) -> str:
    size, one = told.size("input"), told.target.kind == "weight"
    what = "its input is" if one else "its inputs are"
    if size == 0.0:
        on = "on this sample" if told.sample is not None else f"on all {counted(told.samples, 'sample')}"
        return f"{_stands(told)} because {what} 0 {on}: an error times 0 is 0."
    if facts.met < 1.0:
        there = percent(facts.met) if facts.met else "nothing"
        return (
            f"{_stands(told)} because {what} {'0' if not facts.met else 'small'} on the samples that bring an error: "
            f"{there} of what their sizes allow is left of their product."
        )
    mean = "" if told.entries == 1 and one else " (RMS)"
    return f"{_stands(told)} because {what} small: {three(abs(size))}{mean}, where a healthy one is about 1."


def _saturated(told: Explanation, facts: Facts) -> str:
    steepest = next(factor.healthy for factor in told.factors if factor.name == "derivative")
    title = facts.layer(told).activation.title()
    there = f"{three(facts.slope_there)} of its maximum" if facts.slope_there else "0"
    if facts.saturated == 0.0:  # nearly, everywhere, or through a softmax's whole matrix
        slope = three(abs(told.size("derivative")) / steepest)
        return f"{_stands(told)} because {_neuron_is(told)} where {title} is flat: f'(z) is {slope} of its maximum."
    if told.sample is not None and told.target.kind != "layer":
        return f"{_stands(told)} because {_neuron_is(told)} saturated: f'(z) is {there}."
    return f"{_stands(told)} because {_neuron_is(told)} saturated: f'(z) is {there} on {_share(told, facts)}."


def _share(told: Explanation, facts: Facts) -> str:
    """``97 % of 128 samples``, ``all 128 samples``."""
    share = "all" if facts.saturated == 1.0 else f"{percent(facts.saturated)} of"
    if told.target.kind == "layer":
        return f"{share} neurons and samples"
    places = "places of " if told.entries not in (1, told.samples) else ""
    return f"{share} {places}{counted(told.samples, 'sample')}"


def _dead(told: Explanation, facts: Facts) -> str:
    samples, title = counted(told.samples, "sample"), facts.layer(told).activation.title()
    if told.target.kind == "layer":
        return f"This layer is dead: f'(z) of its {title} is 0 in every neuron on all {samples}."
    who = "This neuron" if told.target.kind == "neuron" else f"{_subject(told)} stands still because its neuron"
    return f"{who} is dead: f'(z) of its {title} is 0 on all {samples}, so no error gets through."


def _small_weights(told: Explanation, facts: Facts) -> str:
    lost = _by_step(told, lambda step: step.weights)
    said = f"{_stands(told)} because the weights behind it are small: they shrink the error {_lost(sum(lost))}"
    worst = told.path[lost.index(max(lost))]
    return f"{said}{_most(lost, f'those of {worst.behind}')}."


def _vanished(told: Explanation, facts: Facts) -> str:
    short = told.shortfalls
    if short.normalization > short.later_derivatives:
        return _normalized(told, facts)
    lost = [0.0, *_by_step(told, lambda step: step.derivative)[1:]]
    worst = told.path[lost.index(max(lost))].name
    return (
        f"{_stands(told)} because the error has vanished before it gets here: f'(z) in the layers behind shrinks it "
        f"{_lost(short.later_derivatives)}{_most(lost, f'in {worst}') or f', in {worst}'}."
    )


def _normalized(told: Explanation, facts: Facts) -> str:
    lost = _by_step(told, lambda step: step.normalization)
    worst = told.path[lost.index(max(lost))]
    layer: Any = facts.network.layers[worst.layer]
    title = layer.normalization.title()
    return (
        f"{_stands(told)} because {title} in {worst.name} shrinks the error {_lost(max(lost))}: it divides by how "
        f"far the values spread."
    )


def _by_step(told: Explanation, factor: Any) -> list[float]:
    """Decades that every step of the path loses through a factor of it."""
    return [math.inf if (size := abs(factor(step))) == 0.0 else -math.log10(size) for step in told.path]


def _most(lost: list[float], worst: str) -> str:
    """``, most of all …``, where more than one step loses something."""
    return f", most of all {worst}" if sum(value > 0.0 for value in lost) > 1 else ""


def _cancelled(told: Explanation, facts: Facts) -> str:
    norm = getattr(facts.layer(told), "normalization", None)
    if told.target.kind == "bias" and isinstance(norm, BatchNorm) and norm.place == "before":
        return (
            f"{_stands(told)} because {norm.title()} takes the mean away, and a bias before it with it: what "
            f"{counted(told.samples, 'sample')} pull cancels to {percent(facts.kept)}."
        )
    parts = counted(told.entries, "sample" if told.entries == told.samples else "place")
    return (
        f"{_stands(told)} because its {parts} pull in opposite directions, as at a minimum: when it is summed, "
        f"{percent(facts.kept)} of the pull is left."
    )


def _mismatch(told: Explanation, facts: Facts) -> str:
    if is_lone_softmax(facts.network):
        return f"{_stands(told)} because a softmax over one unit is 1 whatever z is: no error gets through it."
    loss, output = facts.network.loss.title(), facts.network.layers[-1].activation.title()
    return (
        f"{_stands(told)} because output and loss do not fit: {loss} is flat where the {output} outputs lie, so that a "
        f"loss of {three(facts.loss)} sends back an error of {_error_of_loss(told)}."
    )


def _exploding(told: Explanation, facts: Facts) -> str:
    short = told.shortfalls
    reasons = {
        f"{_inputs(told)} {three(abs(told.size('input')))}, where a healthy size is about 1": -short.input,
        f"the weights behind it enlarge the error {times(-short.weights)}": -short.weights,
        f"f'(z) in the layers behind enlarges the error {times(-short.later_derivatives)}": -short.later_derivatives,
        f"its f'(z) is {three(abs(told.size('derivative')))}": -short.derivative,
        f"normalization enlarges the error {times(-short.normalization)}": -short.normalization,
        f"the error at the loss is {_error_of_loss(told)}, {times(-short.loss)} that of a usual miss": -short.loss,
    }
    large = f"{_subject(told)} has a gradient of {three(told.gradient)}, {times(-short.total)} a healthy one"
    return f"{large}, because {max(reasons, key=reasons.__getitem__)}."


def _inputs(told: Explanation) -> str:
    return "its input is" if told.target.kind == "weight" else "its inputs are"


def _not_finite(told: Explanation, facts: Facts) -> str:
    bad = [step.name for step in reversed(told.path) if not math.isfinite(step.delta)]
    where = f"from {bad[0]} back the error is no finite number" if bad else "its inputs are no finite numbers"
    return f"{_subject(told)} has no gradient any more: {where}."


_SENTENCES = {
    "none": _none,
    "converged": _converged,
    "small_input": _small_input,
    "saturated_derivative": _saturated,
    "dead_unit": _dead,
    "small_weights": _small_weights,
    "vanished_upstream": _vanished,
    "cancelled": _cancelled,
    "output_loss_mismatch": _mismatch,
    "exploding": _exploding,
    "not_finite": _not_finite,
}

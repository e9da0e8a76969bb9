"""The verdict on measured factors: what is missing, the cause, and the facts that its sentence rests on."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from bplab.engine import Network
from bplab.engine.chain_rule import computed_from_z
from bplab.engine.error_path import unopposed_size
from bplab.engine.network import Backprop
from bplab.engine.probes import rms

from .causes import dominant_cause, is_mismatched, opposes, shortfalls_of
from .factors import Measured, steepest
from .values import Cause, Shortfalls
from .words import Facts


@dataclass(frozen=True)
class Verdict:
    """What is to blame, and by how much."""

    shortfalls: Shortfalls
    cause: Cause
    facts: Facts


def judged(network: Network, passed: Backprop, measured: Measured, miss: float, loss_share: float) -> Verdict:
    """The verdict; ``miss`` is the ∂C/∂a of a sample that is wholly wrong, ``loss_share`` the loss by its loss."""
    slope = steepest(network, passed, measured.target.layer)
    short = shortfalls_of(measured.input, measured.agreement, measured.entries, slope, measured.path, miss)
    facts = _facts(network, passed, measured)
    if not measured.finite:
        return Verdict(short, "not_finite", facts)
    one = measured.sample is not None
    cause = dominant_cause(
        short,
        dead=facts.dead and not one,
        loss_share=math.nan if one else loss_share,
        mismatched=is_mismatched(network, short, loss_share),
    )
    if cause != "cancelled":
        return Verdict(short, cause, facts)
    facts = _with_opposition(network, passed, measured, facts)
    return Verdict(short, "cancelled" if opposes(facts.kept, facts.met, measured.entries) else "small_input", facts)


def _facts(network: Network, passed: Backprop, measured: Measured) -> Facts:
    """What a sentence may say of the neuron's f'."""
    layer, unit, sample = measured.target.layer, measured.target.unit, measured.sample
    slopes = np.abs(passed.derivatives[layer].astype(np.float64)) / float(passed.steepest[layer])
    slopes = slopes if sample is None else slopes[sample : sample + 1]
    if unit is not None:
        slopes = slopes.reshape(len(slopes), network.places[layer].channels, -1)[:, unit]
    low = slopes < 0.05
    flat = bool(network.layers[layer].activation.kinks) and not computed_from_z(network, layer)
    return Facts(
        network=network,
        saturated=float(low.mean()),
        slope_there=rms(slopes[low]),
        dead=flat and not slopes.any(),
        loss=passed.loss,
    )


def _with_opposition(network: Network, passed: Backprop, measured: Measured, facts: Facts) -> Facts:
    """The facts with how far samples cancel, and how far inputs and errors meet at all."""
    target = measured.target
    source = -1 if target.kind == "bias" else target.source
    unopposed = unopposed_size(network, passed, target.layer, target.unit, source, measured.sample)
    return dataclasses.replace(
        facts,
        kept=abs(measured.gradient) / unopposed if unopposed else 1.0,
        met=unopposed / abs(measured.entries * measured.input * measured.delta),
    )

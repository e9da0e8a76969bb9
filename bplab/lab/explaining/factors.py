"""The factors of a gradient: their sizes, what size would be healthy, and where in the network they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bplab.engine import Dense, Network
from bplab.engine.chain_rule import computed_from_z
from bplab.engine.error_path import error_path
from bplab.engine.network import Backprop

from ..problem import layer_names
from .causes import decades
from .values import Factor, FactorName, PathStep, Target

SYMBOLS: dict[FactorName, str] = {
    "input": "a_in",
    "agreement": "agreement",
    "derivative": "f'(z)",
    "normalization": "norm",
    "weights": "w_next",
    "delta_next": "δ_next",
}


@dataclass(frozen=True)
class Measured:
    """What is measured of a target; the fields are those of :class:`.values.Explanation`."""

    target: Target
    sample: int | None
    samples: int
    entries: int
    gradient: float
    input: float
    path: tuple[PathStep, ...]

    @property
    def delta(self) -> float:
        """The size of δ."""
        return self.path[0].delta

    @property
    def agreement(self) -> float:
        """What is left of ``entries · input · δ``; 1 where there is one product, or nothing to agree on."""
        whole = self.entries * self.input * self.delta
        return 1.0 if self.entries == 1 or not whole or not math.isfinite(whole) else self.gradient / whole

    @property
    def finite(self) -> bool:
        """Whether every factor is; their product may still overflow."""
        steps = [(s.delta_next, s.weights, s.derivative, s.normalization, s.delta) for s in self.path]
        return all(map(math.isfinite, (self.input, *sum(steps, ()))))


def steepest(network: Network, passed: Backprop, layer: int) -> float:
    """max|f'|, the healthy size of f'; 1 where no f' plays a part."""
    return 1.0 if computed_from_z(network, layer) else float(passed.steepest[layer])


def path_of(network: Network, passed: Backprop, target: Target, sample: int | None) -> tuple[PathStep, ...]:
    """δ unrolled; of a neuron or layer, whose gradient is a size, without signs."""
    names = layer_names(network.layers)
    own = float if target.kind in ("weight", "bias") else abs
    return tuple(
        PathStep(
            layer=step.layer,
            name=names[step.layer],
            behind="loss" if step.source is None else names[step.source],
            source=step.source,
            by_skip=step.by_skip,
            skips=any(getattr(one, "skip", None) == step.layer + 1 for one in network.layers),
            delta_next=own(step.delta_next),
            weights=own(step.weights),
            derivative=own(step.derivative),
            normalization=own(step.normalization),
            delta=own(step.delta),
        )
        for step in error_path(network, passed, target.layer, target.unit, sample)
    )


def factors_of(network: Network, passed: Backprop, measured: Measured, miss: float) -> tuple[Factor, ...]:
    """Those that play a part, in order; ``miss`` is the ∂C/∂a of a sample whose outputs are wholly wrong."""
    target, step, entries = measured.target, measured.path[0], measured.entries
    layer: Any = network.layers[target.layer]
    last, own = step.source is None, None if target.unit is None else (target.unit,)
    behind = target.layer if step.source is None else step.source
    factors = []

    def add(name: FactorName, size: float, healthy: float, at: int, units: tuple[int, ...] | None) -> None:
        symbol = SYMBOLS[name]
        if name == "delta_next" and (last or step.by_skip):
            symbol = "∂C/∂a" if last else f"∂C/∂a {step.behind}"
        factors.append(Factor(name, symbol, size, healthy, decades(healthy, size), at, units))

    if target.kind != "bias":
        add("input", measured.input, 1.0, target.layer - 1, _entering_unit(layer, target))
    if entries > 1:
        add("agreement", measured.agreement, 1.0 / math.sqrt(entries), target.layer, own)
    if not computed_from_z(network, target.layer):
        add("derivative", step.derivative, steepest(network, passed, target.layer), target.layer, own)
    if getattr(layer, "normalization", None) is not None:
        add("normalization", step.normalization, 1.0, target.layer, own)
    if not last:
        add("weights", step.weights, 1.0, behind, None)
    add("delta_next", step.delta_next, miss, behind, own if last else None)
    return tuple(factors)


def terms_of(network: Network, passed: Backprop, measured: Measured) -> tuple[tuple[float, float], ...]:
    """See :attr:`.values.Explanation.terms`."""
    target, step = measured.target, measured.path[0]
    layer: Any = network.layers[target.layer]
    if measured.sample is None or target.unit is None or step.source is None or step.skips:
        return ()
    plain = isinstance(layer, Dense) and layer.normalization is None and layer.activation.elementwise
    if not plain or not isinstance(network.layers[step.source], Dense):
        return ()
    weights = network.weights[step.source][target.unit].tolist()
    return tuple(zip(weights, passed.deltas[step.source][measured.sample].tolist(), strict=True))


def _entering_unit(layer: Any, target: Target) -> tuple[int, ...] | None:
    """The unit of the layer before that a weight comes from; None for all of them."""
    if target.source is None:
        return None
    if isinstance(layer, Dense):
        return (target.source,)
    return (target.source // layer.kernel**2,)  # the map, or channel, of a filter's weight

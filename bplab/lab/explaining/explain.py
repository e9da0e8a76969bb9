"""From a network and a backward pass to an explanation: of a weight, a bias, a neuron or a layer.

Pure functions of what :meth:`Network.backprop` gives, over its batch or for one sample of it; a few milliseconds each,
so that a view may ask several times a second while the network trains. ``spread`` is how far the targets lie from their
mean (:func:`.causes.target_spread`), by which an error counts as small or large. Layers, units and samples are counted
from 0. All raise ``InputError`` where there is no such thing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from msgspec.structs import replace

from bplab.engine import Dense, InputError, Network
from bplab.engine import explain_weight as weight_factors
from bplab.engine.chain_rule import check_layer, computed_from_z
from bplab.engine.error_path import check_unit, error_path, gradient_size, input_size
from bplab.engine.network import Backprop
from bplab.engine.probes import rms

from ..problem import layer_names
from .causes import decades, dominant_cause, full_miss, is_mismatched, marked_factor, shortfalls_of
from .values import Explanation, Factor, FactorName, PathStep, Target
from .words import Facts, sentence_of

SYMBOLS: dict[FactorName, str] = {
    "input": "a_in",
    "agreement": "agreement",
    "derivative": "f'(z)",
    "normalization": "norm",
    "weights": "w_next",
    "delta_next": "δ_next",
}


def explain_weight(
    network: Network,
    passed: Backprop,
    layer: int,
    source: int,
    unit: int,
    sample: int | None = None,
    *,
    spread: float = 1.0,
) -> Explanation:
    """∂C/∂w of the weight from input ``source`` to ``unit`` of ``layer``."""
    told = weight_factors(network, passed, layer, source, unit)
    inputs, deltas = (_of_sample(values, passed, sample) for values in (told.input, told.delta))
    with np.errstate(all="ignore"):  # of a network that diverges, a 0 may meet an infinity
        gradient = float(inputs @ deltas)
    target = Target("weight", layer, unit, source)
    return _explained(network, passed, target, sample, gradient, _one_or_rms(inputs), len(deltas), spread)


def explain_bias(
    network: Network, passed: Backprop, layer: int, unit: int, sample: int | None = None, *, spread: float = 1.0
) -> Explanation:
    """∂C/∂b of a unit, which is the sum of its δ: a bias is a weight whose input is 1."""
    deltas = _of_sample(_deltas(network, passed, layer, unit), passed, sample)
    if not network.layers[layer].bias:
        raise InputError(f"layer {layer + 1} has no biases")
    with np.errstate(all="ignore"):
        gradient = float(deltas.sum())
    return _explained(network, passed, Target("bias", layer, unit), sample, gradient, 1.0, len(deltas), spread)


def explain_neuron(
    network: Network, passed: Backprop, layer: int, unit: int, sample: int | None = None, *, spread: float = 1.0
) -> Explanation:
    """RMS of ∂C/∂w over the weights into a neuron, or into a feature map."""
    entries = len(_of_sample(_deltas(network, passed, layer, unit), passed, sample))
    return _of_many(network, passed, Target("neuron", layer, unit), sample, entries, spread)


def explain_layer(
    network: Network, passed: Backprop, layer: int, sample: int | None = None, *, spread: float = 1.0
) -> Explanation:
    """RMS of ∂C/∂w over all weights of a layer."""
    entries = len(_of_sample(_deltas(network, passed, layer, 0), passed, sample))
    return _of_many(network, passed, Target("layer", layer), sample, entries, spread)


def explain(
    network: Network, passed: Backprop, target: Target, sample: int | None = None, *, spread: float = 1.0
) -> Explanation:
    """Whatever a target is."""
    if target.unit is None:
        return explain_layer(network, passed, target.layer, sample, spread=spread)
    if target.kind == "bias":
        return explain_bias(network, passed, target.layer, target.unit, sample, spread=spread)
    if target.source is None:
        return explain_neuron(network, passed, target.layer, target.unit, sample, spread=spread)
    return explain_weight(network, passed, target.layer, target.source, target.unit, sample, spread=spread)


def _deltas(network: Network, passed: Backprop, layer: int, unit: int) -> np.ndarray:
    """δ of a unit that has weights, ``(samples · places,)``."""
    check_layer(network, layer)
    if not network.weights[layer].size:
        raise InputError(f"layer {layer + 1} has no weights: it is {network.layers[layer].title()}")
    check_unit(network, layer, unit)
    values = passed.deltas[layer].astype(np.float64)
    by_unit: np.ndarray = values.reshape(len(values), network.places[layer].channels, -1)[:, unit]
    return by_unit.ravel()


def _of_sample(values: np.ndarray, passed: Backprop, sample: int | None) -> np.ndarray:
    """The entries of one sample among those of all."""
    samples = len(passed.output_errors)
    if sample is None:
        return values
    if not 0 <= sample < samples:
        raise InputError(f"there is no sample {sample}; the batch has 0 to {samples - 1}")
    found: np.ndarray = values.reshape(samples, -1)[sample]
    return found


def _one_or_rms(values: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(values[0]) if len(values) == 1 else rms(values)


def _of_many(
    network: Network, passed: Backprop, target: Target, sample: int | None, entries: int, spread: float
) -> Explanation:
    with np.errstate(all="ignore"):
        gradient = gradient_size(network, passed, target.layer, target.unit, sample)
        entering = input_size(network, passed, target.layer, sample)
    return _explained(network, passed, target, sample, gradient, entering, entries, spread)


def _explained(
    network: Network,
    passed: Backprop,
    target: Target,
    sample: int | None,
    gradient: float,
    entering: float,
    entries: int,
    spread: float,
) -> Explanation:
    signed = target.kind in ("weight", "bias")
    path = _path(network, passed, target, sample, signed)
    delta = path[0].delta
    agreement = _agreement(gradient, entries, entering, delta)
    samples = len(passed.output_errors)
    error, loss = full_miss(network, spread)
    steepest = _steepest(network, passed, target.layer)
    short = shortfalls_of(entering, agreement, entries, steepest, path, error / samples)
    facts = _facts(network, passed, target, sample, passed.loss / loss)
    sizes = {"input": entering, "agreement": agreement, "delta_next": path[0].delta_next} | {
        name: getattr(path[0], name) for name in ("derivative", "normalization", "weights")
    }
    finite = all(map(math.isfinite, (gradient, delta, passed.loss, *sizes.values(), *_numbers(path))))
    cause = (
        dominant_cause(
            short,
            dead=facts.dead and sample is None,
            loss_share=math.nan if sample is not None else facts.loss_share,
            mismatched=is_mismatched(network, short, facts.loss_share),
        )
        if finite
        else "not_finite"
    )
    healthy = {"agreement": 1.0 / math.sqrt(entries), "derivative": steepest, "delta_next": error / samples}
    factors = tuple(
        _factor(network, target, path[0], name, sizes[name], healthy.get(name, 1.0))
        for name in _playing(network, target, entries)
    )
    explanation = Explanation(
        target=target,
        names=tuple(layer_names(network.layers)),
        sample=sample,
        samples=samples,
        entries=entries,
        gradient=gradient,
        delta=delta,
        factors=factors,
        terms=_terms(network, passed, target, sample, path[0]),
        saturated=facts.saturated,
        path=path,
        shortfalls=short,
        dominant=cause,
        marked=marked_factor(cause, {factor.name: factor.shortfall for factor in factors}),
        sentence="",
    )
    return replace(explanation, sentence=sentence_of(explanation, facts))


def _path(network: Network, passed: Backprop, target: Target, sample: int | None, signed: bool) -> tuple[PathStep, ...]:
    names = layer_names(network.layers)
    steps = error_path(network, passed, target.layer, target.unit, sample)
    own = abs if not signed else float
    return tuple(
        PathStep(
            layer=step.layer,
            name=names[step.layer],
            behind="loss" if step.source is None else names[step.source],
            source=step.source,
            by_skip=step.by_skip,
            skips=_starts_skips(network, step.layer),
            delta_next=own(step.delta_next),
            weights=own(step.weights),
            derivative=own(step.derivative),
            normalization=own(step.normalization),
            delta=own(step.delta),
        )
        for step in steps
    )


def _agreement(gradient: float, entries: int, entering: float, delta: float) -> float:
    """What is left of ``entries · input · δ``; 1 where there is one product, or nothing to agree on."""
    whole = entries * entering * delta
    return 1.0 if entries == 1 or not whole or not math.isfinite(whole) else gradient / whole


def _steepest(network: Network, passed: Backprop, layer: int) -> float:
    return 1.0 if computed_from_z(network, layer) else float(passed.steepest[layer])


def _playing(network: Network, target: Target, entries: int) -> list[FactorName]:
    """Which factors play a part."""
    layer: Any = network.layers[target.layer]
    last = target.layer == len(network.layers) - 1
    found: list[tuple[FactorName, bool]] = [
        ("input", target.kind != "bias"),
        ("agreement", entries > 1),
        ("derivative", not computed_from_z(network, target.layer)),
        ("normalization", getattr(layer, "normalization", None) is not None),
        ("weights", not last),
        ("delta_next", True),
    ]
    return [name for name, plays in found if plays]


def _factor(network: Network, target: Target, step: PathStep, name: FactorName, size: float, healthy: float) -> Factor:
    own = None if target.unit is None else (target.unit,)
    behind = target.layer if step.source is None else step.source
    places: dict[FactorName, tuple[int, tuple[int, ...] | None]] = {
        "input": (target.layer - 1, _entering_unit(network, target)),
        "agreement": (target.layer, own),
        "derivative": (target.layer, own),
        "normalization": (target.layer, own),
        "weights": (behind, None),
        "delta_next": (behind, own if behind == target.layer else None),
    }
    symbol = "∂C/∂a" if name == "delta_next" and step.source is None else SYMBOLS[name]
    return Factor(name, symbol, size, healthy, decades(healthy, size), *places[name])


def _starts_skips(network: Network, layer: int) -> bool:
    return any(getattr(one, "skip", None) == layer + 1 for one in network.layers)


def _entering_unit(network: Network, target: Target) -> tuple[int, ...] | None:
    """The unit of the layer before that a weight comes from; None for all of them."""
    if target.source is None:
        return None
    layer: Any = network.layers[target.layer]
    if isinstance(layer, Dense):
        return (target.source,)
    return (target.source // layer.kernel**2,)  # the map, or channel, of a filter's weight


def _terms(
    network: Network, passed: Backprop, target: Target, sample: int | None, step: PathStep
) -> tuple[tuple[float, float], ...]:
    behind = network.layers[target.layer + 1 : target.layer + 2]
    layer: Any = network.layers[target.layer]
    plain = isinstance(layer, Dense) and layer.normalization is None and layer.activation.elementwise
    if sample is None or target.unit is None or not (plain and behind and isinstance(behind[0], Dense)) or step.skips:
        return ()
    weights = network.weights[target.layer + 1][target.unit].tolist()
    return tuple(zip(weights, passed.deltas[target.layer + 1][sample].tolist(), strict=True))


def _numbers(path: tuple[PathStep, ...]) -> list[float]:
    return [
        value
        for step in path
        for value in (step.delta_next, step.weights, step.derivative, step.normalization, step.delta)
    ]


def _facts(network: Network, passed: Backprop, target: Target, sample: int | None, loss_share: float) -> Facts:
    """What the sentence says of the neuron's f' beside the factors."""
    layer, channels = target.layer, network.places[target.layer].channels
    slopes = np.abs(passed.derivatives[layer].astype(np.float64)) / float(passed.steepest[layer])
    slopes = slopes if sample is None else slopes[sample : sample + 1]
    if target.unit is not None:
        slopes = slopes.reshape(len(slopes), channels, -1)[:, target.unit]
    low = slopes < 0.05
    flat = bool(network.layers[layer].activation.kinks) and not computed_from_z(network, layer)
    return Facts(
        network=network,
        saturated=float(low.mean()),
        slope_there=rms(slopes[low]),
        dead=flat and not slopes.any(),
        loss=passed.loss,
        loss_share=loss_share,
    )

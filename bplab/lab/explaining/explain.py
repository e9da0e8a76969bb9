"""From a network and a backward pass to an explanation: of a weight, a bias, a neuron or a layer.

Pure functions of what :meth:`Network.backprop` gives, over its batch or for one sample of it; a few milliseconds each,
so that a view may ask several times a second while the network trains. ``spread`` is how far the targets lie from their
mean (:func:`.causes.target_spread`), by which an error counts as small or large. Layers, units and samples are counted
from 0. All raise ``InputError`` where there is no such thing.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from bplab.engine import InputError, Network
from bplab.engine import explain_weight as weight_factors
from bplab.engine.chain_rule import check_layer
from bplab.engine.error_path import check_sample, check_unit, gradient_size, input_size
from bplab.engine.network import Backprop
from bplab.engine.probes import rms

from ..problem import layer_names
from .causes import full_miss, marked_factor
from .factors import Measured, factors_of, path_of, terms_of
from .judging import judged
from .values import Explanation, Target
from .words import sentence_of


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
    check_sample(passed, sample)
    found: np.ndarray = values if sample is None else values.reshape(len(passed.output_errors), -1)[sample]
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
    path = path_of(network, passed, target, sample)
    measured = Measured(target, sample, len(passed.output_errors), entries, gradient, entering, path)
    miss, loss_of_miss = full_miss(network, spread)
    verdict = judged(network, passed, measured, miss / measured.samples, passed.loss / loss_of_miss)
    factors = factors_of(network, passed, measured, miss / measured.samples)
    explanation = Explanation(
        target=target,
        names=tuple(layer_names(network.layers)),
        sample=sample,
        samples=measured.samples,
        entries=entries,
        gradient=gradient,
        delta=measured.delta,
        factors=factors,
        terms=terms_of(network, passed, measured),
        saturated=verdict.facts.saturated,
        path=path,
        shortfalls=verdict.shortfalls,
        dominant=verdict.cause,
        marked=marked_factor(verdict.cause, {factor.name: factor.shortfall for factor in factors}),
        sentence="",
    )
    return replace(explanation, sentence=sentence_of(explanation, verdict.facts))

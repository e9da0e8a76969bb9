"""The equation of every phase of a training step, as LaTeX; layers are numbered from 1 there, the inputs being 0."""

from __future__ import annotations

from typing import Any

from bplab.engine import Conv2D, Flatten, MaxPool, MeanPool
from bplab.engine.choices import type_name
from bplab.engine.normalizations import RMSNorm
from bplab.engine.rules import Rules

from ..experiment import Experiment
from ..replay import Moment
from .camera import Take

_STEPS = {
    "sgd": r"W \leftarrow W - \eta\, g",
    "momentum": r"v \leftarrow \mu v + g, \quad W \leftarrow W - \eta\, v",
    "nesterov": r"v \leftarrow \mu v + g, \quad W \leftarrow W - \eta \left(g + \mu v\right)",
    "adagrad": r"s \leftarrow s + g^2, \quad W \leftarrow W - \eta \frac{g}{\sqrt{s} + \varepsilon}",
    "rmsprop": r"s \leftarrow \rho s + (1 - \rho) g^2, \quad W \leftarrow W - \eta \frac{g}{\sqrt{s} + \varepsilon}",
    "adadelta": r"W \leftarrow W - \eta \frac{\sqrt{u + \varepsilon}}{\sqrt{s + \varepsilon}}\, g",
    "adam": r"W \leftarrow W - \eta \frac{\hat{m}}{\sqrt{\hat{v}} + \varepsilon}",
    "adamw": r"W \leftarrow (1 - \eta \lambda) W - \eta \frac{\hat{m}}{\sqrt{\hat{v}} + \varepsilon}",
    "nadam": r"W \leftarrow W - \eta \frac{\mu \hat{m} + (1 - \mu) \hat{g}}{\sqrt{\hat{v}} + \varepsilon}",
    "lion": r"W \leftarrow W - \eta\, \mathrm{sign}\left(\beta_1 m + (1 - \beta_1) g\right)",
}
_STEP = r"W \leftarrow W + \Delta W"
_SLOPE = r"f^{\prime}"


def _at(symbol: str, layer: int) -> str:
    """A symbol of a layer (from 0), the inputs being −1: ``a^{(1)}``."""
    return f"{symbol}^{{({layer + 1})}}"


def _turned(symbol: str, layer: int) -> str:
    """The same transposed."""
    return rf"{symbol}^{{({layer + 1})\top}}"


def _grouped(expression: str) -> str:
    """In parentheses, where it is more than one thing."""
    return rf"\left({expression}\right)" if " " in expression else expression


class Equations:
    """The equations of one take's phases."""

    def __init__(self, experiment: Experiment, moment: Moment, take: Take) -> None:
        self._plan, self._layers = experiment.training, experiment.network.layers
        self._rules, self._take, self._last = moment.rules, take, len(experiment.network.layers) - 1

    def of(self, kind: str, layer: int | None) -> str:
        """The equation of the phase of this kind in a layer (from 0)."""
        if layer is None:
            return str(getattr(self, f"_{kind}")())
        return str(getattr(self, f"_{kind}")(layer, self._layers[layer]))

    def _load(self) -> str:
        return f"{_at('a', -1)} = x"

    def _weigh(self, number: int, layer: Any) -> str:
        z, entering, bias = _at("z", number), _at("a", number - 1), f" + {_at('b', number)}" if layer.bias else ""
        if isinstance(layer, MaxPool):
            return rf"{_at('a', number)} = \max_{{\mathrm{{window}}}} {entering}"
        if isinstance(layer, MeanPool):
            return rf"{_at('a', number)} = \frac{{1}}{{{layer.size**2}}} \sum_{{\mathrm{{window}}}} {entering}"
        if isinstance(layer, Flatten):
            return f"{_at('a', number)} = {entering}"
        between = r" \ast " if isinstance(layer, Conv2D) else " "
        return f"{z} = {entering}{between}{_at('W', number)}{bias}"

    def _normalize(self, number: int, layer: Any) -> str:
        norm = layer.normalization
        x = _at("z" if norm.place == "before" else "a", number)
        hat = _at(r"\hat{z}" if norm.place == "before" else r"\hat{a}", number)
        if isinstance(norm, RMSNorm):
            return rf"{hat} = \gamma \frac{{{x}}}{{\sqrt{{\mathrm{{mean}}\left(x^2\right) + \varepsilon}}}}"
        return rf"{hat} = \gamma \frac{{{x} - \mu}}{{\sqrt{{\sigma^2 + \varepsilon}}}} + \beta"

    def _argument(self, number: int) -> str:
        norm = getattr(self._layers[number], "normalization", None)
        return _at(r"\hat{z}" if norm is not None and norm.place == "before" else "z", number)

    def _activate(self, number: int, layer: Any) -> str:
        return rf"{_at('a', number)} = f\left({self._argument(number)}\right)"

    def _drop(self, number: int, layer: Any) -> str:
        keep = f"{1.0 - layer.dropout:.4g}"
        a = _at("a", number)
        return rf"{a} \leftarrow \frac{{1}}{{{keep}}}\, m \odot {a}, \quad m \in \{{0, 1\}}"

    def _skip(self, number: int, layer: Any) -> str:
        source, projected = _at("a", layer.skip - 1), ""
        if ("projection_gradient", number) in self._take.values:
            projected = f" {_at('P', number)}"
        return rf"{_at('a', number)} \leftarrow {_at('a', number)} + {source}{projected}"

    def _loss(self) -> str:
        count = len(self._take.samples)
        if count == 1:
            return rf"C = L\left({_at('a', self._last)}, y\right)"
        return rf"C = \frac{{1}}{{{count}}} \sum_{{i=1}}^{{{count}}} L\left({_at('a_i', self._last)}, y_i\right)"

    def _delta(self, number: int, layer: Any) -> str:
        delta, stages = _at(r"\delta", number), self._take.stages[number]
        if number == self._last and self._take.paired:
            error = rf"\frac{{1}}{{{len(self._take.samples)}}} \left({_at('a', number)} - y\right)"
            return f"{delta} = {self._through_norm(number, layer, 'before', error)}"
        if number == self._last:
            error = rf"\frac{{\partial C}}{{\partial {_at('a', number)}}}"
        else:
            error = self._sent_back(number)
        if "drop" in stages:
            error = rf"{_grouped(error)} \odot \frac{{m}}{{{1.0 - layer.dropout:.4g}}}"
        if "activation" not in layer.__struct_fields__:
            return f"{delta} = {error}"
        error = self._through_norm(number, layer, "after", error)
        slope = rf"{_SLOPE}\left({self._argument(number)}\right)"
        times = r"\odot " if layer.activation.elementwise else ""
        through = f"{_grouped(error)} {times}{slope}"
        return f"{delta} = {self._through_norm(number, layer, 'before', through)}"

    def _through_norm(self, number: int, layer: Any, place: str, error: str) -> str:
        """The error past a normalization that stands there."""
        norm = getattr(layer, "normalization", None)
        if norm is None or norm.place != place:
            return error
        symbol = "z" if place == "before" else "a"
        hat = _at(rf"\hat{{{symbol}}}", number)
        return rf"{_grouped(error)} \frac{{\partial {hat}}}{{\partial {_at(symbol, number)}}}"

    def _sent_back(self, number: int) -> str:
        """∂C/∂a of a hidden layer: what the next layer sends back, and every skip that starts here."""
        behind: Any = self._layers[number + 1]
        delta, weights = _at(r"\delta", number + 1), _turned("W", number + 1)
        if isinstance(behind, MaxPool | MeanPool):
            parts = [rf"\mathrm{{unpool}}\left({delta}\right)"]
        elif isinstance(behind, Flatten):
            parts = [delta]
        elif isinstance(behind, Conv2D):
            parts = [rf"{delta} \ast {weights}"]
        else:
            parts = [f"{delta} {weights}"]
        for target, layer in enumerate(self._layers):
            if getattr(layer, "skip", None) == number + 1:
                projected = f" {_turned('P', target)}"
                has_one = ("projection_gradient", target) in self._take.values
                parts.append(rf"\frac{{\partial C}}{{\partial {_at('a', target)}}}{projected if has_one else ''}")
        return " + ".join(parts)

    def _gradient(self, number: int, layer: Any) -> str:
        delta, entering = _at(r"\delta", number), _at("a", number - 1)
        weights = rf"\frac{{\partial C}}{{\partial {_at('W', number)}}}"
        product = f"{_turned('a', number - 1)} {delta}"
        if isinstance(layer, Conv2D):
            product = rf"{entering} \ast {delta}"
        if not layer.bias:
            return f"{weights} = {product}"
        of_sample = _at(r"\delta_i", number)
        summed = rf"\sum {delta}" if isinstance(layer, Conv2D) else rf"\sum_i {of_sample}"
        return rf"{weights} = {product}, \quad \frac{{\partial C}}{{\partial {_at('b', number)}}} = {summed}"

    def _update(self) -> str:
        optimizer: Any = self._plan.optimizer
        kind = "nesterov" if getattr(optimizer, "nesterov", False) else type_name(optimizer)
        return rf"g = {_gradient_used(self._rules)}, \quad {_STEPS.get(kind, _STEP)}"


def _gradient_used(rules: Rules) -> str:
    """What the optimizer takes for the gradient."""
    found = r"\frac{\partial C}{\partial W}"
    if rules.clip_value or rules.clip_norm:
        found = rf"\mathrm{{clip}}\left({found}\right)"
    if rules.l2:
        found += rf" + {rules.l2:.4g}\, W"
    if rules.l1:
        found += rf" + {rules.l1:.4g}\, \mathrm{{sign}}\left(W\right)"
    return found

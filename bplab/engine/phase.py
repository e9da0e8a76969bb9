"""Between order and chaos: where χ₁ = 1 in the plane of the spreads of weights and biases.

A deep stack of one kind of layer, with z of variance q, settles where q = σw²·E[f(√q·t)²] + σb². There the square of
an error, or of a small difference, grows by χ₁ = σw²·E[f'(√q·t)²] from layer to layer. Below 1 all inputs come to look
the same and errors vanish (order); above it near inputs part and errors explode (chaos). Deep networks train near the
line between (Poole et al. 2016; Schoenholz et al. 2017).

E[f²] and E[f'²] depend on q alone. They are taken once, on a table of q; everything else is looked up there.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from .activations import Activation
from .errors import InputError
from .mean_field import Floats, response

SMALLEST, LARGEST, ENTRIES = 1e-8, 1e8, 513
"""The table of q; below and above, signals count as gone or as growing without end."""
COLUMNS, ROWS = 81, 61
SPREAD_OF_BIASES = 1.0
"""σb goes up to this, unless it has to show more."""
LEAST_SPREAD, MOST_SPREAD = 3.0, 64.0
"""σw goes up to twice the line's foot, within these."""
HALVINGS = 20
_NOTHING = 1e-300
"""Keeps the logarithm of 0 out."""
TOLERANCE = 1e-3
"""A χ₁ as near to 1 as this stands on the line: over 100 layers it changes an error by a twentieth."""


@dataclass(frozen=True, eq=False)
class PhaseChart:
    """χ₁ of an activation over the plane, and the line where it is 1. Weights and biases have mean 0."""

    activation: Activation
    weight_spreads: Floats
    """σw = √(fan-in · Var(w)), ``(columns,)``, from 0."""
    bias_spreads: Floats
    """σb, ``(rows,)``, from 0."""
    chi1: Floats
    """χ₁ where signals settle that begin with q = 1, ``(rows, columns)``."""
    boundary: Floats
    """``(points, 2)``: σw and σb where χ₁ comes to 1, from the bottom up; no points where it never does."""

    def chi1_at(self, weight_spread: float, bias_spread: float = 0.0) -> float:
        """χ₁ of deep layers with these spreads."""
        table = _table(self.activation)
        return float(table.chi1(np.array([weight_spread**2]), np.array([bias_spread**2]))[0])

    def phase_at(self, weight_spread: float, bias_spread: float = 0.0) -> str:
        """``order``, ``chaos`` or ``between``: where deep layers with these spreads stand."""
        beyond = self.chi1_at(weight_spread, bias_spread) - 1.0
        return "between" if abs(beyond) < TOLERANCE else "chaos" if beyond > 0.0 else "order"


@functools.lru_cache(maxsize=64)
def phase_chart(activation: Activation, weights_to: float = 0.0, biases_to: float = 0.0) -> PhaseChart:
    """The chart of an elementwise activation, at least up to σw = ``weights_to`` and σb = ``biases_to``.

    Charts are kept: asking again costs nothing, and their arrays cannot be written to. ``InputError`` for softmax.
    """
    if not activation.elementwise:
        raise InputError(f"there is no phase chart of {activation.title()}: its outputs depend on all units")
    table = _table(activation)
    everywhere, ground = np.linspace(0.0, MOST_SPREAD, 1025), np.zeros(1)
    foot = _line(table, everywhere, ground, table.chi1_over(everywhere, ground))
    most = min(MOST_SPREAD, max(LEAST_SPREAD, 2.0 * foot[0, 0] if len(foot) else 0.0))
    weights = np.linspace(0.0, max(most, weights_to), COLUMNS)
    biases = np.linspace(0.0, max(SPREAD_OF_BIASES, biases_to), ROWS)
    chi1 = table.chi1_over(weights, biases)
    chart = PhaseChart(activation, weights, biases, chi1, _line(table, weights, biases, chi1))
    for array in (chart.weight_spreads, chart.bias_spreads, chart.chi1, chart.boundary):
        array.flags.writeable = False
    return chart


@dataclass(frozen=True, eq=False)
class _Table:
    """E[f²] and E[f'²] over the logarithm of q."""

    log_q: Floats
    mean_square: Floats
    slope_square: Floats

    def chi1(self, weights: Floats, biases: Floats) -> Floats:
        """χ₁ where signals settle, for variances ``(n,)``."""
        slope = np.interp(self._settled(weights, biases), self.log_q, self.slope_square)
        return np.asarray(weights * slope)

    def chi1_over(self, weight_spreads: Floats, bias_spreads: Floats) -> Floats:
        """The same over a grid, ``(rows, columns)``, of σw and σb."""
        columns, rows = np.meshgrid(weight_spreads**2, bias_spreads**2)
        return self.chi1(columns.ravel(), rows.ravel()).reshape(columns.shape)

    def _settled(self, weights: Floats, biases: Floats) -> Floats:
        """log q where q = 1 flows to, ``(n,)``: the first place where a layer neither enlarges it nor makes it less."""
        q = np.exp(self.log_q)
        growth = np.sign(np.multiply.outer(weights, self.mean_square) + (biases[:, None] - q))
        middle = len(q) // 2
        up = growth[:, middle] > 0.0
        found = np.empty(len(weights))
        found[up] = self._first_turn(weights[up], biases[up], growth[up, middle:], middle, 1)
        found[~up] = self._first_turn(weights[~up], biases[~up], growth[~up, middle::-1], middle, -1)
        found[growth[:, middle] == 0.0] = self.log_q[middle]
        return found

    def _first_turn(self, weights: Floats, biases: Floats, growth: Floats, start: int, way: int) -> Floats:
        """Between which entries the sign changes first, walking ``way`` from ``start``, and where between them."""
        turned = growth != growth[:, :1]
        turns = turned.any(axis=1)
        steps = np.where(turns, turned.argmax(axis=1), growth.shape[1] - 1)
        here, there = start + way * (steps - 1), start + way * steps
        excess, less = (
            np.log(weights * self.mean_square[at] + biases + _NOTHING) - self.log_q[at] for at in (here, there)
        )
        gap = np.where(excess == less, 1.0, excess - less)
        share = np.where(turns, excess / gap, 1.0)
        return np.asarray(self.log_q[here] + share * (self.log_q[there] - self.log_q[here]))


@functools.cache
def _table(activation: Activation) -> _Table:
    log_q = np.linspace(np.log(SMALLEST), np.log(LARGEST), ENTRIES)
    found = response(activation, 0.0, np.exp(log_q))
    return _Table(log_q, found.mean_square, found.slope_square)


def _line(table: _Table, weights: Floats, biases: Floats, chi1: Floats) -> Floats:
    """The smallest σw at which χ₁ comes to 1, beside its σb: ``(points, 2)``; only for rows where it does."""
    beyond = chi1 >= 1.0
    found = beyond.any(axis=1) & ~beyond[:, 0]
    first, biases = beyond.argmax(axis=1)[found], biases[found]
    low, high = weights[first - 1], weights[first]
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        over = table.chi1(middle**2, biases**2) >= 1.0
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.stack([high, biases], axis=1)

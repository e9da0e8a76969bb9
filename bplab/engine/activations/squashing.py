"""Activations that saturate on both sides: sigmoid, tanh and their cheaper or bell-shaped kin."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from ..calls import Array, Calls, bound, constant, maximum, minimum
from .base import Activation


class Sigmoid(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sigmoid"):
    """a = 1/(1+e^−z). Saturates on both sides; f' is at most 1/4, so errors shrink at every layer.

    Use it for a yes-or-no output. Hidden, it stalls deep nets: f' is at most a quarter, and next to nothing at
    |z| > 4.4.
    """

    steepest = 0.25
    low, high = 0.0, 1.0

    def forward(self, z: Array, a: Array) -> Calls:
        one = constant(1.0, z)
        return [(np.negative, (z, a)), (np.exp, (a, a)), (np.add, (a, one, a)), (np.reciprocal, (a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.subtract, (constant(1.0, a), a, slope)), (np.multiply, (slope, a, slope))]


class HardSigmoid(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="hard_sigmoid"):
    """a = z/6 + 1/2, cut to 0..1: a sigmoid of straight lines. Outside ±3 its slope is 0: neurons can die.

    Use it where a sigmoid must be cheap. Stalls for good where every sample has |z| > 3: no gradient leads back.
    """

    steepest = 1.0 / 6.0
    low, high = 0.0, 1.0
    kinks = (-3.0, 3.0)

    def forward(self, z: Array, a: Array) -> Calls:
        return [
            (np.multiply, (z, constant(1.0 / 6.0, z), a)),
            (np.add, (a, constant(0.5, a), a)),
            maximum(a, bound(0.0, a), a),
            minimum(a, bound(1.0, a), a),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        # Cut exactly at 0 and 1, so a·(1−a) is 0 there and above 0 between.
        return [
            (np.subtract, (constant(1.0, a), a, slope)),
            (np.multiply, (slope, a, slope)),
            (np.sign, (slope, slope)),
            (np.multiply, (slope, constant(1.0 / 6.0, slope), slope)),
        ]


class Tanh(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="tanh"):
    """a = tanh z. Centred on 0 with slope 1 there; saturates on both sides.

    Use it in shallow nets, with Glorot weights. Stalls where weights or inputs are large: f' is under 5 % at |z| > 2.2.
    """

    low, high = -1.0, 1.0

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.tanh, (z, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.multiply, (a, a, slope)), (np.subtract, (constant(1.0, a), slope, slope))]


class HardTanh(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="hard_tanh"):
    """a = z, cut to ±1. As quick as ReLU; outside ±1 its slope is exactly 0, so neurons can die.

    Use it where a tanh must be cheap. Stalls for good where every sample has |z| > 1: no gradient leads back.
    """

    low, high = -1.0, 1.0
    kinks = (-1.0, 1.0)

    def forward(self, z: Array, a: Array) -> Calls:
        return [maximum(z, bound(-1.0, z), a), minimum(a, bound(1.0, a), a)]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        # |a| is 1 where it is cut and below 1 elsewhere.
        return [(np.abs, (a, slope)), (np.floor, (slope, slope)), (np.subtract, (constant(1.0, a), slope, slope))]


class Softsign(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="softsign"):
    """a = z/(1+|z|) (Bergstra et al. 2009). Saturates like 1/z², far more gently than tanh: stalls late.

    Use it where tanh saturates too soon. Stalls only beyond |z| = 3.5, but in deep stacks f' < 1 still uses the error
    up.
    """

    low, high = -1.0, 1.0

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.abs, (z, a)), (np.add, (a, constant(1.0, a), a)), (np.divide, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [
            (np.abs, (z, slope)),
            (np.add, (slope, constant(1.0, slope), slope)),
            (np.multiply, (slope, slope, slope)),
            (np.reciprocal, (slope, slope)),
        ]


class Sine(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sine"):
    """a = sin(frequency·z) (SIREN, Sitzmann et al. 2020). Fits waves and detail; its slope changes sign everywhere.

    Use it to fit waves and fine detail. Stalls at a high frequency: slopes of both signs, so the samples' gradients
    cancel.
    """

    frequency: Annotated[float, Meta(gt=0.0, le=1e3, description="waves are this many times as dense")] = 1.0
    low, high = -1.0, 1.0

    @property
    def steepest(self) -> float:  # type: ignore[override]  # a parameter decides
        return self.frequency

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.multiply, (z, constant(self.frequency, z), a)), (np.sin, (a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        factor = constant(self.frequency, z)
        return [(np.multiply, (z, factor, slope)), (np.cos, (slope, slope)), (np.multiply, (slope, factor, slope))]


class Gaussian(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="gaussian"):
    """a = e^(−z²), a bump. Local: a neuron whose z has left ±2.2 is saturated and gets no error back.

    Use it for local bumps, one neuron a region. Stalls on top of its bump, z = 0, and off it, |z| > 2.2: f' is near 0.
    """

    steepest = float(np.sqrt(2.0 / np.e))
    low, high = 0.0, 1.0

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.multiply, (z, z, a)), (np.negative, (a, a)), (np.exp, (a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.multiply, (z, a, slope)), (np.multiply, (slope, constant(-2.0, slope), slope))]

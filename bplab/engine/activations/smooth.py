"""Smooth relatives of the ReLU: softplus, and z times a gate that opens with z."""

from __future__ import annotations

from math import pi, sqrt

import msgspec
import numpy as np

from ..calls import Array, Calls, bound, constant, maximum
from .base import Activation
from .error_function import erf
from .squashing import Sigmoid


class Softplus(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="softplus"):
    """a = ln(1+e^z), a smooth ReLU (Dugas et al. 2001); f' is the sigmoid, so it saturates on the left only."""

    low = 0.0

    def forward(self, z: Array, a: Array) -> Calls:
        positive_part = np.empty_like(z)
        return [
            (np.abs, (z, a)),
            (np.negative, (a, a)),
            (np.exp, (a, a)),
            (np.log1p, (a, a)),
            maximum(z, bound(0.0, z), positive_part),
            (np.add, (a, positive_part, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return Sigmoid().forward(z, slope)


class SiLU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="silu"):
    """a = z·sigmoid(z), also called swish (Ramachandran et al. 2017). Smooth; below −1.28 its slope turns and fades."""

    steepest = 1.0998393201288467
    low = -0.27846454276107380

    @classmethod
    def title(cls) -> str:
        return "SiLU (swish)"

    def forward(self, z: Array, a: Array) -> Calls:
        return [*Sigmoid().forward(z, a), (np.multiply, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:  # σ + a·(1−σ)
        gate, one = np.empty_like(z), constant(1.0, z)
        return [
            *Sigmoid().forward(z, gate),
            (np.subtract, (one, gate, slope)),
            (np.multiply, (slope, a, slope)),
            (np.add, (slope, gate, slope)),
        ]


class GELU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="gelu"):
    """a = z·Φ(z) (Hendrycks & Gimpel 2016), Φ the normal distribution. The transformer's ReLU; fades below −2."""

    steepest = 1.128904145185155
    low = -0.16997120747990369

    @classmethod
    def title(cls) -> str:
        return "GELU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [*_normal_share(z, a), (np.multiply, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:  # Φ + z·φ
        density = np.empty_like(z)
        return [
            *_normal_share(z, slope),
            (np.multiply, (z, z, density)),
            (np.multiply, (density, constant(-0.5, density), density)),
            (np.exp, (density, density)),
            (np.multiply, (density, constant(1.0 / sqrt(2.0 * pi), density), density)),
            (np.multiply, (density, z, density)),
            (np.add, (slope, density, slope)),
        ]


class GELUTanh(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="gelu_tanh"):
    """GELU with Φ replaced by a tanh (Hendrycks & Gimpel 2016): quicker, and off by less than 5e-4."""

    steepest = 1.1289930686592
    low = -0.17004075058

    @classmethod
    def title(cls) -> str:
        return "GELU (tanh form)"

    def forward(self, z: Array, a: Array) -> Calls:
        return [*_tanh_gate(z, a), (np.multiply, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        # gate g = (1+tanh u)/2, so a' = g + z·2g(1−g)·u', u' = √(2/π)·(1 + 3·0.044715·z²)
        gate, inner, one = np.empty_like(z), np.empty_like(z), constant(1.0, z)
        return [
            *_tanh_gate(z, gate),
            (np.multiply, (z, z, inner)),
            (np.multiply, (inner, constant(6.0 * CUBIC * sqrt(2.0 / pi), inner), inner)),
            (np.add, (inner, constant(2.0 * sqrt(2.0 / pi), inner), inner)),
            (np.multiply, (inner, z, inner)),
            (np.subtract, (one, gate, slope)),
            (np.multiply, (slope, gate, slope)),
            (np.multiply, (slope, inner, slope)),
            (np.add, (slope, gate, slope)),
        ]


class Mish(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mish"):
    """a = z·tanh(softplus(z)) (Misra 2019). Smooth like SiLU, a little steeper; fades below −3."""

    steepest = 1.08849816125
    low = -0.30884341301725

    def forward(self, z: Array, a: Array) -> Calls:
        return [*Softplus().forward(z, a), (np.tanh, (a, a)), (np.multiply, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:  # t + z·σ·(1−t²), t = tanh softplus z
        gate, share, one = np.empty_like(z), np.empty_like(z), constant(1.0, z)
        return [
            *Softplus().forward(z, gate),
            (np.tanh, (gate, gate)),
            *Sigmoid().forward(z, share),
            (np.multiply, (gate, gate, slope)),
            (np.subtract, (one, slope, slope)),
            (np.multiply, (slope, share, slope)),
            (np.multiply, (slope, z, slope)),
            (np.add, (slope, gate, slope)),
        ]


CUBIC = 0.044715


def _normal_share(z: Array, out: Array) -> Calls:
    """Φ(z) = (1 + erf(z/√2))/2."""
    scaled = np.empty_like(z)
    return [
        (np.multiply, (z, constant(sqrt(0.5), z), scaled)),
        *erf(scaled, out),
        (np.add, (out, constant(1.0, out), out)),
        (np.multiply, (out, constant(0.5, out), out)),
    ]


def _tanh_gate(z: Array, out: Array) -> Calls:
    """(1 + tanh(√(2/π)·(z + 0.044715·z³)))/2."""
    return [
        (np.multiply, (z, z, out)),
        (np.multiply, (out, constant(CUBIC, out), out)),
        (np.add, (out, constant(1.0, out), out)),
        (np.multiply, (out, z, out)),
        (np.multiply, (out, constant(sqrt(2.0 / pi), out), out)),
        (np.tanh, (out, out)),
        (np.add, (out, constant(1.0, out), out)),
        (np.multiply, (out, constant(0.5, out), out)),
    ]

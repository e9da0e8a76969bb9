"""Smooth relatives of the ReLU: softplus, and z times a gate that opens with z."""

from __future__ import annotations

from math import pi, sqrt

import msgspec
import numpy as np

from ..calls import Array, Calls, bound, constant, maximum, minimum
from .base import Activation
from .normal import bell, normal_share
from .squashing import Sigmoid

STRETCH = 2.0 * sqrt(2.0 / pi)
CUBIC = 0.044715 * STRETCH
"""Φ(z) ≈ sigmoid(STRETCH·z + CUBIC·z³), which is (1 + tanh(√(2/π)·(z + 0.044715·z³)))/2."""
REACH = 40.0
"""Beyond ±this the gate is 0 or 1 to the last bit, and z is cut so that no 0 meets an infinity."""


class Softplus(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="softplus"):
    """a = ln(1+e^z), a smooth ReLU (Dugas et al. 2001); f' is the sigmoid, so it saturates on the left only.

    Use it for positive outputs, or where ReLU's corner disturbs. Stalls below z = −2.9, never quite: f' is not 0
    anywhere.
    """

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
    """a = z·sigmoid(z), also called swish (Ramachandran et al. 2017). Smooth; below −1.28 its slope turns and fades.

    Use it in deep hidden layers in place of ReLU. Stalls near z = −1.3, where f' is 0, and below −3.9, where it fades.
    """

    steepest = 1.099839320128867
    low = -0.2784645427610738

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
    """a = z·Φ(z) (Hendrycks & Gimpel 2016), Φ the normal distribution. The transformer's ReLU; fades below −2.

    Use it in transformers and deep nets with norm layers. Stalls near z = −0.75, where f' is 0, and fades below −2.3.
    """

    steepest = 1.1289041451851547
    low = -0.16997120747990366

    @classmethod
    def title(cls) -> str:
        return "GELU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [*normal_share(z, a), (np.multiply, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:  # Φ + z·φ
        share = np.empty_like(z)
        return [
            *_gate(z, a, 0.5, share),
            *bell(z, slope),
            (np.multiply, (slope, constant(1.0 / sqrt(2.0 * pi), slope), slope)),
            (np.multiply, (slope, z, slope)),
            (np.add, (slope, share, slope)),
        ]


class GELUTanh(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="gelu_tanh"):
    """GELU with Φ replaced by a tanh (Hendrycks & Gimpel 2016): quicker, and off by less than 5e-4.

    Use it to match a model that was made with it. Stalls as GELU does: near z = −0.75, where f' is 0, and below −2.3.
    """

    steepest = 1.1289930686587717
    low = -0.17004075057125406

    @classmethod
    def title(cls) -> str:
        return "GELU (tanh form)"

    def forward(self, z: Array, a: Array) -> Calls:
        return [
            (np.multiply, (z, z, a)),
            (np.multiply, (a, constant(CUBIC, a), a)),
            (np.add, (a, constant(STRETCH, a), a)),
            (np.multiply, (a, z, a)),
            *Sigmoid().forward(a, a),
            (np.multiply, (z, a, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:  # g + z·g·(1−g)·u', u' = STRETCH + 3·CUBIC·z²
        gate, steepness, reach = np.empty_like(z), np.empty_like(z), bound(REACH, z)
        return [
            *_gate(z, a, 0.5, gate),
            minimum(z, reach, steepness),
            maximum(steepness, bound(-REACH, z), steepness),
            (np.multiply, (steepness, steepness, steepness)),
            (np.multiply, (steepness, constant(3.0 * CUBIC, z), steepness)),
            (np.add, (steepness, constant(STRETCH, z), steepness)),
            (np.subtract, (constant(1.0, z), gate, slope)),
            (np.multiply, (slope, a, slope)),
            (np.multiply, (slope, steepness, slope)),
            (np.add, (slope, gate, slope)),
        ]


class Mish(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mish"):
    """a = z·tanh(softplus(z)) (Misra 2019). Smooth like SiLU, a little steeper at 0; fades below −3.

    Use it like SiLU, for a slower step. Stalls near z = −1.2, where f' is 0, and below −4, where it fades.
    """

    steepest = 1.088498161251728
    low = -0.30884341301725043

    @classmethod
    def title(cls) -> str:
        return "Mish"

    def forward(self, z: Array, a: Array) -> Calls:
        return [*Softplus().forward(z, a), (np.tanh, (a, a)), (np.multiply, (z, a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:  # t + σ·(z − a·t), t = tanh softplus z
        gate, share = np.empty_like(z), np.empty_like(z)
        return [
            *_gate(z, a, 0.6, gate),
            *Sigmoid().forward(z, share),
            (np.multiply, (a, gate, slope)),
            (np.subtract, (z, slope, slope)),
            (np.multiply, (slope, share, slope)),
            (np.add, (slope, gate, slope)),
        ]


def _gate(z: Array, a: Array, at_zero: float, gate: Array) -> Calls:
    """The gate g of a = z·g(z), by division, which costs no digit; ``at_zero`` is g(0)."""
    near = np.empty(z.shape, np.bool_)
    return [
        (np.abs, (z, gate)),
        (np.less, (gate, constant(1e-20, z), near)),
        (np.divide, (a, z, gate)),
        (np.copyto, (gate, np.full((), at_zero, z.dtype), "same_kind", near)),
    ]

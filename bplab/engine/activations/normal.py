"""The normal distribution's Φ as NumPy calls, which NumPy itself does not have.

Below 0, ``Φ(z) = e^(−z²/2)·p(t)`` with ``t = (|z|−4)/(|z|+4)``; above, ``Φ(z) = 1 − Φ(−z)``. The polynomial p was
fitted for this project at Chebyshev points in 60-digit arithmetic; it is off by less than 3e-16 of its value as far
as float64 reaches (z = −38), so the left tail keeps its digits.
"""

from __future__ import annotations

import numpy as np

from ..calls import Array, Calls, constant

CENTRE = 4.0
COEFFICIENTS = (
    0.09441064130196894,
    -0.17039772154845545,
    0.12437925533926335,
    -0.07170740733773429,
    0.030864804106323637,
    -0.008492095482197629,
    0.0005075620749278606,
    0.0006388138529649047,
    -0.0001871842682645627,
    -4.555490459619927e-05,
    2.8648335369982355e-05,
    4.6316109612880125e-06,
    -4.3035060819870965e-06,
    -8.295807926885948e-07,
    6.613213906869537e-07,
    2.0635203621260868e-07,
    -9.374567655828558e-08,
    -5.326598633911148e-08,
    8.736579687489102e-09,
    1.2261122809085144e-08,
    7.502458713857612e-10,
    -2.1723059518247144e-09,
    -5.306697794218354e-10,
    2.149619395386503e-10,
    8.460149890713122e-11,
)
"""p in ascending powers of t."""


def normal_share(z: Array, share: Array) -> Calls:
    """Calls that write Φ(z) into ``share``; the two are different arrays of one shape."""
    t, size, below = np.empty_like(z), np.empty_like(z), np.empty(z.shape, np.bool_)
    calls: Calls = [
        (np.abs, (z, size)),
        (np.subtract, (size, constant(CENTRE, z), t)),
        (np.add, (size, constant(CENTRE, z), size)),
        (np.divide, (t, size, t)),
        (np.multiply, (t, constant(COEFFICIENTS[-1], z), share)),
    ]
    for coefficient in COEFFICIENTS[-2:0:-1]:
        calls += [(np.add, (share, constant(coefficient, z), share)), (np.multiply, (share, t, share))]
    return [
        *calls,
        (np.add, (share, constant(COEFFICIENTS[0], z), share)),
        *bell(z, size),
        (np.multiply, (share, size, size)),
        (np.subtract, (constant(1.0, z), size, share)),
        (np.less, (z, constant(0.0, z), below)),
        (np.copyto, (share, size, "same_kind", below)),
    ]


def bell(z: Array, out: Array) -> Calls:
    """Calls that write e^(−z²/2) into ``out``."""
    return [(np.multiply, (z, z, out)), (np.multiply, (out, constant(-0.5, z), out)), (np.exp, (out, out))]

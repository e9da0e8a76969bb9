"""What repeated draws say of a published figure.

A figure is written as it was printed, so that its last digit tells how far it was rounded. Where it is a mean, the
mean over independent draws must meet it within three standard errors and that rounding, and the two together must be
narrow enough to refuse a wrong figure. Where it was one draw, it must lie in the 5–95 % band over seeds.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np


def rounding(figure: str) -> float:
    """Half a unit of the last digit printed: ``rounding("2.7e-5") == 0.05e-5``."""
    return 0.5 * 10.0 ** int(Decimal(figure).as_tuple().exponent)


def three_errors(draws: Sequence[float]) -> float:
    """Three standard errors of the mean of ``draws``; for few draws as many more as Student's distribution asks.

    The quantile that a Gaussian has at 3, by Cornish and Fisher's expansion in the inverse of the degrees of freedom.
    """
    freedom = len(draws) - 1
    quantile = 3.0 + 7.5 / freedom + 17.25 / freedom**2 + 30.2 / freedom**3
    return quantile * float(np.std(draws, ddof=1)) / len(draws) ** 0.5


def assert_mean_is(figure: str, draws: Sequence[float], sharpness: float = 0.05) -> None:
    """``draws`` have the mean ``figure``; the doubt that remains is below ``sharpness`` of it (of 1 for a 0)."""
    published = float(figure)
    assert_mean_is_near(published, draws, sharpness * (abs(published) or 1.0), rounding(figure))


def assert_mean_is_near(expected: float, draws: Sequence[float], doubt: float, rounded: float = 0.0) -> None:
    """``draws`` have the mean ``expected``, known up to ``rounded``; the doubt that remains is below ``doubt``."""
    mean, tolerance = float(np.mean(draws)), three_errors(draws) + rounded
    assert abs(mean - expected) <= tolerance, f"mean {mean:g} ± {tolerance:.2g}; expected {expected:g}"
    assert tolerance <= doubt, f"a tolerance of {tolerance:.2g} says little about {expected:g}"


def assert_in_band(figure: str, draws: Sequence[float]) -> None:
    """``figure`` lies in the 5–95 % band of ``draws``."""
    low, high = np.percentile(draws, [5, 95])
    assert low <= float(figure) <= high, f"{figure} is outside {low:.3g} … {high:.3g}"

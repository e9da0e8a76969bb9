"""What a network answers at every point of the plane, as colours; and what the colours mean.

One output unit: the diverging map, its middle where the answer tips over. One unit per class: the colour of the
class that wins, the paler the closer the second comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.gui.theme import Theme, index_of
from bplab.lab.palette import class_colour
from bplab.lab.problem import Problem, TargetCode

from .edge_picture import round_limit
from .images import Pixels, packed, rgb_of

Values = NDArray[np.floating]
PALEST, STRONGEST = 0.12, 0.72
"""Share of a class's colour where two classes tie, and where one wins clearly."""
SHADES = 64


@dataclass(frozen=True, slots=True)
class Scale:
    """The values at the two ends and the middle of the diverging map."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Where the colour is neutral."""
        return 0.5 * (self.low + self.high)

    def codes(self, values: Values) -> NDArray[np.uint8]:
        """Entries of the map for values."""
        return index_of(values - self.middle, 0.5 * (self.high - self.low))


def scale_of(problem: Problem) -> Scale:
    """From class to class, or as far as the targets of a regression reach."""
    if problem.code is not None:
        return Scale(problem.code.low, problem.code.high)
    reach = round_limit(float(np.max(np.abs(problem.train_targets), initial=0.0)))
    return Scale(-reach, reach)


class ValueColours:
    """Colours of a network's answers under a theme."""

    def __init__(self, problem: Problem, theme: Theme) -> None:
        self.code: TargetCode | None = problem.code if problem.code and problem.code.units > 1 else None
        self.scale = scale_of(problem)
        self.diverging: Pixels = packed(theme.diverging())
        self._classes = class_shades(self.code.classes, theme.colours.ground) if self.code else None

    def pixels(self, outputs: Values) -> Pixels:
        """Pixels ``(points,)`` for ``outputs (units, points)``."""
        if self.code is None or self._classes is None:
            return self.diverging[self.scale.codes(outputs[0])]
        values = np.nan_to_num(outputs)
        winner = np.argmax(values, axis=0)
        second, first = np.partition(values, -2, axis=0)[-2:]
        lead = (first - second) / (self.code.high - self.code.low)
        pixels: Pixels = self._classes[winner, np.asarray(np.clip(lead, 0.0, 1.0) * (SHADES - 1), np.intp)]
        return pixels


def class_shades(classes: int, ground: str) -> Pixels:
    """Pixels ``(classes, SHADES)`` from the palest to the strongest of each class's colour on ``ground``."""
    share = np.linspace(PALEST, STRONGEST, SHADES)[:, None]
    base, colours = rgb_of(ground), [rgb_of(class_colour(index)) for index in range(classes)]
    return packed(np.round(np.stack([base * (1 - share) + of * share for of in colours])).astype(np.uint8))

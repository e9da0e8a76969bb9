"""One idea: a feature turns the coordinates of points in the plane into one input column of the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import numpy as np
from msgspec import Meta

from bplab.engine.errors import InputError

from .base import Floats


class Feature(NamedTuple):
    """``label`` for people, ``of`` computes the column (n,) from x and y, each (n,)."""

    label: str
    of: Callable[[Floats, Floats], Floats]


FEATURES: dict[str, Feature] = {
    "x": Feature("x", lambda x, y: x),
    "y": Feature("y", lambda x, y: y),
    "x2": Feature("x²", lambda x, y: x * x),
    "y2": Feature("y²", lambda x, y: y * y),
    "xy": Feature("xy", lambda x, y: x * y),
    "sin_x": Feature("sin x", lambda x, y: np.sin(x)),
    "sin_y": Feature("sin y", lambda x, y: np.sin(y)),
}

FeatureNames = Annotated[
    tuple[str, ...],
    Meta(min_length=1, max_length=len(FEATURES), description="what the network is given of each point"),
]


def check_features(names: Sequence[str]) -> None:
    """``InputError`` on an unknown feature or one named twice."""
    for position, name in enumerate(names):
        if name not in FEATURES:
            raise InputError(f"there is no feature {name!r}; known are {', '.join(FEATURES)}")
        if name in names[:position]:
            raise InputError(f"the feature {name!r} is given twice")


def feature_labels(names: Sequence[str]) -> tuple[str, ...]:
    """The labels of the named features: ``("x2", "sin_x")`` → ``("x²", "sin x")``."""
    return tuple(FEATURES[name].label for name in names)


def feature_columns(points: Floats, names: Sequence[str]) -> Floats:
    """The named features of points (n, 2) as columns (n, features)."""
    # Contiguous coordinates always take the same code path in NumPy: a point has the same bits wherever it stands.
    x, y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    columns = np.empty((len(points), len(names)))
    for index, name in enumerate(names):
        columns[:, index] = FEATURES[name].of(x, y)
    return columns

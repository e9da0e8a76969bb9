"""One idea: samples are shuffled and divided once, and nothing about the test part leaks into the training part.

Means and standard deviations are those of the training part; the test part is scaled with them as
new samples would be. The shuffle draws from its own stream, so that the samples that fall into the
test part do not depend on how many random numbers it took to make them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .base import Floats, Samples, Split

_SHUFFLE_STREAM = 1


class Scale(NamedTuple):
    """Per column the mean that is taken away and the standard deviation that is divided by; each (columns,)."""

    mean: Floats
    deviation: Floats

    @classmethod
    def fitted(cls, columns: Floats) -> Scale:
        """Scale that gives ``columns`` (n, columns) mean 0 and variance 1; a constant column becomes 0."""
        low, high = columns.min(axis=0), columns.max(axis=0)
        # Rounding leaves a constant column a tiny deviation, and dividing by it would blow rounding errors up.
        deviation = columns.std(axis=0)
        still = (low == high) | (deviation == 0)
        return cls(np.where(still, low, columns.mean(axis=0)), np.where(still, 1.0, deviation))

    def apply(self, columns: Floats) -> None:
        """Scale ``columns`` (n, columns) in place."""
        columns -= self.mean
        columns /= self.deviation


def size_of_test_part(samples: int, test_fraction: float) -> int:
    """Size of the test part: the nearest whole number, at least one of each part unless the fraction is 0."""
    if test_fraction == 0:
        return 0
    return min(max(int(samples * test_fraction + 0.5), 1), samples - 1)


def divide(
    samples: Samples,
    seed: int,
    test_fraction: float,
    *,
    transform: Callable[[Floats], Floats] | None = None,
    input_names: tuple[str, ...] | None = None,
    standardize: bool = False,
    standardize_target: bool = False,
    order: npt.NDArray[np.intp] | None = None,
) -> Split:
    """Shuffle and divide samples; ``transform`` makes the input columns from points in the plane.

    ``standardize_target`` has a meaning for regression only. ``order`` (n,) is one to take instead of the seed's.
    The arrays of the result are its own.
    """
    if order is None:
        order = np.random.default_rng((seed, _SHUFFLE_STREAM)).permutation(len(samples.inputs))
    first_test = len(order) - size_of_test_part(len(order), test_fraction)
    train_rows, test_rows = order[:first_test], order[first_test:]
    train, test = samples.inputs[train_rows], samples.inputs[test_rows]
    train_targets, test_targets = samples.targets[train_rows], samples.targets[test_rows]
    if standardize_target and samples.task == "regression":
        _scale_both(train_targets, test_targets)
    points: tuple[Floats, Floats] | tuple[None, None] = (None, None)
    if transform is not None:
        points = train, test
        train, test = transform(train), transform(test)
    if standardize:
        _scale_both(train, test)
    return Split(
        train_inputs=train,
        train_targets=train_targets,
        test_inputs=test,
        test_targets=test_targets,
        train_points=points[0],
        test_points=points[1],
        task=samples.task,
        class_names=samples.class_names,
        input_names=samples.input_names if input_names is None else input_names,
        image=samples.image,
    )


def _scale_both(train: npt.NDArray[Any], test: npt.NDArray[Any]) -> None:
    scale = Scale.fitted(train)
    scale.apply(train)
    scale.apply(test)

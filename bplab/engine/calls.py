"""One idea: a training step is a list of NumPy calls, made once and then only executed.

Every call writes into an array that exists already, so the steady step allocates nothing and Python's
share of it is one short loop. Activations, losses and optimizers give their mathematics as such calls.

Inside the engine, arrays of a batch are ``(units, samples)``: then a layer's outputs and the row of ones
that carries the bias form one contiguous block, and NumPy's fast path for equal contiguous operands holds.
The public face shows the transposed views, ``(samples, units)``.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Call = tuple[Callable[..., Any], tuple[Any, ...]]
Calls = list[Call]

SMALL = 2_048
"""Up to this many elements a constant is held as a full array: equal shapes save a look at the strides."""
LARGE = 262_144
"""The same limit for bounds: NumPy's maximum and minimum take equal shapes four times as fast as a scalar."""


def execute(calls: Iterable[Call]) -> None:
    """Run the calls in order."""
    for function, arguments in calls:
        function(*arguments)


def constant(value: float | Array, like: Array) -> Array:
    """``value``, one number or what broadcasts over ``like``, as an operand for arrays such as it, in its dtype."""
    return np.full(like.shape if like.size <= SMALL else np.shape(value), value, like.dtype)


def bound(value: float | Array, like: Array) -> Array:
    """``value`` as an operand of :func:`maximum` or :func:`minimum` for arrays such as ``like``, in its dtype."""
    return np.full(like.shape if like.size <= LARGE else np.shape(value), value, like.dtype)


def maximum(x: Array, y: Array, out: Array) -> Call:
    """``out = max(x, y)``; NumPy wants ``out`` of these two by keyword."""
    return partial(np.maximum, out=out), (x, y)


def minimum(x: Array, y: Array, out: Array) -> Call:
    """``out = min(x, y)``."""
    return partial(np.minimum, out=out), (x, y)


def with_spread(function: Callable[..., Any], x: Array, vector: Array, spread: Array, out: Array) -> Calls:
    """``out = function(x, vector)`` where ``vector`` broadcasts over ``x``; ``spread`` is scratch like ``x``.

    Left to broadcast by itself, NumPy allocates a buffer and takes as long or longer.
    """
    return [(np.copyto, (spread, vector)), (function, (x, spread, out))]


def quiet_runner() -> Callable[..., Any]:
    """A function ``run(f, *args)`` that calls ``f`` without NumPy's floating-point warnings.

    Infinities and NaNs are found and named by the trainer; a warning would say less, and in the wrong place.
    Since NumPy 2 the error state is a context variable, and entering a prepared context costs a twentieth of
    ``np.errstate``.
    """
    if np.lib.NumpyVersion(np.__version__) < "2.0.0":
        return _run_with_errstate
    context = contextvars.copy_context()
    context.run(partial(np.seterr, all="ignore"))
    return context.run


def _run_with_errstate(function: Callable[..., Any], *arguments: Any) -> Any:
    with np.errstate(all="ignore"):
        return function(*arguments)

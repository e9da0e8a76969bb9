"""What an optimizer is, and what an update works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from ..calls import Array, Calls
from ..choices import Choice

BLOCK = 32_768
"""Parameters are updated in blocks of this many, so that an update of several passes stays in the cache."""

Rate = Annotated[float, Meta(ge=0.0, le=1e6, description="learning rate")]
Share = Annotated[float, Meta(ge=0.0, lt=1.0)]
Epsilon = Annotated[float, Meta(gt=0.0, le=1.0, description="guards the division")]


class Clock:
    """What changes from update to update: the learning rate and the number of updates done.

    For many networks at once the rate is an array, an entry per network; the optimizers' arithmetic is the same.
    """

    def __init__(self, rate: float, dtype: np.dtype[np.floating]) -> None:
        self.updates = 0
        self.memory_from = 0
        """The update before which the optimizer's memory was empty: later than 0 where a fork changed optimizers."""
        self.rate = rate
        self.rate_operand: Array = np.full((), rate, dtype)

    def set_rate(self, rate: float) -> None:
        """Change the learning rate from the next update on."""
        self.rate = rate
        self.rate_operand[()] = rate


@dataclass(frozen=True, eq=False, slots=True)
class Vectors:
    """What an update works on: flat vectors of one length, and which stretches of them are weights.

    ``parameters`` and ``gradients`` are ``(n,)``, ``slots`` is ``(slots, n)``. What no stretch of ``weights``
    covers are biases, which are never decayed or penalized.
    """

    parameters: Array
    gradients: Array
    slots: Array
    weights: tuple[slice, ...]

    def blocks(self) -> Iterator[Vectors]:
        """The same in parts of at most ``BLOCK`` parameters."""
        for start in range(0, self.parameters.size, BLOCK):
            part = slice(start, start + BLOCK)
            yield Vectors(
                self.parameters[part], self.gradients[part], self.slots[:, part], _overlap(self.weights, part)
            )


def _overlap(stretches: tuple[slice, ...], part: slice) -> tuple[slice, ...]:
    """The stretches as far as they lie in ``part``, counted from its start."""
    cut = (slice(max(one.start, part.start), min(one.stop, part.stop)) for one in stretches)
    return tuple(slice(one.start - part.start, one.stop - part.start) for one in cut if one.start < one.stop)


Prepare = Callable[[], None]
"""Sets the numbers of the coming update."""


class Optimizer(Choice):
    """A rule that turns gradients into steps."""

    __slots__ = ()
    family = "optimizer"
    slots = 0
    """Vectors of memory beside the parameters."""
    folds_rate = False
    """True where back-propagation itself may carry the learning rate, because the step is linear in it."""
    learning_rate: float

    def update(self, vectors: Vectors, clock: Clock, before: Callable[[Vectors], Calls] | None = None) -> Calls:
        """Calls for one update of all parameters; ``before`` gives those that a block's update begins with."""
        numbers, prepare = self.moving_numbers(vectors.parameters.dtype, clock)
        calls: Calls = [(prepare, ())] if prepare else []
        for block in vectors.blocks():
            calls += [*(before(block) if before else ()), *self.update_block(block, numbers)]
        return calls

    def update_folded(self, vectors: Vectors) -> Calls:
        """The same where the gradients carry the rate already; only for those that :attr:`folds_rate` lets do so."""
        return [(np.subtract, (vectors.parameters, vectors.gradients, vectors.parameters))]

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Prepare | None]:
        """Operands that change from update to update, and what sets them before each; if no others, the rate."""
        return [clock.rate_operand], None

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        """Calls for one update of a part of the parameters, with the :meth:`moving_numbers` of the update."""
        raise NotImplementedError

"""Optimizers: from a gradient to a change of the parameters, in order of increasing complexity.

Each works on the flat parameter vector. Its memory ("slots": velocities, moments) is one row per slot, so a
checkpoint is parameters, slots and the number of updates. Formulas are those of the papers in the form that
PyTorch uses, so runs can be compared.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from .calls import Array, Calls, constant
from .choices import Choice

BLOCK = 32_768
"""Parameters are updated in blocks of this many, so that an update of several passes stays in the cache."""

Rate = Annotated[float, Meta(ge=0.0, le=1e6, description="learning rate")]
Share = Annotated[float, Meta(ge=0.0, lt=1.0)]


class Clock:
    """What changes from update to update: the learning rate and the number of updates done."""

    def __init__(self, rate: float, dtype: np.dtype[np.floating]) -> None:
        self.updates = 0
        self.rate = rate
        self.rate_operand: Array = np.full((), rate, dtype)

    def set_rate(self, rate: float) -> None:
        """Change the learning rate from the next update on."""
        self.rate = rate
        self.rate_operand[()] = rate


class Optimizer(Choice):
    """A rule that turns gradients into steps."""

    __slots__ = ()
    family = "optimizer"
    slots = 0
    """Vectors of memory beside the parameters."""
    folds_rate = False
    """True where back-propagation itself may carry the learning rate, because the step is linear in it."""
    learning_rate: float

    def update(self, parameters: Array, gradients: Array, slots: Array, clock: Clock) -> Calls:
        """Calls for one update. ``parameters``, ``gradients`` are ``(n,)``, ``slots`` is ``(self.slots, n)``."""
        calls: Calls = []
        for start in range(0, parameters.size, BLOCK):
            part = slice(start, start + BLOCK)
            calls += self.update_block(parameters[part], gradients[part], slots[:, part], clock)
        return calls

    def update_block(self, parameters: Array, gradients: Array, slots: Array, clock: Clock) -> Calls:
        """Calls for one update of a part of the parameters."""
        raise NotImplementedError


class SGD(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sgd"):
    """w ← w − rate·∂C/∂w."""

    learning_rate: Rate = 0.03
    folds_rate = True

    @classmethod
    def title(cls) -> str:
        return "SGD"

    def update(self, parameters: Array, gradients: Array, slots: Array, clock: Clock) -> Calls:
        return [(np.subtract, (parameters, gradients, parameters))]  # the gradient carries the rate already


class Momentum(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="momentum"):
    """v ← momentum·v + ∂C/∂w, w ← w − rate·v (Polyak 1964); Nesterov's form looks one step ahead."""

    learning_rate: Rate = 0.03
    momentum: Annotated[Share, Meta(description="share of the velocity kept")] = 0.9
    nesterov: Annotated[bool, Meta(description="look one step ahead (Nesterov 1983)")] = False
    slots = 1

    def update_block(self, parameters: Array, gradients: Array, slots: Array, clock: Clock) -> Calls:
        velocity, keep, step = slots[0], constant(self.momentum, parameters), np.empty_like(parameters)
        calls: Calls = [(np.multiply, (velocity, keep, velocity)), (np.add, (velocity, gradients, velocity))]
        if self.nesterov:
            calls += [(np.multiply, (velocity, keep, step)), (np.add, (step, gradients, step))]
        ahead = step if self.nesterov else velocity
        calls += [
            (np.multiply, (ahead, clock.rate_operand, step)),
            (np.subtract, (parameters, step, parameters)),
        ]
        return calls


class Adam(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adam"):
    """Steps scaled by running moments of the gradient, bias-corrected (Kingma & Ba 2015)."""

    learning_rate: Rate = 0.001
    beta1: Annotated[Share, Meta(description="memory of the mean")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the square")] = 0.999
    epsilon: Annotated[float, Meta(gt=0.0, le=1.0, description="guards the division")] = 1e-8
    slots = 2

    @classmethod
    def title(cls) -> str:
        return "Adam"

    def update(self, parameters: Array, gradients: Array, slots: Array, clock: Clock) -> Calls:
        root, size = np.empty((), parameters.dtype), np.empty((), parameters.dtype)

        def correct() -> None:
            update = clock.updates + 1
            root[()] = math.sqrt(1.0 - self.beta2**update)
            size[()] = clock.rate / (1.0 - self.beta1**update)

        calls: Calls = [(correct, ())]
        for start in range(0, parameters.size, BLOCK):
            part = slice(start, start + BLOCK)
            calls += self._block(parameters[part], gradients[part], slots[:, part], root, size)
        return calls

    def _block(self, parameters: Array, gradients: Array, slots: Array, root: Array, size: Array) -> Calls:
        mean, square = slots
        work = np.empty_like(parameters)
        return [
            (np.multiply, (mean, constant(self.beta1, work), mean)),
            (np.multiply, (gradients, constant(1.0 - self.beta1, work), work)),
            (np.add, (mean, work, mean)),
            (np.multiply, (square, constant(self.beta2, work), square)),
            (np.multiply, (gradients, gradients, work)),
            (np.multiply, (work, constant(1.0 - self.beta2, work), work)),
            (np.add, (square, work, square)),
            (np.sqrt, (square, work)),
            (np.divide, (work, root, work)),
            (np.add, (work, constant(self.epsilon, work), work)),
            (np.divide, (mean, work, work)),
            (np.multiply, (work, size, work)),
            (np.subtract, (parameters, work, parameters)),
        ]

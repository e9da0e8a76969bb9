"""Gradient descent as it stands, and with a velocity."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from ..calls import Array, Calls, constant
from .base import Optimizer, Rate, Share, Vectors


class SGD(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sgd"):
    """w ← w − rate·∂C/∂w: every weight moves as its gradient says, so small gradients mean standing still."""

    learning_rate: Rate = 0.03
    folds_rate = True

    @classmethod
    def title(cls) -> str:
        return "SGD"

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        parameters, gradients, (rate,) = vectors.parameters, vectors.gradients, numbers
        return [(np.multiply, (gradients, rate, gradients)), (np.subtract, (parameters, gradients, parameters))]


class Momentum(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="momentum"):
    """v ← momentum·v + ∂C/∂w, w ← w − rate·v (Polyak 1964): rolls through flat stretches; may overshoot."""

    learning_rate: Rate = 0.03
    momentum: Annotated[Share, Meta(description="share of the velocity kept")] = 0.9
    nesterov: Annotated[bool, Meta(description="look one step ahead (Nesterov 1983)")] = False
    slots = 1

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        parameters, gradients, (velocity,), (rate,) = vectors.parameters, vectors.gradients, vectors.slots, numbers
        keep, step = constant(self.momentum, parameters), np.empty_like(parameters)
        calls: Calls = [(np.multiply, (velocity, keep, velocity)), (np.add, (velocity, gradients, velocity))]
        if self.nesterov:
            calls += [(np.multiply, (velocity, keep, step)), (np.add, (step, gradients, step))]
        ahead = step if self.nesterov else velocity
        return [*calls, (np.multiply, (ahead, rate, step)), (np.subtract, (parameters, step, parameters))]

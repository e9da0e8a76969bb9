"""Optimizers: from a gradient to a change of the parameters, in order of increasing complexity.

Each works on the flat parameter vector. Its memory ("slots": velocities, moments) is one row per slot, so a
checkpoint is parameters, slots and the number of updates. Formulas are those of the papers in the form that
PyTorch uses, so runs can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from .calls import Array, Calls, constant
from .choices import Choice

BLOCK = 32_768
"""Parameters are updated in blocks of this many, so that an update of several passes stays in the cache."""

Rate = Annotated[float, Meta(ge=0.0, le=1e6, description="learning rate")]
Share = Annotated[float, Meta(ge=0.0, lt=1.0)]
Epsilon = Annotated[float, Meta(gt=0.0, le=1.0, description="guards the division")]


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


class _Adaptive(Optimizer):
    """Optimizers that divide by a running size of the gradient, block by block with numbers that change per update."""

    __slots__ = ()

    def update(self, parameters: Array, gradients: Array, slots: Array, clock: Clock) -> Calls:
        numbers, prepare = self.moving_numbers(parameters.dtype, clock)
        calls: Calls = [(prepare, ())] if prepare else []
        for start in range(0, parameters.size, BLOCK):
            part = slice(start, start + BLOCK)
            calls += self.block(parameters[part], gradients[part], slots[:, part], numbers)
        return calls

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Callable[[], None] | None]:
        """Operands that change from update to update, and what sets them before each; at least the rate."""
        return [clock.rate_operand], None

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        """Calls for a part of the parameters."""
        raise NotImplementedError


def _average(mean: Array, value: Array, memory: float, work: Array) -> Calls:
    """mean ← memory·mean + (1−memory)·value; ``work`` is overwritten and may be ``value``."""
    return [
        (np.multiply, (mean, constant(memory, mean), mean)),
        (np.multiply, (value, constant(1.0 - memory, work), work)),
        (np.add, (mean, work, mean)),
    ]


class Adagrad(_Adaptive, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adagrad"):
    """Divides by the root of all squared gradients so far (Duchi et al. 2011): steps only ever shrink."""

    learning_rate: Rate = 0.01
    epsilon: Epsilon = 1e-10
    slots = 1

    @classmethod
    def title(cls) -> str:
        return "Adagrad"

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        total, work = slots[0], np.empty_like(parameters)
        return [
            (np.multiply, (gradients, gradients, work)),
            (np.add, (total, work, total)),
            (np.sqrt, (total, work)),
            (np.add, (work, constant(self.epsilon, work), work)),
            (np.divide, (gradients, work, work)),
            (np.multiply, (work, numbers[0], work)),
            (np.subtract, (parameters, work, parameters)),
        ]


class RMSProp(_Adaptive, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="rmsprop"):
    """Divides by the root of a running mean of squared gradients (Tieleman & Hinton 2012)."""

    learning_rate: Rate = 0.001
    decay: Annotated[Share, Meta(description="memory of the square")] = 0.99
    epsilon: Epsilon = 1e-8
    slots = 1

    @classmethod
    def title(cls) -> str:
        return "RMSProp"

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        square, work = slots[0], np.empty_like(parameters)
        return [
            (np.multiply, (gradients, gradients, work)),
            *_average(square, work, self.decay, work),
            (np.sqrt, (square, work)),
            (np.add, (work, constant(self.epsilon, work), work)),
            (np.divide, (gradients, work, work)),
            (np.multiply, (work, numbers[0], work)),
            (np.subtract, (parameters, work, parameters)),
        ]


class Adadelta(_Adaptive, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adadelta"):
    """Steps in the parameters' own unit: RMS of past steps over RMS of gradients (Zeiler 2012)."""

    learning_rate: Rate = 1.0
    decay: Annotated[Share, Meta(description="memory of both squares")] = 0.9
    epsilon: Epsilon = 1e-6
    slots = 2

    @classmethod
    def title(cls) -> str:
        return "Adadelta"

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        square, steps = slots
        work, step, epsilon = np.empty_like(parameters), np.empty_like(parameters), constant(self.epsilon, parameters)
        return [
            (np.multiply, (gradients, gradients, work)),
            *_average(square, work, self.decay, work),
            (np.add, (square, epsilon, work)),
            (np.sqrt, (work, work)),
            (np.add, (steps, epsilon, step)),
            (np.sqrt, (step, step)),
            (np.divide, (step, work, step)),
            (np.multiply, (step, gradients, step)),
            (np.multiply, (step, step, work)),
            *_average(steps, work, self.decay, work),
            (np.multiply, (step, numbers[0], step)),
            (np.subtract, (parameters, step, parameters)),
        ]


class Adam(_Adaptive, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adam"):
    """Steps scaled by running moments of the gradient, bias-corrected (Kingma & Ba 2015)."""

    learning_rate: Rate = 0.001
    beta1: Annotated[Share, Meta(description="memory of the mean")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the square")] = 0.999
    epsilon: Epsilon = 1e-8
    slots = 2

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Callable[[], None] | None]:
        root, size = np.empty((), dtype), np.empty((), dtype)

        def correct() -> None:
            update = clock.updates + 1
            root[()] = math.sqrt(1.0 - self.beta2**update)
            size[()] = clock.rate / (1.0 - self.beta1**update)

        return [root, size], correct

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        (mean, square), (root, size), work = slots, numbers, np.empty_like(parameters)
        return [
            *_average(mean, gradients, self.beta1, work),
            (np.multiply, (gradients, gradients, work)),
            *_average(square, work, self.beta2, work),
            *_scaled_root(square, root, self.epsilon, work),
            (np.divide, (mean, work, work)),
            (np.multiply, (work, size, work)),
            (np.subtract, (parameters, work, parameters)),
        ]


def _scaled_root(square: Array, root: Array, epsilon: float, work: Array) -> Calls:
    """work ← √square/root + epsilon."""
    return [
        (np.sqrt, (square, work)),
        (np.divide, (work, root, work)),
        (np.add, (work, constant(epsilon, work), work)),
    ]


class NAdam(_Adaptive, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="nadam"):
    """Adam that looks one step ahead, with a momentum that warms up (Dozat 2016)."""

    learning_rate: Rate = 0.002
    beta1: Annotated[Share, Meta(description="memory of the mean")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the square")] = 0.999
    momentum_decay: Annotated[float, Meta(ge=0.0, le=1.0, description="speed of the momentum's warm-up")] = 0.004
    epsilon: Epsilon = 1e-8
    slots = 2

    @classmethod
    def title(cls) -> str:
        return "NAdam"

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Callable[[], None] | None]:
        root, of_gradient, of_mean = (np.empty((), dtype) for _ in range(3))
        products = [1.0]  # of the momenta so far; grown as needed, so that any update can be asked for

        def momentum(update: int) -> float:
            return self.beta1 * (1.0 - 0.5 * 0.96 ** (update * self.momentum_decay))

        def correct() -> None:
            update = clock.updates + 1
            while len(products) <= update:
                products.append(products[-1] * momentum(len(products)))
            now, ahead = momentum(update), momentum(update + 1)
            root[()] = math.sqrt(1.0 - self.beta2**update)
            of_gradient[()] = clock.rate * (1.0 - now) / (1.0 - products[update])
            of_mean[()] = clock.rate * ahead / (1.0 - products[update] * ahead)

        return [root, of_gradient, of_mean], correct

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        (mean, square), (root, of_gradient, of_mean) = slots, numbers
        work, step = np.empty_like(parameters), np.empty_like(parameters)
        return [
            *_average(mean, gradients, self.beta1, work),
            (np.multiply, (gradients, gradients, work)),
            *_average(square, work, self.beta2, work),
            *_scaled_root(square, root, self.epsilon, work),
            (np.multiply, (gradients, of_gradient, step)),
            (np.divide, (step, work, step)),
            (np.subtract, (parameters, step, parameters)),
            (np.multiply, (mean, of_mean, step)),
            (np.divide, (step, work, step)),
            (np.subtract, (parameters, step, parameters)),
        ]


class Lion(_Adaptive, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lion"):
    """Steps of one size, in the sign of a smoothed gradient (Chen et al. 2023); wants a third of Adam's rate."""

    learning_rate: Rate = 0.0003
    beta1: Annotated[Share, Meta(description="memory in the step's direction")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the mean")] = 0.99
    slots = 1

    def block(self, parameters: Array, gradients: Array, slots: Array, numbers: list[Array]) -> Calls:
        mean, work, step = slots[0], np.empty_like(parameters), np.empty_like(parameters)
        return [
            (np.multiply, (mean, constant(self.beta1, step), step)),
            (np.multiply, (gradients, constant(1.0 - self.beta1, work), work)),
            (np.add, (step, work, step)),
            (np.sign, (step, step)),
            (np.multiply, (step, numbers[0], step)),
            (np.subtract, (parameters, step, parameters)),
            *_average(mean, gradients, self.beta2, work),
        ]

"""Optimizers that scale every parameter's step by the gradients it has seen."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from ..calls import Array, Calls, constant
from .base import Clock, Epsilon, Optimizer, Prepare, Rate, Share, Vectors


def _average(mean: Array, value: Array, memory: float, work: Array) -> Calls:
    """mean ← memory·mean + (1−memory)·value; ``work`` is overwritten and may be ``value``."""
    return [
        (np.multiply, (mean, constant(memory, mean), mean)),
        (np.multiply, (value, constant(1.0 - memory, work), work)),
        (np.add, (mean, work, mean)),
    ]


def _descend(parameters: Array, direction: Array, rate: Array) -> Calls:
    """w ← w − rate·direction; ``direction`` is overwritten."""
    return [(np.multiply, (direction, rate, direction)), (np.subtract, (parameters, direction, parameters))]


def _descend_by_root(vectors: Vectors, square: Array, epsilon: float, rate: Array, work: Array) -> Calls:
    """w ← w − rate·∂C/∂w/(√square + epsilon); ``work`` is overwritten."""
    return [
        (np.sqrt, (square, work)),
        (np.add, (work, constant(epsilon, work), work)),
        (np.divide, (vectors.gradients, work, work)),
        *_descend(vectors.parameters, work, rate),
    ]


class Adagrad(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adagrad"):
    """Divides by the root of all squared gradients so far (Duchi et al. 2011): for rare inputs; steps only shrink."""

    learning_rate: Rate = 0.01
    epsilon: Epsilon = 1e-10
    slots = 1

    @classmethod
    def title(cls) -> str:
        return "Adagrad"

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        gradients, (total,), (rate,) = vectors.gradients, vectors.slots, numbers
        work = np.empty_like(gradients)
        return [
            (np.multiply, (gradients, gradients, work)),
            (np.add, (total, work, total)),
            *_descend_by_root(vectors, total, self.epsilon, rate, work),
        ]


class RMSProp(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="rmsprop"):
    """Divides by the root of a running mean of squared gradients (Tieleman & Hinton 2012): Adagrad that forgets."""

    learning_rate: Rate = 0.001
    decay: Annotated[Share, Meta(description="memory of the square")] = 0.99
    epsilon: Epsilon = 1e-8
    slots = 1

    @classmethod
    def title(cls) -> str:
        return "RMSProp"

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        gradients, (square,), (rate,) = vectors.gradients, vectors.slots, numbers
        work = np.empty_like(gradients)
        return [
            (np.multiply, (gradients, gradients, work)),
            *_average(square, work, self.decay, work),
            *_descend_by_root(vectors, square, self.epsilon, rate, work),
        ]


class Adadelta(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adadelta"):
    """Steps in the parameters' own unit: RMS of past steps over RMS of gradients (Zeiler 2012); starts slowly."""

    learning_rate: Rate = 1.0
    decay: Annotated[Share, Meta(description="memory of both squares")] = 0.9
    epsilon: Epsilon = 1e-6
    slots = 2

    @classmethod
    def title(cls) -> str:
        return "Adadelta"

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        gradients, (square, steps), (rate,) = vectors.gradients, vectors.slots, numbers
        work, step, epsilon = np.empty_like(gradients), np.empty_like(gradients), constant(self.epsilon, gradients)
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
            *_descend(vectors.parameters, step, rate),
        ]


class Adam(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="adam"):
    """Steps scaled by running moments of the gradient, bias-corrected (Kingma & Ba 2015); small ones move too."""

    learning_rate: Rate = 0.001
    beta1: Annotated[Share, Meta(description="memory of the mean")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the square")] = 0.999
    epsilon: Epsilon = 1e-8
    slots = 2

    @classmethod
    def title(cls) -> str:
        return "Adam"

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Prepare | None]:
        root, size = np.empty_like(clock.rate_operand), np.empty_like(clock.rate_operand)

        def correct() -> None:
            update = clock.updates + 1 - clock.memory_from
            root[()] = (1.0 - self.beta2**update) ** 0.5
            size[()] = clock.rate / (1.0 - self.beta1**update)

        return [root, size], correct

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        (mean, square), (root, size), work = vectors.slots, numbers, np.empty_like(vectors.parameters)
        return [
            *_moments(vectors, self.beta1, self.beta2, work),
            *_corrected_root(square, root, self.epsilon, work),
            (np.divide, (mean, work, work)),
            *_descend(vectors.parameters, work, size),
        ]


def _moments(vectors: Vectors, beta1: float, beta2: float, work: Array) -> Calls:
    """Running means of the gradient and of its square, in the two slots; ``work`` is overwritten."""
    gradients, (mean, square) = vectors.gradients, vectors.slots
    return [
        *_average(mean, gradients, beta1, work),
        (np.multiply, (gradients, gradients, work)),
        *_average(square, work, beta2, work),
    ]


def _corrected_root(square: Array, root: Array, epsilon: float, work: Array) -> Calls:
    """work ← √square/root + epsilon."""
    return [
        (np.sqrt, (square, work)),
        (np.divide, (work, root, work)),
        (np.add, (work, constant(epsilon, work), work)),
    ]


class AdamW(Adam, frozen=True, forbid_unknown_fields=True, tag="adamw"):
    """Adam beside a steady shrinking of the weights, never the biases (Loshchilov & Hutter 2019): to generalize."""

    weight_decay: Annotated[float, Meta(ge=0.0, le=1e3, description="shrinks weights by rate times this")] = 0.01

    @classmethod
    def title(cls) -> str:
        return "AdamW"

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Prepare | None]:
        keep = np.empty_like(clock.rate_operand)
        numbers, correct = super().moving_numbers(dtype, clock)

        def prepare() -> None:
            if correct:
                correct()
            keep[()] = 1.0 - clock.rate * self.weight_decay

        return [keep, *numbers], prepare

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        keep, *moments = numbers
        weights = [vectors.parameters[stretch] for stretch in vectors.weights]
        return [*((np.multiply, (values, keep, values)) for values in weights), *super().update_block(vectors, moments)]


class NAdam(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="nadam"):
    """Adam that looks one step ahead, with a momentum that warms up (Dozat 2016): often quicker at first."""

    learning_rate: Rate = 0.002
    beta1: Annotated[Share, Meta(description="memory of the mean")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the square")] = 0.999
    momentum_decay: Annotated[float, Meta(ge=0.0, le=1.0, description="speed of the momentum's warm-up")] = 0.004
    epsilon: Epsilon = 1e-8
    slots = 2

    @classmethod
    def title(cls) -> str:
        return "NAdam"

    def moving_numbers(self, dtype: np.dtype[Any], clock: Clock) -> tuple[list[Array], Prepare | None]:
        root, of_gradient, of_mean = (np.empty_like(clock.rate_operand) for _ in range(3))
        done, product = 0, 1.0  # of the momenta of the first ``done`` updates

        def momentum(update: int) -> float:
            cold: float = 0.96 ** (update * self.momentum_decay)
            return self.beta1 * (1.0 - 0.5 * cold)

        def correct() -> None:
            nonlocal done, product
            update = clock.updates + 1 - clock.memory_from
            if update < done:  # the run went back
                done, product = 0, 1.0
            while done < update:
                done += 1
                product *= momentum(done)
            now, ahead = momentum(update), momentum(update + 1)
            root[()] = (1.0 - self.beta2**update) ** 0.5
            of_gradient[()] = clock.rate * (1.0 - now) / (1.0 - product)
            of_mean[()] = clock.rate * ahead / (1.0 - product * ahead)

        return [root, of_gradient, of_mean], correct

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        (mean, square), (root, of_gradient, of_mean) = vectors.slots, numbers
        work, step, parameters = np.empty_like(mean), np.empty_like(mean), vectors.parameters
        return [
            *_moments(vectors, self.beta1, self.beta2, work),
            *_corrected_root(square, root, self.epsilon, work),
            (np.divide, (vectors.gradients, work, step)),
            *_descend(parameters, step, of_gradient),
            (np.divide, (mean, work, step)),
            *_descend(parameters, step, of_mean),
        ]


class Lion(Optimizer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lion"):
    """Steps of one size, by a smoothed gradient's sign (Chen et al. 2023); wants a third of Adam's rate at most."""

    learning_rate: Rate = 0.0003
    beta1: Annotated[Share, Meta(description="memory in the step's direction")] = 0.9
    beta2: Annotated[Share, Meta(description="memory of the mean")] = 0.99
    slots = 1

    @classmethod
    def title(cls) -> str:
        return "Lion"

    def update_block(self, vectors: Vectors, numbers: list[Array]) -> Calls:
        gradients, (mean,), (rate,) = vectors.gradients, vectors.slots, numbers
        work, step = np.empty_like(mean), np.empty_like(mean)
        return [
            (np.multiply, (mean, constant(self.beta1, step), step)),
            (np.multiply, (gradients, constant(1.0 - self.beta1, work), work)),
            (np.add, (step, work, step)),
            (np.sign, (step, step)),
            *_descend(vectors.parameters, step, rate),
            *_average(mean, gradients, self.beta2, work),
        ]

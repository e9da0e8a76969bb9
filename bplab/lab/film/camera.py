"""The camera: takes one training step with everything that is computed on the way.

Training itself overwrites most of it, and may carry the learning rate in its errors. So the batch goes through a pass
of the same kind on a copy of the network, with the same masks and statistics, which stops after every stage; and
through a plain step of the trainer, whose state afterwards is the run's to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bplab.engine import DivergenceError, InputError, Network, TrainingState
from bplab.engine.calls import Array, execute, quiet_runner
from bplab.engine.layer_pass import LayerPass
from bplab.engine.noise import DropoutStage, Noise
from bplab.engine.optimizers import Clock
from bplab.engine.passes import Pass, with_ones

from ..blas import blas_if_free
from ..experiment import Experiment
from ..problem import Problem, make_problem
from ..replay import Moment
from ..trainers import make_trainer

INPUTS = -1
"""Stands for the network's inputs where the number of a layer (from 0) is asked for."""
Key = tuple[str, int]
"""The name of an array, and the layer (from 0) that it belongs to."""


@dataclass(frozen=True, eq=False)
class Take:
    """One step; arrays are ``(samples, units)``, gradients as the layer's own numbers."""

    samples: NDArray[np.int64]
    """Which training samples the batch holds, in order."""
    loss: float
    """Mean loss of the batch, before the update."""
    values: dict[Key, Array]
    paired: bool
    """True where the loss is computed from the last layer's z."""
    stages: tuple[tuple[str, ...], ...]
    """For each layer what stands between z and its outputs."""
    rate: float
    """The learning rate of the update."""
    end: Moment | None
    """The run after the step; None if the step leaves the finite numbers."""
    divergence: str
    """How it does so, in a sentence; empty if it does not."""


class Camera:
    """Takes steps of runs of one experiment."""

    def __init__(self, experiment: Experiment, problem: Problem | None = None) -> None:
        self.experiment = experiment
        self.problem = problem or make_problem(experiment)
        self.trainer = make_trainer(experiment, self.problem)
        self.network: Network = self.trainer.network.copy()
        self._clock = Clock(0.0, self.network.dtype)
        self._passes: dict[int, Pass] = {}
        self._quietly = quiet_runner()

    def take(self, moment: Moment) -> Take:
        """The step that comes after ``moment``; ``InputError`` while others use another number of BLAS threads."""
        with blas_if_free(moment.blas_threads) as hold:
            if hold is None:
                raise InputError("Another run is training: a step of this one can be looked at when that one rests.")
            return self._take(moment)

    def _take(self, moment: Moment) -> Take:
        trainer, state = self.trainer, moment.state
        if trainer.rules != moment.rules:
            trainer.set_rules(moment.rules)
        trainer.restore(state)
        samples, rate = trainer.samples_of(state.updates), trainer.learning_rate
        values, loss, step = self._pass_through(state, samples)
        end, divergence = self._step(moment)
        values |= self._numbers(state, "_before")
        if end is not None:
            values |= self._numbers(end.state, "")
        stages = tuple(tuple(stage.name for stage in layer.stages()) for layer in step.layers)
        paired = step.output_errors() is step.layers[-1].argument_error
        return Take(samples, loss, values, paired, stages, rate, end, divergence)

    def _step(self, moment: Moment) -> tuple[Moment | None, str]:
        trainer = self.trainer
        try:
            trainer.step()
            trainer.check_finite()
        except DivergenceError as error:
            return None, str(error)
        state = trainer.state()
        epoch = state.updates / trainer.steps_per_epoch
        return replace(moment, state=state, epoch=epoch, asked=state.updates), ""

    def _pass_through(self, state: TrainingState, samples: NDArray[np.int64]) -> tuple[dict[Key, Array], float, Pass]:
        """The batch forward and back, and what was computed at every stage."""
        step = self._pass_of(len(samples))
        self.network.parameters[...] = state.parameters
        self._clock.updates = state.updates
        inputs, targets = self.problem.train_inputs[samples], self.problem.train_targets[samples]
        extended = with_ones(inputs, self.network.dtype).T
        values: dict[Key, Array] = {("outputs", INPUTS): inputs, ("targets", len(step.layers) - 1): targets}
        self._quietly(execute, step.take(extended))
        entering = extended
        for number, layer in enumerate(step.layers):
            values |= self._forward(number, layer, entering)
            entering = layer.extended
        compare, total = step.compare(np.ascontiguousarray(targets.T))
        self._quietly(execute, [*compare, *step.backward(extended)])
        loss = float(self._quietly(total)) / len(samples)
        for layer in step.layers:  # f' of some is not needed on the way back
            self._quietly(execute, layer.derivative())
        last = len(step.layers) - 1
        for number, layer in enumerate(step.layers):
            values |= _backward(number, layer)
        values["loss", last] = np.array(loss)
        values["error", last] = step.output_errors().T.copy()
        values["activated_error", last] = step.last_activated_error().T.copy()
        return values, loss, step

    def _pass_of(self, samples: int) -> Pass:
        if samples not in self._passes:
            noise = Noise(self.experiment.training.seed, self._clock)
            self._passes[samples] = self.network.make_pass(samples, None, "training", noise, keeps_errors=True)
        return self._passes[samples]

    def _forward(self, number: int, layer: LayerPass, entering: Array) -> dict[Key, Array]:
        self._quietly(execute, layer.weigh(entering))
        found = {("weighted_inputs", number): layer.z.T.copy()}
        for stage in layer.stages():
            self._quietly(execute, stage.calls)
            found[_RESULTS[stage.name], number] = stage.out.T.copy()
        for drop, _ in layer.after:
            if isinstance(drop, DropoutStage):
                found["mask", number] = drop.mask.T.copy()
        found["outputs", number] = layer.outputs.T.copy()
        return found

    def _numbers(self, state: TrainingState, mark: str) -> dict[Key, Array]:
        """Each layer's weights and other numbers in a state; ``mark`` ends their names."""
        found: dict[Key, Array] = {}
        network = self.network
        for number, (place, stretch) in enumerate(zip(network.places, network.layer_stretches, strict=True)):
            views = place.views(state.parameters[stretch])
            for part in place.parts:
                for name, which in _parts(part.name):
                    found[f"{name}{mark}", number] = views[part.name][which].copy()
        return found


_RESULTS = {"normalize": "normalized", "activate": "activated", "drop": "dropped", "skip": "joined"}


def _parts(name: str) -> list[tuple[str, slice | int]]:
    """A layer's matrix as its weights and biases; everything else whole."""
    return [("weights", slice(-1)), ("biases", -1)] if name == "matrix" else [(name, slice(None))]


def _backward(number: int, layer: LayerPass) -> dict[Key, Array]:
    found = {
        ("error", number): layer.error,
        ("activated_error", number): layer.activated_error,
        ("derivative", number): layer.slope,
        ("argument_error", number): layer.argument_error,
        ("delta", number): layer.delta,
    }
    turned = {key: values.T.copy() for key, values in found.items()}
    for part in layer.place.parts:
        if part.learned:
            for name, which in _parts(part.name):
                turned[f"{name}_gradient", number] = layer.wiring.gradients[part.name][which].copy()
    return turned

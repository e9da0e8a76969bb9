"""The phases of a training step: what each computes, what it lights up, and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bplab.engine.calls import Array

from ..experiment import Experiment
from ..layer_words import has_weights
from ..problem import layer_names
from ..replay import Moment
from .camera import INPUTS, Key, Take
from .equations import Equations
from .titles import Titles

Kind = Literal["load", "weigh", "normalize", "activate", "drop", "skip", "loss", "delta", "gradient", "update"]
"""What a phase does; z comes with ``weigh``, also where a layer pools or flattens."""


@dataclass(frozen=True)
class Lights:
    """What a phase lights up on a drawing of the network; layers are counted from 0, ``INPUTS`` the inputs."""

    neurons: tuple[int, ...] = ()
    """Layers whose neurons light up."""
    edges: tuple[int, ...] = ()
    """Layers whose incoming edges light up."""
    skips: tuple[tuple[int, int], ...] = ()
    """Skips, from layer to layer."""
    backward: bool = False
    """True where something runs from the outputs to the inputs."""


@dataclass(frozen=True, eq=False)
class Phase:
    """A part of a training step at which the film can stop."""

    kind: Kind
    layer: int | None
    """From 0; None where it is about all of them, or about none."""
    title: str
    """One line in words."""
    short: str
    """Two or three words."""
    equation: str
    """In LaTeX."""
    arrays: dict[Key, Array]
    """What is computed here, ``(samples, units)``; gradients, weights and biases as their layer has them."""
    lights: Lights


_STAGES: dict[str, tuple[str, ...]] = {
    "normalize": ("normalized",),
    "activate": ("activated",),
    "drop": ("mask", "dropped"),
    "skip": ("joined",),
}
_ERRORS = ("error", "activated_error", "derivative", "argument_error", "delta")


class Script:
    """Writes the phases of one take."""

    def __init__(self, experiment: Experiment, moment: Moment, take: Take, steps_per_epoch: int) -> None:
        self._take = take
        self._layers: tuple[Any, ...] = experiment.network.layers
        self._last = len(self._layers) - 1
        self._equations = Equations(experiment, moment, take)
        self._titles = Titles(experiment, moment, take, steps_per_epoch, layer_names(self._layers))

    def phases(self) -> Iterator[Phase]:
        """All of them, in order."""
        loaded = self._found(("outputs",), INPUTS) | self._found(("targets",), self._last)
        yield self._phase("load", None, loaded, Lights(neurons=(INPUTS,)))
        for number in range(self._last + 1):
            yield from self._forward(number)
        lost = ("loss",) if self._take.paired else ("loss", "error")
        yield self._phase("loss", None, self._found(lost, self._last), Lights(neurons=(self._last,)))
        for number in range(self._last, -1, -1):
            yield from self._backward(number)
        if self._take.end is not None:
            weighted = tuple(number for number, layer in enumerate(self._layers) if has_weights(layer))
            yield self._phase("update", None, self._updated(), Lights(edges=weighted))

    def _forward(self, number: int) -> Iterator[Phase]:
        stages = self._take.stages[number]
        own = Lights(neurons=(number,))
        names = ("weighted_inputs",) if has_weights(self._layers[number]) else ("weighted_inputs", "outputs")
        entering = Lights(neurons=(number - 1, number), edges=(number,))
        yield self._phase("weigh", number, self._found(names, number), entering)
        if not has_weights(self._layers[number]):
            return
        for place, stage in enumerate(stages):
            names = (*_STAGES[stage], *(("outputs",) if place == len(stages) - 1 else ()))
            lights = own
            if stage == "skip":
                source = self._layers[number].skip - 1
                lights = Lights(neurons=(source, number), skips=((source, number),))
            yield self._phase(stage, number, self._found(names, number), lights)  # type: ignore[arg-type]  # each is a kind

    def _backward(self, number: int) -> Iterator[Phase]:
        paired = self._take.paired and number == self._last
        names = ("argument_error", "delta") if paired else _ERRORS
        behind = () if number == self._last else (number + 1,)
        from_skips = tuple(
            (number, target) for target, layer in enumerate(self._layers) if getattr(layer, "skip", None) == number + 1
        )
        lit = Lights(
            neurons=(number, *behind, *(target for _, target in from_skips if target not in behind)),
            edges=behind,
            skips=from_skips,
            backward=True,
        )
        yield self._phase("delta", number, self._found(names, number), lit)
        gradients = {
            key: values
            for key, values in self._take.values.items()
            if key[1] == number and key[0].endswith("_gradient")
        }
        if gradients:
            lights = Lights(neurons=(number - 1, number), edges=(number,), backward=True)
            yield self._phase("gradient", number, gradients, lights)

    def _updated(self) -> dict[Key, Array]:
        known = self._take.values
        return {
            key: values
            for key, values in known.items()
            if key[0].endswith("_before") or (f"{key[0]}_before", key[1]) in known
        }

    def _found(self, names: tuple[str, ...], layer: int) -> dict[Key, Array]:
        return {(name, layer): self._take.values[name, layer] for name in names}

    def _phase(self, kind: Kind, layer: int | None, arrays: dict[Key, Array], lights: Lights) -> Phase:
        words, equation = self._titles, self._equations.of(kind, layer)
        return Phase(kind, layer, words.of(kind, layer), words.short(kind, layer), equation, arrays, lights)

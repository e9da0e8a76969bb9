"""The blueprint: what of an experiment decides the form of its drawing, and nothing of what training changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bplab.data import ImageShape
from bplab.lab.experiment import Experiment
from bplab.lab.problem import Problem, layer_names


@dataclass(frozen=True, slots=True)
class LayerText:
    """What a layer's header says."""

    name: str
    units: int
    activation: str


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Names and numbers of inputs and layers; equal blueprints have equal drawings at rest."""

    inputs: tuple[str, ...]
    layers: tuple[LayerText, ...]
    answers: tuple[str, ...]
    """What each output neuron stands for; empty where they have no names of their own."""
    image: ImageShape | None
    """Channels, height and width where the inputs are the pixels of an image."""
    plane: bool

    @classmethod
    def of(cls, experiment: Experiment, problem: Problem) -> Blueprint:
        """The blueprint of ``experiment``, whose data is ``problem``."""
        layers, shape = experiment.network.layers, problem.shape
        texts = tuple(
            LayerText(name, units, layer.in_brief())
            for name, units, layer in zip(layer_names(layers), experiment.units, layers, strict=True)
        )
        named = shape.classes > 1 and texts[-1].units == shape.classes
        return cls(
            inputs=shape.input_names,
            layers=texts,
            answers=shape.class_names if named else (),
            image=shape.image,
            plane=shape.plane,
        )

    @property
    def input_detail(self) -> str:
        """How many inputs, and of what kind."""
        if self.image:
            channels, rows, columns = self.image
            return f"{rows} × {columns} pixels" + (f" in {channels} channels" if channels > 1 else "")
        return f"{len(self.inputs):,} {self.input_kind}"

    @property
    def input_kind(self) -> str:
        """What the inputs are."""
        kind = "pixel" if self.image else "feature" if self.plane else "column"
        return kind + "s" * (len(self.inputs) != 1)

    @property
    def columns(self) -> tuple[int, ...]:
        """Nodes in each column of the drawing, inputs first."""
        return len(self.inputs), *(layer.units for layer in self.layers)

    def summary(self) -> str:
        """The network in one sentence, for people who hear the window instead of seeing it."""
        inputs = self.input_detail
        if len(self.inputs) <= 8:
            inputs += f" ({', '.join(self.inputs)})"
        layers = "; ".join(
            f"{layer.name}: {layer.units:,} {layer.activation} neuron{'s' * (layer.units != 1)}"
            for layer in self.layers
        )
        weights = sum(before * units for before, units in pairwise(self.columns))
        return f"Network with {inputs} as inputs; {layers}. {weights:,} weights."

"""What happens in a phase of a training step, in one line of words."""

from __future__ import annotations

from typing import Any

import numpy as np

from bplab.engine import Conv2D, Flatten, MaxPool, MeanPool
from bplab.engine.normalizations import BatchNorm

from ..experiment import Experiment
from ..layer_words import has_weights, percent, source_name
from ..replay import Moment
from .camera import Take

NAMED_SAMPLES = 6


class Titles:
    """The titles of one take's phases."""

    def __init__(
        self, experiment: Experiment, moment: Moment, take: Take, steps_per_epoch: int, names: list[str]
    ) -> None:
        self._plan, self._layers = experiment.training, experiment.network.layers
        self._moment, self._take, self._names = moment, take, names
        self._epoch, self._batch = (number + 1 for number in divmod(moment.updates, steps_per_epoch))
        self._batches = steps_per_epoch

    def of(self, kind: str, layer: int | None) -> str:
        """The title of the phase of this kind in a layer (from 0)."""
        if layer is None:
            return str(getattr(self, f"_{kind}")())
        return str(getattr(self, f"_{kind}")(layer, self._layers[layer], self._names[layer]))

    def short(self, kind: str, layer: int | None) -> str:
        """The phase in two or three words, for a list of all: ``h1: z``."""
        if layer is None:
            return {"load": "load samples", "loss": "loss C", "update": "update"}[kind]
        if kind == "weigh" and not has_weights(self._layers[layer]):
            return f"{self._names[layer]}: a"
        does = {
            "weigh": "z", "normalize": "normalize", "activate": "a", "drop": "dropout", "skip": "skip", "delta": "δ",
            "gradient": "∂C/∂W",
        }  # fmt: skip
        return f"{self._names[layer]}: {does[kind]}"

    def _before(self, number: int) -> str:
        return self._names[number - 1] if number else "the inputs"

    def _load(self) -> str:
        samples = self._take.samples
        count = len(samples)
        named = ", ".join(f"{sample:,}" for sample in samples) if count <= NAMED_SAMPLES else f"{count:,} of them"
        noun = "Training sample" if count == 1 else "Training samples"
        where = f"batch {self._batch:,} of {self._batches:,} in epoch {self._epoch:,}"
        return f"{noun} {named}: {where}" if count <= NAMED_SAMPLES else f"{count:,} training samples: {where}"

    def _weigh(self, number: int, layer: Any, name: str) -> str:
        if isinstance(layer, MaxPool):
            return f"{name} keeps the largest value of each window of {self._before(number)}"
        if isinstance(layer, MeanPool):
            return f"{name} takes the mean of each window of {self._before(number)}"
        if isinstance(layer, Flatten):
            return f"{name} lays the maps of {self._before(number)} out in a row"
        if isinstance(layer, Conv2D):
            return f"{name} moves its filters over {self._before(number)}: z"
        return f"{name} weighs what comes from {self._before(number)}: z"

    def _normalize(self, number: int, layer: Any, name: str) -> str:
        norm = layer.normalization
        over = "over the batch" if isinstance(norm, BatchNorm) else "over the layer, sample by sample"
        return f"{name} normalizes {'z' if norm.place == 'before' else 'a'} {over}: {norm.title()}"

    def _activate(self, number: int, layer: Any, name: str) -> str:
        return f"{name} answers with {layer.activation.title()}: a"

    def _drop(self, number: int, layer: Any, name: str) -> str:
        mask = self._take.values["mask", number]
        silent = mask.size - int(np.count_nonzero(mask))
        return f"{name} silences {silent:,} of its {mask.size:,} values in this step: dropout {percent(layer.dropout)}"

    def _skip(self, number: int, layer: Any, name: str) -> str:
        return f"{name} adds what the skip brings from {source_name(self._layers, layer.skip)}"

    def _loss(self) -> str:
        return f"The loss of the batch, {self._plan.loss.title()}: {self._take.loss:.4g}"

    def _delta(self, number: int, layer: Any, name: str) -> str:
        if number == len(self._layers) - 1:
            return f"The error of {name}: δ = ∂C/∂z"
        behind = f"The error of {self._names[number + 1]} comes back to {name}"
        return f"{behind}: δ" if not self._has_f(layer) else f"{behind} and through its f′: δ"

    @staticmethod
    def _has_f(layer: Any) -> bool:
        return "activation" in layer.__struct_fields__

    def _gradient(self, number: int, layer: Any, name: str) -> str:
        frozen = "; frozen, it will not be used" if layer.frozen else ""
        return f"The gradient of {name}: what came in times δ{frozen}"

    def _update(self) -> str:
        rules, done = self._moment.rules, []
        if rules.clip_value or rules.clip_norm:
            done.append("clipped")
        if rules.l1 or rules.l2:
            done.append("with penalties")
        if rules.max_norm:
            done.append("within the max-norm")
        how = f", {', '.join(done)}" if done else ""
        return f"The update{how}: {self._plan.optimizer.title()} at rate {self._take.rate:.4g}"

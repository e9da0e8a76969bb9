"""The picture of a neuron: its decision map over the plane, its weights as an image, or what it answers to most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from bplab.engine import Conv2D, Dense
from bplab.gui.theme import index_of

from .edge_picture import largest_weight, round_limit
from .figures import Figures, reach
from .images import Pixels, share_codes
from .look import Look
from .tips import signed

MOST_CHANNELS, APART = 8, 1
"""More channels of a filter are not shown; so many empty pixels stand between two."""
STRONGEST = 10
"""Samples whose mean is shown as what a neuron of a deep layer answers to."""


@dataclass(frozen=True, eq=False, slots=True)
class NeuronPicture:
    """Values ``(rows, columns)``; NaN is no part of the picture."""

    title: str
    values: NDArray[np.floating[Any]]
    limit: float
    """The value at the end of the colour map."""
    signed: bool = True
    """Colours from the diverging map around 0; else from the ground to the colour of text."""
    smooth: bool = False

    @property
    def words(self) -> str:
        """What it is, and what the ends of its colours stand for."""
        return f"{self.title}, ±{signed(self.limit)}" if self.signed else self.title

    def pixels(self, look: Look) -> Pixels:
        """The picture in the colours of the theme."""
        shown = np.nan_to_num(self.values)
        found: Pixels = (
            look.diverging[index_of(shown, self.limit)] if self.signed else look.ink[share_codes(shown / self.limit)]
        )
        found[np.isnan(self.values)] = QColor(look.colours.raised).rgb()
        return found


def picture_of(figures: Figures, layer: int, neuron: int) -> NeuronPicture | None:
    """What is to be seen of a neuron; None where neither plane nor pixels tell anything."""
    network, image, numbers = figures.live.network, figures.blueprint.image, figures.layers[layer]
    place = network.places[layer]
    if numbers.maps is not None:
        side = round(numbers.maps.shape[1] ** 0.5)
        values = numbers.maps[neuron].reshape(side, side)
        limit = reach(network.layers[layer].activation, values)  # its own, not its layer's
        return NeuronPicture("a over the plane", values, limit, smooth=True)
    if isinstance(place.layer, Conv2D):
        side, channel = place.layer.kernel, neuron // (place.units // place.channels)
        filters = network.weights[layer][:, channel].reshape(-1, side, side)
        return _weights("weights of its filter", filters)
    if image is None:
        return None
    if layer == 0 and isinstance(place.layer, Dense):
        return _weights("its weights", network.weights[0][:, neuron].reshape(image))
    return _answers_to(figures, layer, neuron, image)


def _weights(title: str, channels: NDArray[np.floating[Any]]) -> NeuronPicture:
    """Weights ``(channels, rows, columns)`` side by side."""
    count = len(channels)
    if count > MOST_CHANNELS:
        title, channels = f"{title}, {MOST_CHANNELS} of {count} channels", channels[:MOST_CHANNELS]
    apart = np.full((channels.shape[1], APART), np.nan)
    row = [part for channel in channels for part in (channel, apart)][:-1]
    return NeuronPicture(title, np.hstack(row), round_limit(largest_weight([channels])))


def _answers_to(figures: Figures, layer: int, neuron: int, image: tuple[int, int, int]) -> NeuronPicture:
    live = figures.live
    answers = live.activations(layer)[neuron]
    strongest = np.argsort(answers, kind="stable")[-STRONGEST:]
    mean = live.problem.probe_inputs[strongest].mean(axis=0).reshape(image).mean(axis=0)
    low, high = float(mean.min()), float(mean.max())
    return NeuronPicture(
        f"mean of the {len(strongest)} samples with the largest a", mean - low, high - low or 1.0, signed=False
    )

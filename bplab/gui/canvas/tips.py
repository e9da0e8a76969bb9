"""Tooltips that teach: what stands behind a neuron, an input or a layer, in plain words and present numbers."""

from __future__ import annotations

import html

from bplab.engine.probes import rms
from bplab.gui.numbers import percent_text, short_text

from .arrangement import Hit, Kind
from .blueprint import Style
from .figures import Figures
from .windows import position

HOLDS = "drag it to move the layer; turn the wheel on it to change the width"


def tip(figures: Figures, hit: Hit) -> str:
    """The tooltip of what is under the mouse, as plain text; empty where there is nothing to say."""
    if hit.kind is Kind.NEURON:
        return neuron_tip(figures, hit.layer, hit.neuron)
    if hit.kind is Kind.BIAS:
        return bias_tip(figures, hit.layer, hit.neuron)
    if hit.kind is Kind.INPUT:
        return input_tip(figures, hit.neuron)
    if hit.kind is Kind.HEADER:
        return f"{layer_tip(figures, hit.layer)}\n{HOLDS}"
    if hit.kind is Kind.GRIP:
        return "Pull down for more, up for fewer"
    if hit.kind is Kind.HANDLE:
        return "Drag from here to a later layer, which then adds these outputs to its own: a skip"
    if hit.kind is Kind.GAP and hit.source >= 0:
        return edge_tip(figures, hit.layer, hit.source, hit.neuron)
    return ""


def neuron_tip(figures: Figures, layer: int, neuron: int) -> str:
    """A neuron's bias, output, saturation and weights; where it stands, in a layer for images."""
    network, numbers = figures.live.network, figures.layers[layer]
    text, place = figures.blueprint.layers[layer], network.places[layer]
    lines = [
        f"{text.name}, {_position(figures, layer, neuron)}",
        f"mean output {signed(float(numbers.means[neuron]))} over {figures.live.probe_samples} training samples",
    ]
    if text.responds:
        lines.append(f"saturated on {percent_text(float(numbers.saturation[neuron]))} of them")
    if text.weights:
        channel = neuron // (place.units // place.channels)
        weights = network.weights[layer][:, channel]
        largest = signed(float(weights[abs(weights).argmax()]))
        shared = "" if text.dense else " shared by its whole map"
        lines.insert(1, f"bias {signed(float(network.biases[layer][channel]))}")
        lines.append(f"{count(len(weights), 'incoming weight')}{shared}, the largest {largest}")
    if text.responds and numbers.dead[neuron]:
        lines.append("dead: f′(z) = 0 on every sample, so no error passes back and its weights stay as they are")
    return "\n".join(lines)


def _position(figures: Figures, layer: int, neuron: int) -> str:
    """``neuron 2 of 8``, ``map 3 of 16, row 2, column 5``, ``value 70 of 256: map 5, row 1, column 6``."""
    text, place = figures.blueprint.layers[layer], figures.live.network.places[layer]
    answer = figures.blueprint.answers[neuron : neuron + 1] if layer == len(figures.layers) - 1 else ()
    if text.style is Style.NEURONS:
        return f"neuron {neuron + 1} of {text.units:,}{f': {answer[0]}' if answer else ''}"
    value = f"value {neuron + 1:,} of {text.units:,}"
    if text.maps is None and len(place.inputs) != 3:
        return value
    number, row, column = (part + 1 for part in position(place, neuron))
    if text.maps is None:
        return f"{value}: map {number}, row {row}, column {column}"
    return f"map {number} of {text.maps[0]:,}, row {row}, column {column}"


def edge_tip(figures: Figures, layer: int, source: int, unit: int) -> str:
    """A weight with the factors of its gradient, over the probe samples."""
    live, layers = figures.live, figures.blueprint.layers
    before = figures.blueprint.inputs[source] if layer == 0 else f"{layers[layer - 1].name}, neuron {source + 1}"
    entering = live.problem.probe_inputs[:, source] if layer == 0 else live.activations(layer - 1)[source]
    delta = live.deltas(layer)[unit]
    return "\n".join(
        (
            f"{before} → {layers[layer].name}, neuron {unit + 1}",
            f"w = {signed(float(live.network.weights[layer][source, unit]))}",
            f"∂C/∂w = Σ a_in · δ_out = {signed(float(live.weight_gradients(layer)[source, unit]))}",
            f"a_in: mean {signed(float(entering.mean()))}, RMS {short_text(rms(entering))}",
            f"δ_out: mean {signed(float(delta.mean()))}, RMS {short_text(rms(delta))}",
            f"over {live.probe_samples} training samples; click for the chain rule, and to set w by hand",
        )
    )


def bias_tip(figures: Figures, layer: int, unit: int) -> str:
    """A bias with its gradient, over the probe samples."""
    live, name = figures.live, figures.blueprint.layers[layer].name
    delta = live.deltas(layer)[unit]
    return "\n".join(
        (
            f"bias of {name}, neuron {unit + 1}",
            f"b = {signed(float(live.network.biases[layer][unit]))}",
            f"∂C/∂b = Σ δ_out = {signed(float(delta.sum()))}",
            f"over {live.probe_samples} training samples; click for the chain rule, and to set b by hand",
        )
    )


def input_tip(figures: Figures, index: int) -> str:
    """An input's mean and how strongly it is used; for a folded column as a whole where no input is under the mouse."""
    blueprint = figures.blueprint
    if blueprint.image:
        return f"{blueprint.input_detail}, shown as the mean of the training pictures" if index >= 0 else ""
    if index < 0:
        return ""
    strength = percent_text(float(figures.input_strength()[index]))
    return (
        f"{blueprint.inputs[index]}\nmean {signed(float(figures.mean_inputs[index]))} over the training samples\n"
        f"weights that leave it: {strength} of the strongest input's (RMS)"
    )


def layer_tip(figures: Figures, layer: int) -> str:
    """A layer's size, what is unusual about it, saturation and dead neurons."""
    text, numbers = figures.blueprint.layers[layer], figures.layers[layer]
    inputs, columns = figures.live.network.weights[layer].shape
    lines = [f"{text.name}: {text.told}", *text.extras]
    if columns:
        shared = "" if text.dense else ", shared by all places"
        biases = count(columns, "bias", "biases")
        lines.append(f"{inputs:,} × {columns:,} = {count(inputs * columns, 'weight')}{shared}, and {biases}")
    else:
        lines.append("no weights: nothing here is learned")
    if text.responds:
        lines.append(f"saturated on {percent_text(float(numbers.saturation.mean()))} of neurons and samples")
    dead = int(numbers.dead.sum()) if text.responds else 0
    if dead:
        lines.append(f"{count(dead, 'dead neuron')}")
    return "\n".join(lines)


def as_plain(text: str) -> str:
    """``text`` for a tooltip that must not take it for HTML, whatever a file calls its columns."""
    return f'<p style="white-space: pre">{html.escape(text)}</p>' if text else ""


def signed(value: float) -> str:
    """A number with a true minus sign."""
    return short_text(value).replace("-", "−")


def count(number: int, one: str, many: str = "") -> str:
    """``1 weight``, ``2 weights``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

"""The page: every part of the report gathered for the template, which holds the words around them."""

from __future__ import annotations

import base64
import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

import bplab
from bplab.lab.experiment import experiment_to_json
from bplab.lab.layer_words import has_activation, has_weights, size_text
from bplab.resources import resource

from . import samples, settings, story
from .chart import Chart, shown_layers
from .curves import accuracy_chart, loss_chart
from .gradients import layers_chart, zeros_sentence
from .look import SHADES, chart_style, colours, variables
from .network_picture import is_folded, network_picture
from .plane_picture import MOST_POINTS, plane_picture, value_limit
from .results import confusion, fit
from .saturation import MOST_ROWS, most_neurons, saturation_chart
from .subject import ReportSubject
from .svg import inline
from .words import NOT_MEASURED, counted, duration, local_date, percent, plain, shortened, three, utc_date
from .write import Watch, nobody

PARTS = 7
"""Of a page, between which whoever watches is told."""


@dataclass(frozen=True)
class LayerRow:
    """A layer's final numbers."""

    number: int
    name: str
    units: str
    activation: str
    weight_gradient: str
    delta: str
    saturation: str
    dead: str
    update_ratio: str


def render(subject: ReportSubject, now: datetime, watch: Watch = nobody) -> str:
    """The whole page as HTML; ``watch`` is told the share that is done, between its parts."""
    watch(0.0)
    template, context = _environment().get_template("page.html"), dict[str, Any]()
    with chart_style():
        for done, part in enumerate(_parts(subject, now), start=1):
            context |= part
            watch(min(1.0, done / PARTS))
        return template.render(context)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("report"), encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        counted=counted, short=lambda text: shortened(text, 24), thousands=lambda count: f"{count:,}"
    )
    return environment


def _parts(subject: ReportSubject, now: datetime) -> Iterator[dict[str, Any]]:
    """What the template needs, in :data:`PARTS` parts, those that take their time each by itself."""
    problem, layers = subject.problem, len(subject.units)
    text = experiment_to_json(subject.experiment)
    yield {
        "name": plain(subject.experiment.name) or "Untitled",
        "colours": colours(layers),
        "date": {"iso": utc_date(now), "local": local_date(now)},
        "style": _style(),
        "warning": story.warning(subject),
        "summary": story.summary_sentences(subject),
        "figures": story.figures(subject),
        "folded": is_folded(subject),
        "has_maps": any(len(place.outputs) == 3 for place in subject.network.places),
        "has_skips": any(getattr(layer, "skip", None) is not None for layer in subject.network.layers),
        "settings": {
            "data": settings.data_settings(subject),
            "training": settings.training_settings(subject),
            "layers": settings.layer_settings(subject),
        },
        "saturation_rows": MOST_ROWS if most_neurons(subject) > MOST_ROWS else 0,
        "layers": _layer_rows(subject),
        "drawn_layers": len(shown_layers(layers)) if len(shown_layers(layers)) < layers else 0,
        "probe_samples": subject.probe_samples,
        "changes": story.changes_by_hand(subject),
        "facts": _facts(subject, text),
        "json": text,
        "json_link": "data:application/json;base64," + base64.b64encode(text.encode("utf-8")).decode("ascii"),
        "command": _command(subject),
        "shades": SHADES,
    }
    yield {"network": network_picture(subject)}
    yield {"data": _data(subject)}
    yield {"curves": _curves(subject)}
    yield {"gradients": _gradients(subject)}
    yield {"saturation": _svg(saturation_chart(subject), "saturation", layers)}
    yield {
        "confusion": confusion(subject) if problem.code else None,
        "fit": None if problem.code else _fit(subject),
    }


def _style() -> Markup:
    """The style sheet is ours, so it goes into the page as it stands."""
    return Markup(resource("report", "style.css").read_text(encoding="utf-8"))


def _svg(chart: Chart, key: str, layers: int) -> Markup:
    return inline(chart, key, variables(layers))


def _data(subject: ReportSubject) -> dict[str, Any]:
    problem, split, layers = subject.problem, subject.problem.split, len(subject.units)
    image = problem.code is not None and split.image is not None
    table = not problem.shape.plane and not image
    points = [part for part in (split.train_points, split.test_points) if part is not None]
    return {
        "title": subject.experiment.data.title(),
        "what": subject.experiment.data.summary(),
        "train": len(problem.train_inputs),
        "test": len(problem.test_inputs),
        "inputs": subject.network.inputs,
        "classes": samples.class_rows(subject),
        "plane": _svg(plane_picture(subject), "plane", layers) if problem.shape.plane else None,
        "points_left_out": any(len(part) > MOST_POINTS for part in points),
        "most_points": MOST_POINTS,
        "limit": None if problem.code else three(value_limit(subject)),
        "gallery": samples.gallery(subject) if image else None,
        "columns": samples.column_rows(subject) if table else None,
        "columns_left_out": max(0, subject.network.inputs - samples.MOST_COLUMNS) if table else 0,
    }


def _curves(subject: ReportSubject) -> dict[str, Any]:
    layers = len(subject.units)
    return {
        "loss": _svg(loss_chart(subject), "loss", layers),
        "accuracy": _svg(accuracy_chart(subject), "accuracy", layers) if subject.problem.code else None,
        "loss_name": subject.experiment.training.loss.title(),
        "loss_what": subject.experiment.training.loss.summary(),
        "tested": len(subject.problem.test_inputs) > 0,
    }


def _gradients(subject: ReportSubject) -> dict[str, Any]:
    layers = len(subject.units)
    return {
        "delta": _svg(layers_chart(subject, "delta_rms", "δ = ∂C/∂z"), "delta", layers),
        "delta_zeros": zeros_sentence(subject, "delta_rms"),
        "weights": _svg(layers_chart(subject, "weight_gradient_rms", "∂C/∂W"), "weights", layers),
        "weights_zeros": zeros_sentence(subject, "weight_gradient_rms"),
    }


def _layer_rows(subject: ReportSubject) -> list[LayerRow]:
    return [_layer_row(subject, number) for number in range(len(subject.units))]


def _layer_row(subject: ReportSubject, number: int) -> LayerRow:
    place, reading = subject.network.places[number], subject.summary.reading
    learns, responds = has_weights(place.layer), has_activation(place.layer)
    updated = learns and subject.summary.updates
    return LayerRow(
        number=number + 1,
        name=subject.layer_names[number],
        units=size_text(place),
        activation=place.layer.in_brief(),
        weight_gradient=three(float(reading.weight_gradient_rms[number])) if learns else NOT_MEASURED,
        delta=three(float(reading.delta_rms[number])),
        saturation=percent(float(np.mean(subject.saturation_now(number)))) if responds else NOT_MEASURED,
        dead=f"{int(reading.dead[number]):,}" if responds else NOT_MEASURED,
        update_ratio=three(float(subject.summary.update_ratio[number])) if updated else NOT_MEASURED,
    )


def _fit(subject: ReportSubject) -> dict[str, Any]:
    found = fit(subject)
    return {
        "part": found.part,
        "sentence": found.sentence,
        "chart": _svg(found.chart, "fit", len(subject.units)),
    }


def _facts(subject: ReportSubject, text: str) -> list[tuple[str, str]]:
    seeds = [("seed of weights and order", f"{subject.experiment.training.seed}")]
    if (seed := getattr(subject.experiment.data, "seed", None)) is not None:
        seeds.append(("seed of the data", f"{seed}"))
    return [
        *seeds,
        ("updates", f"{subject.summary.updates:,}"),
        ("time spent training", duration(subject.seconds)),
        ("BLAS threads", f"{subject.blas_threads}"),
        ("bplab", bplab.__version__),
        ("NumPy", np.__version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("system", f"{platform.system()} on {platform.machine()}"),
        ("SHA-256 of the experiment", hashlib.sha256(text.encode("utf-8")).hexdigest()),
    ]


def _command(subject: ReportSubject) -> str:
    stopped = subject.summary.updates != subject.planned_updates and subject.divergence is None
    steps = f" --steps {subject.summary.updates}" if stopped and subject.summary.updates else ""
    return f"bplab train experiment.json{steps}"

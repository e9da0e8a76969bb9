"""Learning curves: loss and accuracy over the updates."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from .chart import HALF, Chart, log_axis, mark_events, name_values, new_chart, say_nothing_to_draw, updates_axis
from .look import TEST, TRAIN
from .subject import ReportSubject
from .thinning import envelope, thinned
from .words import percent, three

HEIGHT = 290.0
DECADES = 2.0
"""A loss that falls by more than this many powers of ten gets a log axis."""

Floats = NDArray[np.float64]


def loss_chart(subject: ReportSubject) -> Chart:
    """Training loss with the range of the batches around it, and test loss."""
    rows = subject.rows
    chart, axes = new_chart(HALF, HEIGHT)
    train, test = rows["loss"], rows["test_loss"]
    seen = np.concatenate([train, test])
    seen = seen[np.isfinite(seen)]
    log = wants_log(seen)
    if len(seen):
        _band(axes, subject)
        _line(axes, rows["step"], train, "training", TRAIN)
        _line(axes, rows["step"], test, "test", TEST, dashed=True)
        _value_axis(axes, seen, log)
        _legend(axes)
    else:
        say_nothing_to_draw(axes, "no loss was finite")
    _finish(axes, subject, "loss, log axis" if log else "loss")
    chart.alt = f"Curve of the loss over {rows['step'][-1]:,} updates: {_told('training loss', train, three)}"
    if np.isfinite(test).any():
        chart.alt += f", {_told('test loss', test, three)}"
    return chart


def accuracy_chart(subject: ReportSubject) -> Chart:
    """Share of samples in the right class, on the probe batch and on the test samples."""
    rows = subject.rows
    chart, axes = new_chart(HALF, HEIGHT)
    train, test = rows["train_accuracy"], rows["test_accuracy"]
    _line(axes, rows["step"], train, "training", TRAIN)
    _line(axes, rows["step"], test, "test", TEST, dashed=True)
    seen = np.concatenate([train, test])
    lowest = float(np.nanmin(seen))
    axes.set_ylim(max(0.0, np.floor(lowest * 10 - 0.2) / 10), 1.01)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %"))
    _legend(axes)
    _finish(axes, subject, "samples in the right class")
    chart.alt = f"Curve of the accuracy over {rows['step'][-1]:,} updates: {_told('training', train, percent)}"
    if np.isfinite(test).any():
        chart.alt += f", {_told('test', test, percent)}"
    return chart


def wants_log(values: Floats) -> bool:
    """True for values that are all above 0 and span more than two decades, or are too large for a plain axis."""
    if not len(values) or values.min() <= 0:
        return False
    return bool(np.log10(values.max()) - np.log10(values.min()) > DECADES or values.max() >= 1e6)


def _value_axis(axes: Axes, seen: Floats, log: bool) -> None:
    if log:
        log_axis(axes, float(seen.min()), float(seen.max()))
        return
    low, high = min(0.0, float(seen.min())), float(seen.max())
    axes.set_ylim(low * 1.05, high * 1.08 or 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))


def _band(axes: Axes, subject: ReportSubject) -> None:
    rows = subject.rows
    known = np.isfinite(rows["loss_min"]) & np.isfinite(rows["loss_max"])
    if np.count_nonzero(known) < 2:
        return
    x, low, high = envelope(rows["step"][known], rows["loss_min"][known], rows["loss_max"][known])
    tiny = np.finfo(np.float64).tiny
    axes.fill_between(
        x, np.maximum(low, tiny), np.maximum(high, tiny), color=TRAIN, alpha=0.16, linewidth=0, label="range of batches"
    )


def _line(axes: Axes, x: NDArray[np.int64], y: Floats, label: str, colour: str, *, dashed: bool = False) -> None:
    known = np.where(np.isfinite(y), y, np.nan)
    if np.isnan(known).all():
        return
    shown_x, shown_y = thinned(x, known)
    style = (0, (4, 2)) if dashed else "-"
    lonely = np.count_nonzero(np.isfinite(known)) == 1
    (line,) = axes.plot(shown_x, shown_y, label=label, color=colour, linestyle=style, clip_on=not lonely)
    line.set_marker("o" if lonely else "")


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)


def _finish(axes: Axes, subject: ReportSubject, name: str) -> None:
    updates_axis(axes, subject.summary.updates)
    mark_events(axes, [event.updates for event in subject.events])
    name_values(axes, name)


def _told(what: str, values: Floats, text: object) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return f"{what} was not finite"
    write = percent if text is percent else three
    return f"{what} {write(float(known[0]))} at first, {write(float(known[-1]))} at the end"

"""How long it takes from a key or a click until the edit that it makes is on the screen, while a network trains.

A person presses keys without regard for what the window is doing. So each one has a moment of its own, drawn by
chance; if the window is busy then, the key waits, and its time runs. The time ends when the part that shows the edit
has painted it, and all else that was asked to paint with it has.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from bplab.gui.main_window import MainWindow

from .window_stage import Stage, spin

SETTLE_MS, SPREAD_MS = 150.0, 100.0
"""Between two edits: so long, and up to so much longer."""
WARM_UP_MS = 1_000
PATIENCE_MS = 5_000
KEYS = Qt.Key


@dataclass(frozen=True, eq=False)
class Edit:
    """One key or click; ``shows`` paints what it changes, and ``text`` is what is seen there."""

    name: str
    act: Callable[[], None]
    shows: QWidget
    text: Callable[[], str]


@dataclass(frozen=True)
class Latencies:
    """Of all edits, in ms, and the medians of each kind."""

    count: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    by_kind: dict[str, float]


def measure_edits(stage: Stage, rounds: int) -> Latencies:
    """Edits of all kinds while the network trains; ``RuntimeError`` if one is never seen, or training ends."""
    chance = random.Random(0)
    stage.session.play()
    spin(WARM_UP_MS)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for edit in edits_of(stage.window):
            taken = latency(edit, SETTLE_MS + SPREAD_MS * chance.random())
            found.setdefault(edit.name, []).append(taken)
            if not stage.session.is_training:
                raise RuntimeError(f"training did not last: {edit.name}")
    stage.session.pause()
    assert stage.session.run is not None
    stage.session.run.wait_idle()
    everything = [taken for times in found.values() for taken in times]
    middle, late, longest = (float(value) for value in np.percentile(everything, (50, 95, 100)))
    by_kind = {name: statistics.median(times) for name, times in found.items()}
    return Latencies(len(everything), middle, late, longest, by_kind)


def edits_of(window: MainWindow) -> Iterator[Edit]:
    """Pairs of edits, the second of which takes the first one back; each is made ready when it is asked for."""
    canvas, bar, page = window.canvas, window.bar, window.inspector.page
    drawing = canvas.view, canvas.view.accessibleDescription
    rate, field = bar.rate, bar.rate.field
    for key in (KEYS.Key_Up, KEYS.Key_Down):
        field.setFocus()
        yield Edit("learning rate", _key(rate, key), field, field.text)
    (batch,) = bar.batch.controls()
    line = _part(batch, "qt_spinbox_lineedit")
    for key in (KEYS.Key_Up, KEYS.Key_Down):
        batch.setFocus()
        yield Edit("batch size", _key(batch, key), line, lambda: str(batch.property("text")))
    canvas.select_layer(0)
    box = page.response.editor("activation").controls()[0]
    box.setFocus()
    yield Edit("activation", _key(box, KEYS.Key_Down), *drawing)
    yield Edit("undo", _undo(canvas.view), *drawing)
    for verb, name in (("add_neuron", "add a neuron"), ("remove_neuron", "remove a neuron")):
        button = _part(canvas.view, verb)
        yield Edit(name, _click(button, button.rect().center()), *drawing)
    add = window.inspector.add
    yield Edit("add a layer", _click(add, QPoint(add.height() // 3, add.height() // 2)), *drawing)
    yield Edit("undo", _undo(canvas.view), *drawing)


def latency(edit: Edit, wait_ms: float) -> float:
    """Milliseconds from the moment of an edit, ``wait_ms`` from now, until it is seen."""
    loop, watcher = QEventLoop(), Watcher(edit)
    due = perf_counter() + wait_ms / 1000.0
    begun = due

    def act() -> None:
        nonlocal begun
        begun = min(due, perf_counter())  # timers may come a little early
        watcher.begin(loop.quit)
        edit.act()

    QTimer.singleShot(round(wait_ms), act)
    QTimer.singleShot(round(wait_ms) + PATIENCE_MS, loop, loop.quit)
    loop.exec()
    watcher.end()
    if watcher.seen_at is None:
        raise RuntimeError(f"an edit was never painted: {edit.name}")
    return 1000.0 * (watcher.seen_at - begun)


class Watcher(QObject):
    """Notes when what an edit changes has been painted."""

    def __init__(self, edit: Edit) -> None:
        super().__init__()
        self._edit, self._before = edit, edit.text()
        self._tell: Callable[[], object] = lambda: None
        self._painting = False
        self.seen_at: float | None = None

    def begin(self, tell: Callable[[], object]) -> None:
        """The edit is about to be made; ``tell`` is called when it has been seen."""
        self._before, self._tell = self._edit.text(), tell
        self._edit.shows.installEventFilter(self)

    def end(self) -> None:
        """No more."""
        self._edit.shows.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A part is about to paint: if there is another text to be seen, the next turn of the loop finds it painted."""
        if event.type() == QEvent.Type.Paint and not self._painting and self._edit.text() != self._before:
            self._painting = True
            QTimer.singleShot(0, self._on_painted)
        return False

    def _on_painted(self) -> None:
        self.seen_at = perf_counter()
        self._tell()


def _part(widget: QWidget, name: str) -> QWidget:
    found = widget.findChild(QWidget, name)
    assert isinstance(found, QWidget)
    return found


def _key(widget: QWidget, key: Qt.Key) -> Callable[[], None]:
    return lambda: QTest.keyClick(widget, key)


def _undo(view: QWidget) -> Callable[[], None]:
    def act() -> None:
        view.setFocus()
        QTest.keyClick(view, KEYS.Key_Z, Qt.KeyboardModifier.ControlModifier)

    return act


def _click(widget: QWidget, place: QPoint) -> Callable[[], None]:
    return lambda: QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

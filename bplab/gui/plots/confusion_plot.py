"""Which class is taken for which: counts of true against predicted classes on samples the network has not learned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget

from bplab.engine.probes import Evaluation
from bplab.gui.numbers import percent_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.live import LiveView

from .axis import NumberAxis
from .export import Column
from .matrix_item import Matrix
from .moment_plot import MomentPlot
from .readout import Entry
from .scales import Ticks
from .view import Pane

MOST_IN_TRAINING, MOST_AT_REST = 1_000, 10_000
"""Samples that are looked at. They stand in random order, so the first ones are a fair choice."""
LONGEST_NAME = 12
"""Letters of a class name on an axis."""


class ConfusionPlot(MomentPlot):
    """True classes downwards, predicted ones across; a cell's colour is its share of the true class."""

    title = "Confusion"
    empty_text = "A network that predicts a number confuses no classes"
    least_gap = 0.4

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self.classes: list[str] = []
        self._of_test = True
        self._evaluation: tuple[LiveView, int, Evaluation, Any] | None = None
        self._pointed: tuple[int, int] | None = None
        self.pane = Pane(invert_y=True)
        self.left = NumberAxis("left", self._row_ticks, grid=False)
        self.bottom = NumberAxis("bottom", self._column_ticks, grid=False)
        self.bottom.set_title("predicted")
        self.matrix = Matrix()
        self.pane.addItem(self.matrix, ignoreBounds=True)
        for axis in (self.left, self.bottom):
            axis.linkToView(self.pane)
        layout = self.view.ci
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.log_action = self.menu.add_log("Logarithmic colours", False, self.set_log)
        self.view.hovered.connect(self._on_hovered)
        self.view.left.connect(self._on_left)
        self.start()

    def set_log(self, log: bool) -> None:
        """Let colours go with the logarithm of the counts, so that rare mistakes are seen."""
        self.log_action.setChecked(log)
        self.redraw()

    def describe(self, experiment: Experiment) -> str:
        """On which samples."""
        samples = f"{int(self.counts.sum()):,} {'test' if self._of_test else 'training'} samples"
        return f"{samples} · true class down, predicted class across" if self.drawn else "true against predicted"

    def restyle(self) -> None:
        """Fonts and colours."""
        small = self.small_font()
        for axis in (self.left, self.bottom):
            axis.set_look(self.theme.colours, small)
        self._make_room()
        self.matrix.set_look(small, self.colour("quiet"), self.colour("accent"))

    def measure(self, live: LiveView) -> bool:
        """Predict the test samples, or the training samples where none are kept for testing."""
        problem = live.problem
        if problem.code is None:
            return False
        self._of_test = len(problem.test_inputs) > 0
        evaluation, targets = self._evaluation_of(live)
        outputs, _ = evaluation.run()
        self.counts = problem.confusion(np.nan_to_num(outputs), targets)
        names = list(problem.shape.class_names)
        if names != self.classes:
            self.classes = names
            self._make_room()
        return True

    def draw(self) -> None:
        """Colours by share of the true class, with counts and shares written in."""
        size = len(self.counts)
        self.pane.set_ranges((0.0, float(size)), (0.0, float(size)))
        shares = self.shares()
        strength = np.log1p(self.counts) / math.log1p(max(1, int(self.counts.max()))) if self.log else shares
        colours = self.theme.sequential()[np.rint(255 * strength).astype(np.intp)]
        texts = [
            [(f"{count:,}", percent_text(share)) if count else ("", "") for count, share in zip(*row, strict=True)]
            for row in zip(self.counts.tolist(), shares.tolist(), strict=True)
        ]
        self.matrix.set_cells(colours, texts)
        for axis, rule in ((self.left, self._row_ticks), (self.bottom, self._column_ticks)):
            axis.set_rule(rule)

    @property
    def log(self) -> bool:
        """True where colours go with the logarithm of the counts."""
        return self.log_action.isChecked()

    def shares(self) -> NDArray[np.float64]:
        """Of each true class, ``(classes, classes)``; 0 for a class without samples."""
        return np.asarray(self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True)))

    def entries(self) -> list[Entry]:
        """How many are right and what is confused most; under the mouse that cell in words."""
        if self._pointed is not None and max(self._pointed) < len(self.counts):
            return self._cell_entries(*self._pointed)
        right, total = int(np.trace(self.counts)), int(self.counts.sum())
        wrong = self.counts - np.diag(np.diag(self.counts))
        found = [Entry("right", f"{right:,} of {total:,}, {percent_text(right / max(1, total))}")]
        if wrong.any():
            true, taken = (int(index) for index in np.unravel_index(int(wrong.argmax()), wrong.shape))
            times = int(wrong[true, taken])
            found.append(Entry("most often", f"{self.classes[true]} taken for {self.classes[taken]}, {times:,}×"))
        return found

    def table(self) -> list[Column]:
        """A row per true class, a column per predicted one."""
        if not self.drawn:
            return []
        columns = [(f"predicted {name}", self.counts[:, index]) for index, name in enumerate(self.classes)]
        return [("true class", np.array(self.classes)), *columns]

    def _cell_entries(self, true: int, taken: int) -> list[Entry]:
        count, whole = int(self.counts[true, taken]), int(self.counts[true].sum())
        share = percent_text(count / whole) if whole else "–"
        return [
            Entry("true", self.classes[true]),
            Entry("predicted", self.classes[taken]),
            Entry("", f"{count:,} of {whole:,}, {share}"),
        ]

    def _evaluation_of(self, live: LiveView) -> tuple[Evaluation, Any]:
        """Buffers for as many samples as are looked at now, made once for a network."""
        problem = live.problem
        inputs, targets = (
            (problem.test_inputs, problem.test_targets)
            if self._of_test
            else (problem.train_inputs, problem.train_targets)
        )
        most = min(len(inputs), MOST_IN_TRAINING if self.session.is_training else MOST_AT_REST)
        kept = self._evaluation
        if kept is None or kept[0] is not live or kept[1] != most:
            kept = live, most, Evaluation(live.network, inputs[:most], targets[:most]), targets[:most]
            self._evaluation = kept
        return kept[2], kept[3]

    def _make_room(self) -> None:
        """The left axis is as wide as the longest class name."""
        metrics = QFontMetricsF(self.small_font())
        self.left.setWidth(round(max(map(metrics.horizontalAdvance, map(shortened, self.classes)), default=12.0) + 12))

    def _row_ticks(self, low: float, high: float, pixels: float) -> Ticks:
        return self._ticks(QFontMetricsF(self.small_font()).height(), pixels)

    def _column_ticks(self, low: float, high: float, pixels: float) -> Ticks:
        metrics = QFontMetricsF(self.small_font())
        widest = max(map(metrics.horizontalAdvance, map(shortened, self.classes)), default=0.0) + 4.0
        return self._ticks(widest, pixels)

    def _ticks(self, apart: float, pixels: float) -> Ticks:
        """Class names in the middle of their cells, as many as there is room for."""
        size = len(self.classes)
        every = max(1, math.ceil(apart * size / max(1.0, pixels)))
        return [(index + 0.5, shortened(self.classes[index])) for index in range(0, size, every)]

    def _on_hovered(self, point: QPointF) -> None:
        there = self.pane.mapSceneToView(point)
        row, column = math.floor(there.y()), math.floor(there.x())
        inside = self.drawn and min(row, column) >= 0 and max(row, column) < len(self.counts)
        self._point((row, column) if inside else None)

    def _on_left(self) -> None:
        self._point(None)

    def _point(self, cell: tuple[int, int] | None) -> None:
        self._pointed = cell
        self.matrix.point_at(cell)
        self.say()


def shortened(name: str) -> str:
    """A class name that fits on an axis."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"

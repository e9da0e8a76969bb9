"""The status line: how far the run on view is, how well it does, and whether it is still what is being edited."""

from __future__ import annotations

import math
from time import monotonic

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from bplab.lab.run import RunState

from ..numbers import duration_text, percent_text, short_text
from ..session import Session
from ..theme import GRID, Theme, tabular
from .bar_parts import TimeLeft
from .pace import Pace

EVERY = 0.2
"""Seconds between two texts while a run trains: faster nobody reads."""
ESTIMATE_EVERY = 0.5
"""Seconds between two estimates of the time left."""
_WORDS = {RunState.FINISHED: "finished", RunState.DIVERGED: "diverged", RunState.FAILED: "failed"}


class _Dot(QWidget):
    """A dot in the accent colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(QSize(GRID, GRID))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.colours.accent))
        painter.drawEllipse(QRectF(self.rect()))


class StatusLine(QWidget):
    """One line of text, and a dot when the experiment was edited since its run."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._said_at = self._estimated_at = -math.inf
        self._pace = Pace()
        self.left = TimeLeft()
        self.text = QLabel()
        self.text.setFont(tabular(self.text.font()))
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.edited = QWidget()
        marked = QHBoxLayout(self.edited)
        marked.setContentsMargins(0, 0, 0, 0)
        marked.setSpacing(GRID)
        note = QLabel("edited since this run")
        note.setToolTip("The run goes on as it was begun; Play starts a new one with the edits")
        marked.addWidget(_Dot(theme))
        marked.addWidget(note)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID - 2, 0, GRID, 0)  # 2 are the status bar's own
        row.setSpacing(2 * GRID)
        row.addWidget(self.text)
        row.addWidget(self.edited)
        row.addWidget(self.left, 1)
        session.run_changed.connect(self._on_changed)
        session.experiment_changed.connect(self._on_changed)
        session.draft_changed.connect(self._on_changed)
        session.ticked.connect(self._on_ticked)
        self._on_changed()

    def _on_changed(self) -> None:
        if not self._session.is_training:
            self._pace.clear()
        self.edited.setVisible(self._session.edited_since_run and self._session.draft is None)
        self._said_at = -math.inf
        self._on_ticked()

    def _on_ticked(self) -> None:
        now = monotonic()
        if not self._session.is_training or now - self._said_at >= EVERY:
            self._said_at = now
            self._say_left(now)
            text = self._sentence()
            if text != self.text.text():
                self.text.setText(text)
                self.text.setToolTip(self._reason())

    def _say_left(self, now: float) -> None:
        """How much of the way to its end a run has made, and how long the rest will take."""
        run = self._session.run
        if run is None or not self._session.is_training:
            self.left.say("")
            return
        self._pace.note(now, run.updates)
        if now - self._estimated_at >= ESTIMATE_EVERY:
            self._estimated_at = now
            seconds = self._pace.seconds_to(run.goal)
            done = percent_text(int(100 * run.updates / run.goal) / 100) if run.goal else ""
            self.left.say(" · ".join(filter(None, (done, f"{duration_text(seconds)} left" if seconds else ""))))

    def _reason(self) -> str:
        """Why the run has ended, where that is not clear."""
        run = self._session.run
        stop = run.runner.stopped_early if run is not None else None
        return f"Early stopping ended this run: {stop.sentence}" if stop is not None else ""

    def _sentence(self) -> str:
        run, record = self._session.run, self._session.record
        if run is None or record is None or not run.updates:
            return "Not trained yet: press Space to play"
        parts = [f"trained {run.updates:,} update{'s' * (run.updates != 1)}"]
        tested = math.isfinite(record.last("test_loss"))
        parts.append(f"test loss {short_text(record.last('test_loss'))}" if tested
                     else f"training loss {short_text(record.last('loss'))}")  # fmt: skip
        accuracy = record.last("test_accuracy" if tested else "train_accuracy")
        if math.isfinite(accuracy):
            parts.append(f"{'test' if tested else 'training'} accuracy {percent_text(accuracy)}")
        if run.runner.stopped_early:
            parts.append("stopped early")
        elif run.state in _WORDS:
            parts.append(_WORDS[run.state])
        return " · ".join(parts)

"""A line on a terminal that follows a piece of work."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from .report.words import duration, three
from .runner import Runner


class ShareBar:
    """One line on a terminal that shows how much is done, and is gone at the end."""

    WIDTH = 28

    def __init__(self, name: str, stream: TextIO) -> None:
        self._name, self._stream = name, stream
        self._begun, self._shown = time.monotonic(), ""
        encoding = (stream.encoding or "ascii").lower().replace("-", "")
        self._full, self._empty = ("█", "░") if encoding == "utf8" else ("#", ".")

    def __call__(self, share: float, *notes: str) -> None:
        """Draw a share from 0 to 1."""
        spent = time.monotonic() - self._begun
        filled = round(self.WIDTH * share)
        bar = self._full * filled + self._empty * (self.WIDTH - filled)
        parts = [f"{self._name}  {bar} {100 * share:3.0f} %", *notes]
        if 0 < share < 1 and spent > 1:
            parts.append(f"{duration(spent / share - spent)} left")
        self._draw("  ".join(parts).replace("\N{NO-BREAK SPACE}", " "))

    def clear(self) -> None:
        """Leave the line as it was found."""
        self._draw("")
        self._stream.write("\r")
        self._stream.flush()

    def _draw(self, text: str) -> None:
        text = text[: max(10, shutil.get_terminal_size().columns - 1)]
        self._stream.write("\r" + text.ljust(len(self._shown)))
        self._stream.flush()
        self._shown = text


class ProgressBar:
    """A :class:`ShareBar` that follows a training."""

    def __init__(self, name: str, updates: int | None, stream: TextIO) -> None:
        self._bar, self._updates = ShareBar(name, stream), updates
        self.clear = self._bar.clear

    def __call__(self, runner: Runner) -> None:
        """Draw how far ``runner`` has come."""
        share = min(1.0, runner.updates / (self._updates or runner.planned_updates))
        self._bar(share, f"loss {three(runner.record.last('loss'))}")

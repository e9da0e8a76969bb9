"""A line on a terminal that follows a training."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from .report.words import duration, three
from .runner import Runner


class ProgressBar:
    """One line on a terminal that follows a training and is gone at its end."""

    WIDTH = 28

    def __init__(self, name: str, updates: int | None, stream: TextIO) -> None:
        self._name, self._updates, self._stream = name, updates, stream
        self._begun, self._shown = time.monotonic(), ""
        encoding = (stream.encoding or "ascii").lower().replace("-", "")
        self._full, self._empty = ("█", "░") if encoding == "utf8" else ("#", ".")

    def __call__(self, runner: Runner) -> None:
        """Draw how far ``runner`` has come."""
        share = min(1.0, runner.updates / (self._updates or runner.planned_updates))
        spent = time.monotonic() - self._begun
        filled = round(self.WIDTH * share)
        bar = self._full * filled + self._empty * (self.WIDTH - filled)
        parts = [f"{self._name}  {bar} {100 * share:3.0f} %", f"loss {three(runner.record.last('loss'))}"]
        if share < 1 and spent > 1:
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

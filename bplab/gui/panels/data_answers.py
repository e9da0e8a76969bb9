"""What the network answers to the samples that are shown, and which of its answers are wrong.

While it trains, a few samples at a time are asked about, so that no frame waits for all of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bplab.lab.live import LiveView
from bplab.lab.problem import Problem

MOST = 1_500
"""So many training samples are shown, and as many test samples; they are shuffled, so the first are a fair share."""
AT_ONCE, PRODUCTS = 64, 8_000_000
"""Samples asked about in one frame of training; where none has been yet, as many as so many products allow."""
UNKNOWN = -1


class Answers:
    """The first samples of a problem and the network's answer to each, in class numbers."""

    def __init__(self, problem: Problem) -> None:
        split = problem.split
        self.problem = problem
        self.inputs = np.concatenate([split.train_inputs[:MOST], split.test_inputs[:MOST]])
        self.targets = np.concatenate([split.train_targets[:MOST], split.test_targets[:MOST]])
        self.tested = np.arange(len(self.inputs)) >= min(MOST, len(split.train_inputs))
        """True for test samples, ``(n,)``."""
        self.given: NDArray[np.int64] = np.full(len(self.inputs), UNKNOWN, np.int64)
        self._asked: tuple[LiveView, int] | None = None
        self._next = 0

    @property
    def known(self) -> bool:
        """True if there is an answer to every sample."""
        return bool(self._asked) and UNKNOWN not in self.given

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Where the answer is another class than the sample's, ``(n,)``; nowhere for numbers to learn."""
        if self.problem.code is None:
            return np.zeros(len(self.inputs), np.bool_)
        return np.asarray((self.given != UNKNOWN) & (self.given != self.targets))

    def ask(self, live: LiveView, trains: bool) -> bool:
        """Ask the network on view; True if answers have changed and all of them are there.

        A network that has learned nothing yet is not asked.
        """
        if self.problem.code is None:
            return False
        if live.updates == 0:
            had, self._asked = self._asked is not None, None
            self.given.fill(UNKNOWN)
            return had
        now = (live, live.updates)
        if self._asked is not None and self._asked == now and not self._next:
            return False
        size = self._at_once(live) if trains else len(self.inputs)
        start = self._next if trains else 0
        part = slice(start, start + size)
        with np.errstate(all="ignore"):  # of a network that diverges the run tells
            self.given[part] = self.problem.code.decode(live.network.predict(self.inputs[part]))
        self._next = part.stop if part.stop < len(self.inputs) else 0
        self._asked = now
        return not self._next

    def _at_once(self, live: LiveView) -> int:
        """Samples in one frame: few where there are answers to be renewed, more until there are."""
        affordable = max(PRODUCTS // live.network.parameters.size, 1)
        return min(affordable, len(self.inputs) if UNKNOWN in self.given else AT_ONCE)

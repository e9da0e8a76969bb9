"""What the panel tells: the explanation of what is looked at, on samples enough to be fair, and to be quick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bplab.engine import InputError
from bplab.gui.focus import Focus
from bplab.gui.session import Session
from bplab.lab.explaining import Explanation, Target, explain, target_spread
from bplab.lab.live import LiveView
from bplab.lab.problem import PROBE_SAMPLES, Problem

FEWEST = 8
MOST_PRODUCTS, MOST_AT_REST = 4e6, 4e7
"""Multiplications of one pass forward while training goes on, and while it rests; back it takes twice as many."""


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation, and on what it stands."""

    live: LiveView
    target: Target
    updates: int
    explanation: Explanation
    sample: int | None
    """The number of the training sample, from 0; None for the batch."""


class Teller:
    """Explains what ``focus`` looks at in the network that ``session`` has on view."""

    def __init__(self, session: Session, focus: Focus) -> None:
        self._session, self._focus = session, focus
        self._spread: tuple[Problem, float] | None = None

    def live(self) -> LiveView | None:
        """The network on view; None where the data cannot be read."""
        try:
            return self._session.live
        except InputError:
            return None

    def tell(self) -> Told | str:
        """The explanation; a sentence where there is none."""
        try:
            live, target = self._session.live, self._focus.shown
        except InputError as error:
            return f"Nothing can be explained: {error}"
        if target is None:
            return "No layer of this network has weights: nothing in it learns."
        place = live.network.places[target.layer]
        if not place.parts:
            return (
                f"{place.layer.title().capitalize()} has no weights, so nothing is learned here: it hands the error on "
                "to the layer before. Look at a layer with weights."
            )
        rows, sample = self._rows(live, self._focus.sample)
        problem = live.problem
        passed = live.network.backprop(problem.train_inputs[rows], problem.train_targets[rows])
        with np.errstate(all="ignore"):
            told = explain(live.network, passed, target, sample, spread=self._spread_of(problem))
        return Told(live, target, live.updates, told, self._focus.sample)

    def _rows(self, live: LiveView, sample: int | None) -> tuple[slice, int | None]:
        """The batch, and where in it the sample is: the probe samples, or as many others around the sample."""
        most = MOST_PRODUCTS if self._session.is_training else MOST_AT_REST
        products = sum(place.products for place in live.network.places)
        count = min(max(int(most / max(products, 1)), FEWEST), PROBE_SAMPLES)
        whole = len(live.problem.train_inputs)
        if sample is None or sample < count:
            return slice(0, count), sample
        start = min(count * (sample // count), max(whole - count, 0))
        return slice(start, start + count), sample - start

    def _spread_of(self, problem: Problem) -> float:
        if self._spread is None or self._spread[0] is not problem:
            self._spread = problem, target_spread(problem.train_targets)
        return self._spread[1]

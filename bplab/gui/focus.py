"""What of the network is looked at: one weight, bias, neuron or layer, one sample or the batch, for all panels.

Who explains something follows ``changed``; who lets people choose calls :meth:`Focus.look_at`. A panel that speaks of
one factor calls :meth:`Focus.light`, and the canvas lights up where in the network it comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.engine.layers import Place
from bplab.gui.session import Session
from bplab.lab.explaining import Target


@dataclass(frozen=True, slots=True)
class Lit:
    """A part of the network that is lit up: units of a layer, or the edges that lead into it."""

    layer: int
    """From 0; −1 stands for the network's inputs."""
    units: tuple[int, ...] | None = None
    """Which of its units (in a layer for images, feature maps); None for all."""
    edges: bool = False
    """True for the edges that lead into these units, False for the units themselves."""
    start: int | None = None
    """The layer where those edges begin, −1 for the inputs; None for the layer before."""
    sources: tuple[int, ...] | None = None
    """Which of its units they begin at; None for all."""


class Focus(QObject):
    """What the panels of one session look at; :meth:`of` gives the session's own."""

    changed = Signal()
    """Something else is looked at; read :attr:`target` and :attr:`sample`."""
    lit_changed = Signal()
    """Another part is lit up, or none; read :attr:`lit`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._target: Target | None = None
        self._sample: int | None = None
        self._lit: tuple[Lit, ...] = ()
        session.experiment_changed.connect(self._on_experiment_changed)

    @classmethod
    def of(cls, session: Session) -> Focus:
        """The one of ``session``, made when it is first asked for."""
        found = session.findChild(cls)
        return found if isinstance(found, cls) else cls(session)

    @property
    def target(self) -> Target | None:
        """Whose gradient is looked at; None where nobody has chosen."""
        return self._target

    @property
    def sample(self) -> int | None:
        """The number of a training sample, from 0, in the order of ``Problem.train_inputs``; None for a batch."""
        return self._sample

    @property
    def lit(self) -> tuple[Lit, ...]:
        """What is lit up on the canvas."""
        return self._lit

    @property
    def shown(self) -> Target | None:
        """What panels show: the target, or else the first layer that has weights; None where there is none."""
        if self._target is not None:
            return self._target
        places = self._places()
        found = next((number for number, place in enumerate(places) if place.parts), None)
        return None if found is None else Target("layer", found)

    def look_at(self, target: Target | None) -> None:
        """Look at something else; what the network does not have is not looked at."""
        self._set(target if target is not None and exists(target, self._places()) else None, self._sample)

    def choose_sample(self, sample: int | None) -> None:
        """Look at one training sample, or at the batch."""
        self._set(self._target, self._possible(sample))

    def light(self, *lit: Lit) -> None:
        """Light up parts of the network, and nothing else; none puts all out."""
        if lit != self._lit:
            self._lit = lit
            self.lit_changed.emit()

    def _set(self, target: Target | None, sample: int | None) -> None:
        if (target, sample) != (self._target, self._sample):
            self._target, self._sample = target, sample
            self.light()
            self.changed.emit()

    def _places(self) -> Sequence[Place]:
        try:
            return self._session.experiment.places()
        except InputError:
            return ()

    def _possible(self, sample: int | None) -> int | None:
        if sample is None:
            return None
        try:
            return sample if 0 <= sample < len(self._session.problem.train_inputs) else None
        except InputError:
            return None

    def _on_experiment_changed(self) -> None:
        """What an edit took away is not looked at any more."""
        target = self._target
        kept = target if target is not None and exists(target, self._places()) else None
        places = len(self._places())
        if any(not -1 <= lit.layer < places for lit in self._lit):
            self.light()
        self._set(kept, self._possible(self._sample))


def exists(target: Target, places: Sequence[Place]) -> bool:
    """Whether a network of layers in these ``places`` has such a target; a layer may be one without weights."""
    if not 0 <= target.layer < len(places):
        return False
    place: Any = places[target.layer]
    if target.unit is None:
        return target.kind == "layer"
    if not (place.parts and 0 <= target.unit < place.channels):
        return False
    if target.kind == "bias":
        return bool(place.layer.bias)
    return target.source is None or 0 <= target.source < place.matrix[0] - 1

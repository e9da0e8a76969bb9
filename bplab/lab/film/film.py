"""The film itself: the phases of the coming step, where it stands, and the film of the step after it."""

from __future__ import annotations

from bplab.engine import InputError
from bplab.engine.calls import Array

from ..problem import Problem
from ..replay import Moment
from .camera import Camera, Key, Take
from .phases import Phase, Script


class Film:
    """The training step that comes after ``moment``, at its first phase.

    ``problem`` is that of the moment's experiment, where it is at hand. A film never changes but for where it stands.
    ``InputError`` while another run trains with another number of BLAS threads, which would give other bits.
    """

    def __init__(self, moment: Moment, problem: Problem | None = None) -> None:
        self._shoot(moment, Camera(moment.experiment, problem))

    def _shoot(self, moment: Moment, camera: Camera) -> None:
        self._camera = camera
        self.start = moment
        """The run before the step."""
        self.take: Take = camera.take(moment)
        """Which samples the batch holds, its loss, and all the numbers."""
        script = Script(moment.experiment, moment, self.take, camera.trainer.steps_per_epoch)
        self.phases: tuple[Phase, ...] = tuple(script.phases())
        self._at = 0

    @property
    def end(self) -> Moment | None:
        """The run after the step, exactly as a plain step leaves it; None if it leaves the finite numbers."""
        return self.take.end

    @property
    def problem(self) -> Problem:
        """The data that the step is made on."""
        return self._camera.problem

    @property
    def divergence(self) -> str:
        """How the step leaves the finite numbers, in a sentence; empty if it does not. There is no update then."""
        return self.take.divergence

    @property
    def at(self) -> int:
        """The number of the phase at which the film stands, from 0."""
        return self._at

    @property
    def phase(self) -> Phase:
        """The phase at which the film stands."""
        return self.phases[self._at]

    def go_to(self, phase: int) -> Phase:
        """Stand at another phase; beyond either end it is the first or the last."""
        self._at = min(max(0, phase), len(self.phases) - 1)
        return self.phase

    def forward(self) -> bool:
        """One phase on; False at the last one."""
        before = self._at
        self.go_to(before + 1)
        return self._at != before

    def back(self) -> bool:
        """One phase back; False at the first one."""
        before = self._at
        self.go_to(before - 1)
        return self._at != before

    def known(self) -> dict[Key, Array]:
        """All that is computed by now, the present phase included."""
        found: dict[Key, Array] = {}
        for phase in self.phases[: self._at + 1]:
            found |= phase.arrays
        return found

    def value(self, name: str, layer: int) -> Array | None:
        """An array by its name and layer (from 0); None if it is not computed yet, or never is."""
        for phase in self.phases[: self._at + 1]:
            if (name, layer) in phase.arrays:
                return phase.arrays[name, layer]
        return None

    def next(self) -> Film:
        """The film of the step after this one; ``InputError`` if this one diverges, or as for any film."""
        if self.end is None:
            raise InputError(self.divergence)
        return self.of(self.end)

    def of(self, moment: Moment) -> Film:
        """The film of the step after another moment of the same run; ``InputError`` as for any film."""
        film = Film.__new__(Film)
        film._shoot(moment, self._camera)
        return film

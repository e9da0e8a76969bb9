"""Step mode: the film of the coming training step, on view while the run rests, one phase after the other.

To enter it the run is paused, or made ready where there is none; of one that diverged the step is shown at which it
did. To leave it changes nothing. At the film's end the
run itself can make the step, and the film of the next one begins. Where the run moves on otherwise, the film follows
or gives way: after a single update it is the next one's, and play, an edit of the network, another document or a look
at an earlier update end it.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from bplab.engine import InputError
from bplab.gui.focus import Focus
from bplab.gui.plots.time_axis import TimeAxis
from bplab.gui.session import Session
from bplab.lab.film import Film, Scene, scene_of
from bplab.lab.replay import present
from bplab.lab.run import Run, RunState

SECONDS = (4.0, 2.0, 1.0, 0.5, 0.25)
"""How long a phase can be shown while the film runs by itself."""


class StepMode(QObject):
    """The film on view, where it stands, and whose numbers are shown; ``changed`` tells of each."""

    changed = Signal()
    switched = Signal()
    """The mode is on now, or off; read :attr:`is_on`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: Run | None = None
        self._waits = False
        self.film: Film | None = None
        """None while the mode is off, or the run does not rest yet."""
        self.sample: int | None = 0
        """Which sample of the batch is looked at, from 0; None for the whole batch."""
        self._focus = Focus.of(session)
        self._focused: int | None = None
        """The training sample that panels look at, as far as it is known here."""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 * SECONDS[2]))
        self._timer.timeout.connect(self._on_time)

    # -- on and off -------------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """True from :meth:`enter` until :meth:`leave`."""
        return self._run is not None

    def toggle(self) -> None:
        """Enter, or leave."""
        if self.is_on:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Show the step that comes next in the run, as soon as it rests; at its first phase."""
        session = self._session
        if self.is_on:
            return
        if session.draft is None:
            TimeAxis.of(session).go_live()
        if session.edited_since_run or session.run is None or session.run.state is not RunState.DIVERGED:
            session.step(0)  # pauses; makes a run ready, and lets it know of changes by hand
        if session.run is None or session.edited_since_run:
            return  # no run can be made; the session has said why
        self._run, self._waits, self.sample = session.run, True, 0
        self._focused = self._focus.sample
        self._focus.changed.connect(self._on_focus_changed)
        session.ticked.connect(self._on_ticked)
        session.run_changed.connect(self._on_ticked)
        session.experiment_changed.connect(self._on_experiment_changed)
        session.closed.connect(self.leave)
        self.switched.emit()
        self._on_ticked()

    def leave(self) -> None:
        """Back to the network as it is; the run goes on from where it was."""
        if not self.is_on:
            return
        session = self._session
        self._focus.changed.disconnect(self._on_focus_changed)
        session.ticked.disconnect(self._on_ticked)
        session.run_changed.disconnect(self._on_ticked)
        session.experiment_changed.disconnect(self._on_experiment_changed)
        session.closed.disconnect(self.leave)
        self._timer.stop()
        self._run = self.film = None
        self._waits = False
        self.switched.emit()
        self.changed.emit()

    # -- along the film ---------------------------------------------------------------------------------

    @property
    def at_end(self) -> bool:
        """True at the last phase."""
        return self.film is not None and self.film.at == len(self.film.phases) - 1

    @property
    def scene(self) -> Scene | None:
        """What is to be seen now."""
        return scene_of(self.film, self.sample) if self.film is not None else None

    def forward(self) -> None:
        """The next phase; from the last one the run makes the step, and the next film begins."""
        if self.film is None:
            return
        if self.at_end:
            self.make_update()
        else:
            self.go_to(self.film.at + 1)

    def back(self) -> None:
        """The phase before."""
        if self.film is not None:
            self.go_to(self.film.at - 1)

    def go_to_start(self) -> None:
        """The first phase."""
        self.go_to(0)

    def go_to_end(self) -> None:
        """The last phase."""
        if self.film is not None:
            self.go_to(len(self.film.phases) - 1)

    def go_to(self, phase: int) -> None:
        """A phase by its number, from 0."""
        film = self.film
        if film is not None and film.at != min(max(0, phase), len(film.phases) - 1):
            film.go_to(phase)
            self.changed.emit()

    def make_update(self) -> None:
        """Let the run make the step, and go on with the next one's film; a step that diverges cannot be made."""
        if self.film is None:
            return
        if self.film.end is None:
            self._session.refused.emit(f"{self.film.divergence}. There is no update to make.")
            return
        self._waits = True
        self._session.step()

    def look_at(self, sample: int | None) -> None:
        """Show the numbers of one sample of the batch, from 0, or None: of all."""
        if self.film is None or sample == self.sample:
            return
        self.sample = None if sample is None else min(max(0, sample), len(self.film.take.samples) - 1)
        number = None if self.sample is None else int(self.film.take.samples[self.sample])
        self._focused = number
        self._focus.choose_sample(number)
        self.changed.emit()

    def _on_focus_changed(self) -> None:
        """A sample of the batch that is chosen elsewhere, by a click on its point say, is looked at here too."""
        before, self._focused = self._focused, self._focus.sample
        if self._focused != before:
            self._follow_focus()

    def _follow_focus(self) -> None:
        if self.film is not None and self._focused is not None:
            (places,) = np.nonzero(self.film.take.samples == self._focused)
            if len(places):
                self.look_at(int(places[0]))

    # -- by itself --------------------------------------------------------------------------------------

    @property
    def plays(self) -> bool:
        """True while one phase follows the other by itself."""
        return self._timer.isActive()

    def play(self, plays: bool) -> None:
        """Let the film run by itself up to its end, from its start if it stands at the end; or stop it."""
        if plays and self.film is not None:
            if self.at_end:
                self.go_to_start()
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def set_seconds(self, seconds: float) -> None:
        """How long each phase is shown then."""
        self._timer.setInterval(round(1000 * seconds))

    def _on_time(self) -> None:
        if not self.at_end and self.film is not None:
            self.go_to(self.film.at + 1)
        if self.at_end:
            self.play(False)

    # -- following the session --------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        session, run, film = self._session, self._run, self.film
        if run is None:
            return
        if session.run is not run or session.past is not None:
            self.leave()
        elif not run.wait_idle(0):
            if film is not None and run.goal > film.start.updates + 1:
                self.leave()  # it is not to be stepped through, but to be played
        elif self._waits or film is None or run.updates != film.start.updates:
            self._shoot(run)

    def _on_experiment_changed(self) -> None:
        """The rate and what else can change while a run is on belong into the film; any other edit ends it."""
        if self._session.edited_since_run or self._session.draft is not None:
            self.leave()
        elif self.film is not None and not self._waits:
            self._waits = True
            self._session.step(0)

    def _shoot(self, run: Run) -> None:
        """Film the coming step; where only its settings have changed, at the phase where the film stood."""
        self._waits = False
        before = self.film
        moment = present(run.runner)
        try:
            self.film = Film(moment, run.runner.problem) if before is None else before.of(moment)
        except InputError as error:
            self._session.refused.emit(str(error))
            self.leave()
            return
        if before is not None and before.start.updates == moment.updates:
            self.film.go_to(before.at)
        elif self.sample is not None:
            self.sample = min(self.sample, len(self.film.take.samples) - 1)
        self.changed.emit()
        if before is None:
            self._follow_focus()

"""Forecasts for the views of a session: asked for when a view wants one, and told of as far as they are known.

The desk works on a thread of its own. Here a timer looks at it, at most 30 times a second and only while an answer is
outstanding. What decides a forecast is the network and its data: other edits, and going back to what was there a
moment ago, ask for nothing. Views that nobody sees want nothing, so then nothing is worked out.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from bplab.lab.experiment import Experiment
from bplab.lab.forecast_desk import Answer, ForecastDesk
from bplab.lab.forecast_words import is_healthy, sentence_of
from bplab.lab.problem import same_problem
from bplab.lab.run import Run
from bplab.lab.step_zero import Measured, measured_at_step_0

from .session import Session

EVERY_MS = 34
"""Between two looks at the desk."""
KEPT = 8
"""Answers that are kept for undo, redo and the run that is on."""


class Forecasts(QObject):
    """What is expected of the network before it is trained; one for all views of a session."""

    changed = Signal()
    """More is known of the session's experiment."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._desk = ForecastDesk()
        self._asked: Experiment | None = None
        self._shown: Answer | None = None
        self._kept: list[Answer] = []
        self._measured: tuple[Run, list[Measured]] | None = None
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._on_time)
        session.closed.connect(self.close)

    @classmethod
    def of(cls, session: Session) -> Forecasts:
        """The one of ``session``, made when it is first asked for."""
        found = session.findChild(cls)
        return found if isinstance(found, cls) else cls(session)

    @property
    def is_waiting(self) -> bool:
        """True while more is to come."""
        return self._timer.isActive()

    def answer_to(self, experiment: Experiment) -> Answer | None:
        """What is known by now; of the session's experiment what is missing is asked for, and comes later."""
        found = next((answer for answer in self._kept if same_forecast(answer.experiment, experiment)), None)
        if (found is None or not found.whole) and experiment is self._session.experiment:
            self._ask(experiment)
        return found

    def sentence_for(self, experiment: Experiment) -> tuple[str, bool]:
        """The forecast in a sentence, and whether it is a good one; empty as long as nothing is known."""
        answer = self.answer_to(experiment)
        if answer is None or answer.outlook is None:
            return "", True
        # Told anew: how fast a layer learns depends on the optimizer too, for which nothing is forecast again.
        facts = answer.outlook.layers, answer.outlook.born_dead
        return sentence_of(experiment, *facts), is_healthy(experiment, *facts)

    def measured(self) -> list[Measured] | None:
        """What the network on view measured at step 0, a layer each; None as long as no update was made."""
        session, run = self._session, self._session.run
        if run is None or not run.updates or not session.run_is_on_view:
            return None
        if self._measured is None or self._measured[0] is not run:
            self._measured = run, measured_at_step_0(run.experiment, session.problem)
        return self._measured[1]

    def close(self) -> None:
        """End the desk's thread."""
        self._closed = True
        self._timer.stop()
        self._desk.close()

    def _ask(self, experiment: Experiment) -> None:
        if self._closed or (self._asked is not None and same_forecast(self._asked, experiment)):
            return
        self._asked = experiment
        self._desk.ask(experiment, self._session.problem)
        self._timer.start()

    def _on_time(self) -> None:
        if self._desk.wait_idle(0):  # asked first: what there is to tell is told before the desk rests
            self._timer.stop()
        answer = self._desk.latest()
        if answer is None or answer is self._shown or answer.experiment is not self._asked:
            return
        self._shown = answer
        older = [one for one in self._kept if not same_forecast(one.experiment, answer.experiment)]
        self._kept = [answer, *older][:KEPT]
        self.changed.emit()


def same_forecast(one: Experiment, other: Experiment) -> bool:
    """True if the forecast of the one is that of the other."""
    return one is other or (one.network == other.network and same_problem(one, other))

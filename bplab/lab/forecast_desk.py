"""Forecasts for a window: asked for at every edit, answered from a thread of their own, the newest question only.

Theory answers at once. Then networks are drawn, and bands come as soon as they can stand, and once more when all
networks are drawn: the last answer is, to the digit, what the shell prints. A new question ends the work on an
older one between two draws. The window asks and looks at :meth:`ForecastDesk.latest`; nobody waits for anybody.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from bplab.engine import InputError
from bplab.engine.forecast import FEWEST_DRAWS

from .blas import blas_if_free
from .experiment import Experiment
from .forecasting import Outlook, forecaster_of, outlook_from
from .problem import Problem


@dataclass(frozen=True, eq=False)
class Answer:
    """What is known of a question by now."""

    experiment: Experiment
    outlook: Outlook | None
    """None where the experiment cannot be run."""
    trouble: str = ""
    """Why not, in a sentence."""
    whole: bool = False
    """Nothing more comes to this question."""


@dataclass(frozen=True, eq=False)
class _Question:
    experiment: Experiment
    problem: Problem | None


class ForecastDesk:
    """Answers the newest question. Every method returns at once; end it with :meth:`close`."""

    def __init__(self) -> None:
        self._questions: deque[_Question] = deque(maxlen=1)
        self._answer: Answer | None = None
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._busy = False

    def ask(self, experiment: Experiment, problem: Problem | None = None) -> None:
        """Forecast this one now, and forget what was asked before.

        ``problem`` is that of ``experiment``, where it has been made already.
        """
        with self._wake:
            if self._closed:
                raise RuntimeError("the desk is closed")
            self._questions.append(_Question(experiment, problem))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="forecast", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def latest(self) -> Answer | None:
        """The newest answer, another object each time there is one; its question may be an older one than the last."""
        return self._answer

    def wait_idle(self, timeout: float | None = None) -> bool:
        """Wait until all that was asked is answered; False if that takes longer. For tests and scripts."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._questions and not self._busy, timeout)

    def close(self) -> None:
        """End the thread; it stops between two draws."""
        with self._wake:
            self._closed = True
            self._questions.clear()
            self._wake.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        try:
            while (question := self._next()) is not None:
                with blas_if_free(1):
                    self._treat(question)
        finally:
            with self._wake:  # also where an error nobody thought of ends the thread: the next question makes another
                self._busy = False
                self._wake.notify_all()

    def _next(self) -> _Question | None:
        with self._wake:
            self._busy = False
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._closed or bool(self._questions))
            if self._closed:
                return None
            self._busy = True
            return self._questions.popleft()

    def _treat(self, question: _Question) -> None:
        experiment = question.experiment
        try:
            forecaster = forecaster_of(experiment, question.problem)
        except InputError as error:
            self._answer = Answer(experiment, None, str(error), whole=True)
            return
        self._answer = Answer(experiment, outlook_from(experiment, forecaster))
        for drawn in range(1, forecaster.draws + 1):
            if self._closed or self._questions:
                return
            forecaster.draw()
            if drawn in (FEWEST_DRAWS, forecaster.draws):
                whole = drawn == forecaster.draws
                self._answer = Answer(experiment, outlook_from(experiment, forecaster), whole=whole)

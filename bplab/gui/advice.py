"""Advice: what the session cannot do, and what went wrong in training, said quietly above the network."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from bplab.lab.by_hand import with_rate
from bplab.lab.run import RunState

from .notices import NoticeBar, Offer
from .numbers import number_text
from .session import Session

DIVERGENCE = "divergence"
REFUSAL = "refusal"
LOWER = 10.0
"""The rate that is offered after a divergence is this many times smaller."""


class Advice(QObject):
    """Turns events of a session into notices."""

    broke = Signal(object)
    """A run ended in an exception that nobody foresaw."""

    def __init__(self, session: Session, notices: NoticeBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._notices = session, notices
        self._advised_at = 0.0
        session.refused.connect(self._on_refused)
        session.run_changed.connect(self._on_run_changed)
        session.experiment_changed.connect(self._on_experiment_changed)

    def _on_refused(self, sentence: str) -> None:
        self._notices.say(REFUSAL, sentence, warns=True, passing=True)

    def _on_run_changed(self) -> None:
        run = self._session.run
        if run is not None and run.state is RunState.DIVERGED and run.record.divergence is not None:
            self._advise(run.record.divergence.sentence)
        else:
            self._notices.clear(DIVERGENCE)
        if run is not None and run.state is RunState.FAILED and run.error is not None:
            self.broke.emit(run.error)

    def _on_experiment_changed(self) -> None:
        # What is said would be about another network than the one on view, or about a rate that is changed by now.
        if self._session.edited_since_run or self._rate() != self._advised_at:
            self._notices.clear(DIVERGENCE)

    def _advise(self, sentence: str) -> None:
        self._advised_at = self._rate()
        rate = float(f"{self._advised_at / LOWER:.6g}")

        def play_slower() -> None:
            self._session.edit(with_rate(self._session.experiment, rate), "Change learning rate")
            self._session.play()

        offer = Offer(f"Play with rate {number_text(rate)}", "Start again with a smaller learning rate", play_slower)
        self._notices.say(
            DIVERGENCE,
            f"Training diverged at {sentence}. The last finite weights are kept; a smaller learning rate often helps",
            *((offer,) if rate > 0 else ()),
            warns=True,
        )

    def _rate(self) -> float:
        return float(self._session.experiment.training.optimizer.learning_rate)

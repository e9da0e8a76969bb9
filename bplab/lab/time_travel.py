"""Time travel: any earlier update of a run, restored exactly, on a thread that disturbs neither run nor window.

Only the newest wish counts. What takes longer than a frame or two comes in steps: first a state that is kept, then
what a replay has reached so far, at last the one that was asked for. Each is the true state of the update that it
names. The replay has a network of its own, and the run's number of BLAS threads; as that number is the whole
process's, a replay waits while another run trains with another one, and what it has computed is dropped if such a
run begins meanwhile. It never changes the number under a run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from bplab.engine import TrainingState

from .blas import blas_if_free
from .course import Leg, begin_of, leg_at
from .problem import same_problem
from .replay import Moment, Replay, moment_of
from .run import Run
from .state_cache import StateCache

FIRST_S, SHOW_S = 0.03, 0.05
"""Something new is shown so long after a wish at the latest, and then as often: to draw it takes as long again."""
RETRY_S = 0.02
"""A replay that waits for another run's BLAS threads looks so often whether they are free."""
MOST_NEIGHBOURS = 32
WAYPOINTS = 8
"""So many states are kept on the way of a replay, for wishes that go back a little."""


class TimeTraveller:
    """Restores the states of one run. :meth:`ask`, then poll :meth:`latest`; end it with :meth:`close`.

    ``error`` holds what an unexpected failure raised; nothing more is restored then.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.error: BaseException | None = None
        self.waits_for_threads = False
        """True while another run's number of BLAS threads keeps the replay from going on."""
        self._latest: Moment | None = None
        self._wish: int | None = None
        self._due = 0.0
        self._cache = StateCache()
        self._replay: tuple[int, Replay] | None = None
        self._is_sound = False
        """True while the state of the replay is one of the run."""
        self._closing = False
        self._changed = threading.Condition()
        self._idle, self._gate_open = threading.Event(), threading.Event()
        self._idle.set()
        self._gate_open.set()
        self._thread = threading.Thread(target=self._work, name=f"time travel {run.experiment.name}", daemon=True)
        self._thread.start()

    def ask(self, updates: int) -> None:
        """Restore the run after ``updates`` updates, or as far as it has come; replaces a wish still unfulfilled."""
        with self._changed:
            if self._idle.is_set():
                self._due = perf_counter() + FIRST_S
            self._wish = max(0, updates)
            self._idle.clear()
            self._changed.notify_all()

    def latest(self) -> Moment | None:
        """The newest moment restored; None before the first. Never waits."""
        return self._latest

    @property
    def busy(self) -> bool:
        """True while the moment asked for last is not restored yet."""
        return not self._idle.is_set()

    def wait_idle(self, timeout: float | None = None) -> bool:
        """Wait until the moment asked for is restored; True if it is."""
        return self._idle.wait(timeout)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The frame gate, as :meth:`Run.held` is for training: no update is repeated while the block runs."""
        self._gate_open.clear()
        try:
            yield
        finally:
            self._gate_open.set()

    def close(self) -> None:
        """End the thread and wait for it."""
        with self._changed:
            self._closing = True
            self._gate_open.set()
            self._changed.notify_all()
        self._thread.join()

    def __enter__(self) -> TimeTraveller:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # -- on the traveller's thread ----------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._is_called)
                    if self._closing:
                        return
                    wish, self._wish = self._wish, None
                assert wish is not None
                self._fulfil(wish)
        except BaseException as error:  # the window must learn of it, whatever it is
            self.error = error
        finally:
            self._idle.set()

    @property
    def _is_called(self) -> bool:
        return self._closing or self._wish is not None

    def _fulfil(self, asked: int) -> None:
        asked = min(asked, self.run.reached)
        number, leg = leg_at(self.run.runner, asked)
        if not self._show_nearest(number, leg, asked):
            self._travel(number, leg, asked)
        with self._changed:
            if self._wish is None:
                self._idle.set()
        if not self._is_called:
            self._meet_neighbours(number, leg, asked)

    def _show_nearest(self, number: int, leg: Leg, asked: int) -> bool:
        """Show what is kept if it is nearer than what is shown; True if it is the moment asked for."""
        state, shown = self._nearest(number, leg, asked), self._latest
        exact = state.updates == asked
        if exact or shown is None or shown.leg != number or asked - state.updates < abs(asked - shown.updates):
            self._show(self._moment(number, leg, state, asked))
        return exact

    def _moment(self, number: int, leg: Leg, state: TrainingState, asked: int) -> Moment:
        return moment_of(number, leg, state, len(self.run.runner.problem.train_inputs), asked)

    def _nearest(self, number: int, leg: Leg, updates: int) -> TrainingState:
        kept, cached = leg.nearest(updates), self._cache.nearest(number, updates)
        return cached if cached is not None and cached.updates > kept.updates else kept

    def _replay_of(self, number: int, leg: Leg) -> Replay:
        if self._replay is None or self._replay[0] != number:
            runner = self.run.runner
            shared = runner.problem if same_problem(leg.experiment, runner.experiment) else None
            self._replay, self._is_sound = (number, Replay(leg.experiment, shared)), False
        return self._replay[1]

    def _travel(self, number: int, leg: Leg, asked: int) -> None:
        """Repeat the updates up to ``asked`` and show what is reached, until somebody wishes something else."""
        while not self._is_called:
            with blas_if_free(leg.blas_threads) as hold:
                self.waits_for_threads = hold is None
                if hold is not None:
                    replay = self._stand_before(number, leg, asked)
                    stops = self._stops(replay, asked)
                    if replay.updates == asked:  # it stands there, though the state is too large to be kept
                        self._arrive(number, leg, replay, asked, stops)
                    while replay.updates < asked and not self._is_called:
                        finite = replay.go_to(min(stop for stop in stops if stop > replay.updates), self._look)
                        if hold.overridden:
                            self._is_sound = False
                            break
                        self._arrive(number, leg, replay, asked, stops)
                        if not finite:
                            return
                    else:
                        return
            with self._changed:
                self._changed.wait_for(lambda: self._is_called, RETRY_S)

    def _stand_before(self, number: int, leg: Leg, updates: int) -> Replay:
        """The replay at the latest state at hand, its own one included, at or before ``updates``."""
        replay, state = self._replay_of(number, leg), self._nearest(number, leg, updates)
        if self._is_sound and state.updates < replay.updates <= updates:
            replay.heed(leg.events)
        else:
            replay.begin(state, leg.events)
            self._is_sound = True
        return replay

    def _stops(self, replay: Replay, asked: int) -> list[int]:
        """Updates whose states are kept on the way: a few waypoints, then all before the one asked for."""
        apart = max(1, (asked - replay.updates) // WAYPOINTS)
        neighbours = range(max(replay.updates + 1, asked - self._neighbours(replay)), asked + 1)
        return [*range(replay.updates + apart, asked, apart), *neighbours]

    def _neighbours(self, replay: Replay) -> int:
        """How many states on either side of the one asked for are kept."""
        room = self._cache.room_for(replay.trainer.state())
        return min(MOST_NEIGHBOURS, max(0, room - WAYPOINTS) // 3)

    def _arrive(self, number: int, leg: Leg, replay: Replay, asked: int, stops: list[int]) -> None:
        """Keep the state reached if it is a stop, and show it if it is the one asked for or something is due."""
        there, due = replay.updates == asked, perf_counter() >= self._due
        if not (there or due or replay.updates in stops):
            return
        state = replay.trainer.state()
        if replay.updates in stops:
            self._cache.put(number, state)
        if there or due:
            self._show(self._moment(number, leg, state, asked))

    def _look(self) -> bool:
        """Whether a replay shall pause after an update: somebody wishes something else, or something is due."""
        if not self._gate_open.is_set():
            self._gate_open.wait()
        return self._is_called or perf_counter() >= self._due

    def _show(self, moment: Moment) -> None:
        self._latest = moment
        self._due = perf_counter() + SHOW_S

    def _meet_neighbours(self, number: int, leg: Leg, asked: int) -> None:
        """Keep the states around the one restored, so that a step forward or back comes at once."""
        replay = self._replay_of(number, leg)
        count = self._neighbours(replay)
        own = len(self.run.runner.origin.legs) if self.run.runner.origin else 0
        last = leg.until - 1 if number < own else self.run.reached
        behind = range(max(begin_of(self.run.runner, number), asked - count), asked)
        ahead = range(asked + 1, min(last, asked + count) + 1)
        for wanted in (behind, ahead):
            missing = [at for at in wanted if not self._cache.has(number, at)]
            if 2 * len(missing) > len(wanted):
                self._keep(number, missing)

    def _keep(self, number: int, wanted: list[int]) -> None:
        """Repeat the updates up to those ``wanted``, in order, and keep their states."""
        _, leg = leg_at(self.run.runner, wanted[0])
        with blas_if_free(leg.blas_threads) as hold:
            if hold is None:
                return
            replay = self._stand_before(number, leg, wanted[0])
            for updates in wanted:
                finite = replay.go_to(updates, self._is_wanted_elsewhere)
                self._is_sound &= not hold.overridden
                if hold.overridden or not finite or replay.updates != updates:
                    return
                self._cache.put(number, replay.trainer.state())

    def _is_wanted_elsewhere(self) -> bool:
        if not self._gate_open.is_set():
            self._gate_open.wait()
        return self._is_called

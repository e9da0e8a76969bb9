"""Groups of networks in training: together in batched arrays or, where they cannot be, one after another.

In either, a network that leaves the finite numbers is marked and the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..calls import quiet_runner
from ..errors import DivergenceError
from ..steps import TrainingState
from ..training import RESCUE_EVERY, Trainer, calm_bound
from .formation import Floats, Formation
from .sweep import Sweep


class Group(Protocol):
    """Networks in training, however they advance."""

    divergences: dict[int, DivergenceError]
    """Which networks left the finite numbers, and how."""

    def step(self) -> Floats:
        """Make one update; the mean losses before it, ``(networks,)``, NaN for those that have diverged."""
        ...

    def set_rates(self, rates: Floats) -> None:
        """Change the learning rates ``(networks,)`` from the next update on."""
        ...

    def check_finite(self) -> None:
        """Find those whose latest update diverged; a loss would show it one update later only."""
        ...

    def states(self) -> list[TrainingState]:
        """Copies of the networks' states; the last finite ones of those that have diverged."""
        ...


class Together:
    """All networks in batched arrays: a :class:`Formation` of those that have not diverged.

    When something of a network is not finite, it goes back to a copy of its state that is a few dozen updates old
    and repeats them in a trainer of its own, which finds step, layer and quantity. The others go on in a formation
    without it.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.divergences: dict[int, DivergenceError] = {}
        self._sweep, self._quietly = sweep, quiet_runner()
        self._kept = [sweep.first_state(number) for number in range(len(sweep.networks))]
        """States from which a divergence would be sought; of those that have diverged, their last finite ones."""
        # The square of the bound within which a trainer alone does not look at its parameters.
        self._calm = calm_bound(sweep.networks[0].dtype) ** 2
        self._form(range(len(sweep.networks)), self._kept)

    def step(self) -> Floats:
        """See :meth:`Group.step`."""
        if self._formation and self._formation.updates >= self._keep_at:
            self.check_finite()
            self._keep()
        if self._formation is None:
            return np.full(len(self._kept), np.nan)
        losses: Floats = self._quietly(self._formation.step)
        if not self._quietly(losses.dot, losses) < self._calm:
            return self._look_at(losses)
        return self._with_gaps(losses) if self.divergences else losses

    def _look_at(self, losses: Floats) -> Floats:
        """Part with those that a loss out of all bounds has left without numbers, as a trainer alone would."""
        losses = self._with_gaps(losses)
        self._part([number for number in self._going if not np.isfinite(losses[number])])
        self.check_finite()
        losses[list(self.divergences)] = np.nan
        return losses

    def set_rates(self, rates: Floats) -> None:
        """See :meth:`Group.set_rates`."""
        self.check_finite()
        if self._formation:
            self._formation.set_rates(rates[self._going])
        self._keep()  # updates made at other rates could not be repeated

    def check_finite(self) -> None:
        """See :meth:`Group.check_finite`."""
        if self._formation and not self._formation.finite():
            states = self.states()
            self._part([number for number in self._going if not _is_finite(states[number])])

    def states(self) -> list[TrainingState]:
        """See :meth:`Group.states`."""
        states = list(self._kept)
        if self._formation:
            for number, state in zip(self._going, self._formation.states(), strict=True):
                states[number] = state
        return states

    def _with_gaps(self, losses: Floats) -> Floats:
        """Losses of those that go on as losses of all."""
        found = np.full(len(self._kept), np.nan)
        found[self._going] = losses
        return found

    def _form(self, going: Sequence[int], states: Sequence[TrainingState]) -> None:
        """Let the networks ``going`` go on from their states."""
        self._going = list(going)
        chosen = [states[number] for number in going]
        self._formation = Formation(self._sweep.only(going), chosen) if going else None
        self._keep_at = min((self._kept[number].updates for number in going), default=0) + RESCUE_EVERY

    def _keep(self) -> None:
        self._kept = self.states()
        if self._formation:
            self._keep_at = self._formation.updates + RESCUE_EVERY

    def _part(self, diverged: Sequence[int]) -> None:
        """Find out what happened to these, and go on without them."""
        states = self.states()
        for number in diverged:
            trainer = self._sweep.trainer(number)
            trainer.restore(self._kept[number])
            self.divergences[number] = _divergence(trainer, states[number].updates)
            self._kept[number] = trainer.state()
        self._form([number for number in self._going if number not in diverged], states)


class OneByOne:
    """Networks whose layers know more than a product and an activation, each in a trainer of its own."""

    def __init__(self, sweep: Sweep) -> None:
        self.divergences: dict[int, DivergenceError] = {}
        self._trainers = [sweep.trainer(number) for number in range(len(sweep.networks))]

    def step(self) -> Floats:
        """See :meth:`Group.step`."""
        losses = np.full(len(self._trainers), np.nan)
        for number, trainer in self._going():
            try:
                losses[number] = trainer.step()
            except DivergenceError as error:
                self.divergences[number] = error
        return losses

    def set_rates(self, rates: Floats) -> None:
        """See :meth:`Group.set_rates`."""
        for number, trainer in self._going():
            trainer.set_learning_rate(float(rates[number]))

    def check_finite(self) -> None:
        """See :meth:`Group.check_finite`."""
        for number, trainer in self._going():
            try:
                trainer.check_finite()
            except DivergenceError as error:
                self.divergences[number] = error

    def states(self) -> list[TrainingState]:
        """See :meth:`Group.states`."""
        return [trainer.state() for trainer in self._trainers]

    def _going(self) -> list[tuple[int, Trainer]]:
        return [one for one in enumerate(self._trainers) if one[0] not in self.divergences]


def _is_finite(state: TrainingState) -> bool:
    return bool(np.isfinite(state.parameters).all() and np.isfinite(state.slots).all())


def _divergence(trainer: Trainer, updates: int) -> DivergenceError:
    """What a network alone meets on its way to so many updates; it is left in its last finite state."""
    try:
        while trainer.updates < updates:
            trainer.step()
        trainer.check_finite()
    except DivergenceError as error:
        return error
    return DivergenceError(updates, 0, "loss")  # at the very edge of the numbers, where a rounding decides

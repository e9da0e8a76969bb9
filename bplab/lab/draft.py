"""A fork that is being prepared: from where it goes on is chosen, with which settings is still being edited."""

from __future__ import annotations

from dataclasses import dataclass

from bplab.engine import InputError
from bplab.engine.initializers import OwnValues

from .carry_over import carried_over, check_fits
from .editing import layer_name
from .experiment import Experiment
from .fork import fork
from .live import LiveView
from .problem import Problem
from .replay import Moment
from .run import Run, Snapshot


@dataclass(frozen=True, eq=False)
class Draft:
    """A fork of ``run`` at ``moment``; it begins with :meth:`begin`."""

    run: Run
    moment: Moment
    run_id: int | None = None
    """The run's id in the project, where it has been kept."""

    def check(self, experiment: Experiment) -> None:
        """``InputError`` with one sentence if the fork cannot be one of ``experiment``."""
        check_fits(self.moment.experiment, experiment)
        places = zip(self.moment.experiment.network.layers, experiment.network.layers, strict=True)
        for number, (before, after) in enumerate(places):
            for old, new in _initializers(before, after):
                if isinstance(new, OwnValues) and new != old:
                    name = layer_name(experiment, number)
                    raise InputError(f"A fork goes on with the weights of its run: those of {name} cannot be set.")

    def view(self, experiment: Experiment, problem: Problem) -> LiveView:
        """The network that a fork of ``experiment`` begins with; ``InputError`` if there cannot be one."""
        self.check(experiment)
        moment = self.moment
        state = carried_over(moment.state, moment.experiment, experiment, problem)
        found = LiveView(experiment, problem)
        found.show(Snapshot(state.updates, moment.epoch, state.parameters))
        return found

    def begin(self, experiment: Experiment) -> Run:
        """The fork, paused; its run is at rest then. ``InputError`` with one sentence if there cannot be one."""
        self.check(experiment)
        self.run.pause()
        self.run.wait_idle()
        return fork(self.run.runner, self.moment, experiment, self.run_id)


def _initializers(before: object, after: object) -> list[tuple[object, object]]:
    """What both layers start from, weights and biases."""
    return [(getattr(before, name, None), getattr(after, name, None)) for name in ("weights", "biases")]

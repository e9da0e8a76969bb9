"""A network to look into: a copy that shows what a run's network is at one moment.

The run's own network belongs to its thread. Views give this copy a snapshot's parameters and measure on it
what they draw, on the same probe batch as the record.
"""

from __future__ import annotations

import numpy as np

from bplab.engine.activations import saturation_mask
from bplab.engine.calls import Array
from bplab.engine.network import Network
from bplab.engine.probes import Probe, Reading

from .experiment import Experiment
from .problem import Problem, make_problem
from .run import Snapshot


class LiveView:
    """The network of ``experiment`` at the latest snapshot shown, at first with its initial weights."""

    def __init__(self, experiment: Experiment, problem: Problem | None = None) -> None:
        self.experiment = experiment
        self.problem = problem or make_problem(experiment)
        self.network: Network = experiment.build_network(self.problem.train_inputs)
        self._probe = Probe(self.network, self.problem.probe_inputs, self.problem.probe_targets)
        self.updates, self.epoch = 0, 0.0
        self._reading: Reading | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Take over the snapshot's parameters; what was measured holds as long as they are the same."""
        if snapshot.updates == self.updates and np.array_equal(snapshot.parameters, self.network.parameters):
            return
        self.network.parameters[...] = snapshot.parameters
        self.updates, self.epoch = snapshot.updates, snapshot.epoch
        self._reading = None

    @property
    def probe_samples(self) -> int:
        """Samples in the probe batch."""
        return self._probe.samples

    @property
    def reading(self) -> Reading:
        """Gradients and saturation on the probe batch, measured when first asked for after :meth:`show`."""
        if self._reading is None:
            self._reading = self._probe.read()
        return self._reading

    def saturation(self, layer: int) -> Array:
        """Share of probe samples on which each neuron of layer ``layer`` (from 0) is saturated, ``(units,)``."""
        units = self.network.units
        start = sum(units[:layer])
        return np.asarray(self.reading.saturated[start : start + units[layer]] / self._probe.samples)

    def dead(self, layer: int) -> Array:
        """True for each neuron of a layer (from 0) whose f' is exactly 0 on every probe sample, ``(units,)``."""
        _ = self.reading
        return np.logical_not(self._probe.layers[layer].slope.any(axis=1))

    def activations(self, layer: int) -> Array:
        """Outputs ``(units, samples)`` of a layer (from 0) on the probe batch; a view, valid until the next reading."""
        _ = self.reading
        return self._probe.layers[layer].outputs

    def activated(self, layer: int) -> Array:
        """a = f(z) ``(units, samples)`` of a layer (from 0), before what may stand behind f; a view, as above."""
        _ = self.reading
        return self._probe.layers[layer].activated

    def arguments(self, layer: int) -> Array:
        """What f takes, ``(units, samples)``, in a layer (from 0); a view, as above."""
        _ = self.reading
        return self._probe.layers[layer].argument

    def saturated_mask(self, layer: int) -> Array:
        """True ``(units, samples)`` where |f'| of a layer (from 0) is below 5 % of its maximum."""
        _ = self.reading
        found = self._probe.layers[layer]
        return saturation_mask(found.activation, found.slope)

    def deltas(self, layer: int) -> Array:
        """δ = ∂C/∂z ``(units, samples)`` of a layer (from 0) on the probe batch; a view, as above."""
        _ = self.reading
        return self._probe.layers[layer].delta

    def weight_gradients(self, layer: int) -> Array:
        """∂C/∂W ``(inputs, units)`` of a layer (from 0) on the probe batch; a view, as above."""
        _ = self.reading
        return self._probe.layers[layer].weight_gradient_values

    def surface(self, points: Array) -> Array:
        """Outputs ``(n, outputs)`` at points ``(n, 2)`` of the plane; only for data in the plane."""
        return self.network.predict(self.experiment.data.transform(points))

"""The networks that the window is measured with: a small one, one for images, and two that fill the canvas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bplab.data import Digits, Npz, Spiral
from bplab.engine import SGD, CrossEntropy, Dense, HalfSquaredError, HeNormal, ReLU, Softmax, Tanh
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan

ENDLESS = 1_000_000
"""Epochs, so that no machine comes to the end of a run."""
SIDE = 28
"""Pixels along the edge of an image."""


def shape_of(experiment: Experiment) -> str:
    """``2-8-8-8-1``; of many layers alike ``2-10×64-1``."""
    units = experiment.units
    inputs = experiment.data.describe().inputs
    alike = len(units) > 5 and len(set(units[:-1])) == 1
    middle = [f"{len(units) - 1}×{units[0]}"] if alike else [str(count) for count in units[:-1]]
    return "-".join([str(inputs), *middle, str(units[-1])])


def spiral(*hidden: int) -> Experiment:
    """Points of the plane through layers of tanh, batch 32."""
    layers = tuple(Dense(units, Tanh()) for units in (*hidden, 1))
    plan = TrainingPlan(HalfSquaredError(), SGD(0.03), batch_size=32, epochs=ENDLESS)
    return Experiment(Spiral(), NetworkDesign(layers), plan, name="Window benchmark")


def images(folder: Path, *hidden: int) -> Experiment:
    """Digits of 784 pixels, in a file in ``folder``, through layers of ReLU to ten classes, batch 128."""
    path = folder / "digits.npz"
    if not path.exists():
        samples = Digits().load()
        np.savez(path, images=enlarged(samples.inputs), labels=samples.targets)
    layers = (*(Dense(units, ReLU(), HeNormal()) for units in hidden), Dense(10, Softmax()))
    plan = TrainingPlan(CrossEntropy(), SGD(0.01), batch_size=128, epochs=ENDLESS)
    return Experiment(Npz(str(path)), NetworkDesign(layers), plan, name="Window benchmark with images")


def enlarged(pixels: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Square images ``(n, side²)`` as ``(n, SIDE, SIDE)`` bytes, with straight slopes between the pixels."""
    side = round(pixels.shape[1] ** 0.5)
    places = (np.arange(SIDE) + 0.5) * side / SIDE - 0.5
    spread = np.array([np.interp(places, np.arange(side), one) for one in np.eye(side)]).T
    large = spread @ pixels.reshape(-1, side, side) @ spread.T
    return np.asarray(np.rint(255.0 * large / large.max()), np.uint8)

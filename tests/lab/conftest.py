"""Small experiments that most tests of the lab train, each in a few milliseconds."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bplab.data import Circle, Iris, Plane
from bplab.engine import SGD, CrossEntropy, Dense, Identity, Momentum, Softmax, Tanh
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan


@pytest.fixture
def circle() -> Experiment:
    """Two classes in the plane, 7 updates an epoch with a smaller last batch, 700 in all."""
    return Experiment(
        data=Circle(samples=130),
        network=NetworkDesign((Dense(4, Tanh()), Dense(1, Tanh()))),
        training=TrainingPlan(optimizer=SGD(learning_rate=0.03), batch_size=10, epochs=100),
        name="Circle",
    )


@pytest.fixture
def iris() -> Experiment:
    """Three classes, an optimizer with memory, 525 updates."""
    return Experiment(
        data=Iris(),
        network=NetworkDesign((Dense(5, Tanh()), Dense(3, Softmax()))),
        training=TrainingPlan(CrossEntropy(), Momentum(learning_rate=0.02), batch_size=7, epochs=35),
        name="Iris",
    )


@pytest.fixture
def plane() -> Experiment:
    """Regression."""
    return Experiment(
        data=Plane(samples=60), network=NetworkDesign((Dense(3, Tanh()), Dense(1, Identity()))), name="Plane"
    )


@pytest.fixture
def runaway(circle: Experiment) -> Experiment:
    """Leaves the finite numbers after some updates."""
    layers = (Dense(4, Identity()), Dense(1, Identity()))
    plan = msgspec.structs.replace(circle.training, optimizer=SGD(learning_rate=10.0))
    return msgspec.structs.replace(circle, network=NetworkDesign(layers), training=plan, name="Runaway")


@pytest.fixture
def small_records(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets every record be full after a few rows."""

    def limit(rows: int) -> None:
        monkeypatch.setattr("bplab.lab.record.MAX_ROWS", rows)
        monkeypatch.setattr("bplab.lab.record.MIN_ROWS", rows)

    return limit


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 512 kB on it; only where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or mount is None or unmount is None:
        pytest.skip("a small disk can be made on Linux only")
    command = [mount, "-t", "tmpfs", "-o", "size=512k", "bplab-test", folder]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this process may not mount a disk")
    yield folder
    subprocess.run([unmount, folder], check=True)

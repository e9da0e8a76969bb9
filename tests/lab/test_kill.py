"""kill -9 at any moment: the project opens again, and nothing that was acknowledged is lost."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bplab.data import Circle
from bplab.engine import Adam, Dense, Tanh
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan, experiment_to_json
from bplab.lab.project import Project
from bplab.lab.runner import Runner, train_to_end

KILLS = 10

EXPERIMENT = Experiment(
    data=Circle(samples=60),
    network=NetworkDesign((Dense(4, Tanh()), Dense(1, Tanh()))),
    training=TrainingPlan(optimizer=Adam(), epochs=100_000_000),
    name="0",
)

WORKER = """
import sys
from pathlib import Path
import msgspec
from bplab.lab.autosave import Autosaver
from bplab.lab.experiment import experiment_from_json
from bplab.lab.project import Project
from bplab.lab.run import Run

path = Path(sys.argv[1])
project = Project.open(path)
experiment, count = experiment_from_json(sys.argv[2]), int(project.working.name)
autosaver = Autosaver(project, run_seconds=0.0)
runs = project.runs()
if runs:
    saved = project.load_run(runs[0].id)
    run = Run(saved.experiment, record=saved.record, checkpoint=saved.checkpoint, updates=saved.updates)
    autosaver.adopt(run, runs[0].id)
else:
    run = Run(experiment)
run.step()
run.wait_idle()
while True:
    count += 1
    run.step(100)
    reached = run.updates
    autosaver.note_edit(msgspec.structs.replace(experiment, name=str(count)))
    autosaver.note_run(run)
    autosaver.flush()
    print("kept", count, reached, flush=True)
    if count % 3 == 0:
        project.save()
        print("saved", count, reached, flush=True)
    if count % 5 == 0:
        project.save_as(path.with_name("copy.bplab")).close()
        print("copied", count, reached, flush=True)
"""


def acknowledged_until_killed(path: Path, chance: random.Random) -> dict[str, tuple[int, int]]:
    """Let a process work on the project, kill it at a random moment; what it said last about each kind of step."""
    command = [sys.executable, "-c", WORKER, path, experiment_to_json(EXPERIMENT)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    assert worker.stdout is not None
    with worker, worker.stdout as said:
        lines = [said.readline() for _ in range(chance.randint(1, 16))]
        moment = time.perf_counter() + chance.uniform(0.0, 0.01)
        while time.perf_counter() < moment:
            pass
        worker.kill()
        lines += said.readlines()
    if sys.platform != "win32":
        assert worker.returncode == -signal.SIGKILL
    last = {}
    for line in lines:
        what, count, updates = line.split()
        last[what] = int(count), int(updates)
    return last


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path, copy = tmp_path / "work.bplab", tmp_path / "copy.bplab"
    Project.create(path, EXPERIMENT).close()
    chance = random.Random(0)
    for _ in range(KILLS):
        last = acknowledged_until_killed(path, chance)
        edits, updates = last["kept"]
        with Project.open(path) as project:
            assert int(project.working.name) >= edits
            assert int(project.saved.name) >= last.get("saved", (0, 0))[0]
            assert len(project.runs()) == 1
            saved = project.load_run(1)
            assert saved.updates >= updates
        if "copied" in last:
            with Project.open(copy) as project:
                assert int(project.working.name) >= last["copied"][0]
                assert project.load_run(1).updates >= last["copied"][1]
    again = Runner(saved.experiment, saved.record, saved.checkpoint)
    assert again.replay_to(saved.updates)
    assert again.updates > 0
    assert np.array_equal(again.network.parameters, train_to_end(EXPERIMENT, again.updates).network.parameters)

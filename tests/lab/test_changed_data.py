"""A run and the file that its data came from: gone or changed, the run says so and everything else stays."""

from pathlib import Path

import msgspec
import pytest

from bplab.data import Csv
from bplab.engine import InputError
from bplab.lab.experiment import Experiment
from bplab.lab.project import Project
from bplab.lab.runner import Runner, train_to_end


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work.bplab"


def test_a_run_whose_csv_file_is_gone_names_the_file(path: Path, circle: Experiment, tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text("a,b,c\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in range(40)), encoding="utf-8")
    experiment = msgspec.structs.replace(circle, data=Csv(path=str(table), task="classification"))
    with Project.create(path, experiment) as project:
        run_id = project.add_run(experiment)
        project.update_run(run_id, train_to_end(experiment, 20).save_point(), "paused")
        table.unlink()
        with pytest.raises(InputError, match=r"^run 1: .*points\.csv"):
            project.load_run(run_id)


def test_a_run_whose_data_has_changed_can_be_looked_at_but_not_taken_up(
    path: Path, circle: Experiment, tmp_path: Path
) -> None:
    table = tmp_path / "points.csv"

    def fill(rows: int) -> None:
        lines = "".join(f"{n},{n % 7},{n % 2}\n" for n in range(rows))
        table.write_text("a,b,c\n" + lines, encoding="utf-8")

    fill(40)
    experiment = msgspec.structs.replace(circle, data=Csv(path=str(table), task="classification"))
    with Project.create(path, experiment) as project:
        run_id = project.add_run(experiment)
        project.update_run(run_id, train_to_end(experiment, 20).save_point(), "paused")
        kept = project.load_run(run_id)
        assert Runner(experiment, kept.record, kept.checkpoint).replay_to(20)
        fill(41)
        changed = project.load_run(run_id)
        assert (len(changed.record), project.working) == (len(kept.record), experiment)
        with pytest.raises(InputError, match=r"^the data is no longer what this run was trained on$"):
            Runner(experiment, changed.record, changed.checkpoint)
        changed.record.data = ""  # as in files from before the digest
        Runner(experiment, changed.record, changed.checkpoint)

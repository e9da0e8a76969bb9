"""The session without a window: what an edit does to the run and to the network on view."""

from pathlib import Path

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from bplab.data import Csv
from bplab.gui.session import Session
from bplab.lab.experiment import Experiment, fitted_to_data


def table_in(folder: Path) -> Path:
    file = folder / "table.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    return file


def learnt_from(experiment: Experiment, table: Path) -> Experiment:
    return fitted_to_data(replace(experiment, data=Csv(path=str(table))))


# -- data that is gone --------------------------------------------------------------------------------------


def test_undo_onto_data_that_is_gone_is_refused_by_name_and_changes_nothing(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    first, table = session.experiment, table_in(tmp_path)
    session.edit(learnt_from(first, table), "Open table.csv")
    session.edit(first, "Change data to Circle")
    table.unlink()
    with qtbot.waitSignal(session.refused) as told, qtbot.assertNotEmitted(session.experiment_changed):
        session.undo()
    assert "table.csv" in told.args[0]
    assert session.experiment == first
    assert session.history.undo_label == "Change data to Circle"
    assert session.problem.shape == first.data.describe()


def test_redo_onto_data_that_is_gone_is_refused_and_can_be_done_when_it_is_back(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    first, table = session.experiment, table_in(tmp_path)
    session.edit(learnt_from(first, table), "Open table.csv")
    session.undo()
    table.unlink()
    with qtbot.waitSignal(session.refused):
        session.redo()
    assert session.experiment == first
    table_in(tmp_path)
    session.redo()
    assert isinstance(session.experiment.data, Csv)


# -- the network on view ------------------------------------------------------------------------------------


def test_an_edit_that_leaves_the_network_alone_keeps_what_is_on_view(session: Session) -> None:
    live = session.live
    session.edit_training("Change batch size", batch_size=7)
    assert session.live is live
    assert live.experiment == session.experiment
    session.edit_training("New seed", seed=77)
    assert session.live is not live


def test_what_is_on_view_after_the_end_of_a_run_are_the_first_weights(session: Session, qtbot: QtBot) -> None:
    first = session.live.network.parameters.copy()
    session.step(3)
    qtbot.waitUntil(lambda: session.live.updates == 3)
    session.open(session.experiment)
    assert session.live.updates == 0
    assert (session.live.network.parameters == first).all()

"""The training settings below the main ones: sections that open, each edit one step, and the rate as it moves."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from bplab.engine import ConstantRate, CosineDecay, EarlyStopping, StepDecay
from bplab.gui.editors import NumberEditor
from bplab.gui.forms import ChoiceEditor, Form
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.section import Section
from bplab.gui.panels.training_page import TrainingPage
from bplab.lab.problem import MAX_TEST_SAMPLES
from bplab.lab.run import RunState

from .acts import train

KEY = Qt.Key


@pytest.fixture
def page(window: MainWindow) -> TrainingPage:
    for section in window.inspector.training.sections.values():
        section.open()
    return window.inspector.training


def choose_schedule(page: TrainingPage, title: str) -> None:
    editor = page.schedule.editor("schedule")
    assert isinstance(editor, ChoiceEditor)
    box: QComboBox = editor.box
    index = box.findText(title)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def typed(form: Form, name: str, text: str) -> None:
    editor = form.editor(name)
    assert isinstance(editor, NumberEditor)
    editor.field.setText(text)
    editor.field.editingFinished.emit()


def test_a_section_opens_and_closes_by_mouse_and_by_key(window: MainWindow, qtbot: QtBot) -> None:
    section = window.inspector.training.sections["schedule"]
    assert not section.body.isVisible()
    qtbot.mouseClick(section.head, Qt.MouseButton.LeftButton)
    assert section.body.isVisible()
    assert section.is_open
    section.head.setFocus()
    qtbot.keyClick(section.head, KEY.Key_Space)
    assert not section.body.isVisible()


def test_the_head_of_a_section_says_in_brief_what_is_set_and_says_it_to_screen_readers(qtbot: QtBot) -> None:
    section = Section("Schedule", "tip", QWidget())
    qtbot.addWidget(section)
    section.say("cosine")
    assert section.brief.text() == section.brief.toolTip() == "cosine"
    assert section.head.accessibleName() == "Schedule: cosine"


def test_choosing_a_schedule_is_one_step_that_can_be_undone(window: MainWindow, page: TrainingPage) -> None:
    session = window.session
    assert page.sections["schedule"].brief.text() == "constant"
    choose_schedule(page, "cosine")
    assert session.experiment.training.schedule == CosineDecay()
    assert window.edits.undo.text() == "Undo Change schedule"
    session.undo()
    assert session.experiment.training.schedule == ConstantRate()
    assert page.sections["schedule"].brief.text() == "constant"


def test_a_parameter_of_a_schedule_is_edited_below_it(window: MainWindow, page: TrainingPage) -> None:
    choose_schedule(page, "step")
    editor = page.schedule.editor("schedule")
    names = [control.accessibleName() for control in editor.controls()]
    assert names == ["Schedule", "Schedule every", "Schedule factor", "Schedule warm-up"]
    warm_up = editor.controls()[-1]
    warm_up.setText("2")  # type: ignore[attr-defined]
    warm_up.editingFinished.emit()  # type: ignore[attr-defined]
    assert window.session.experiment.training.schedule == StepDecay(warm_up=2.0)
    assert page.sections["schedule"].brief.text() == "step, warm-up 2"
    assert window.edits.undo.text() == "Undo Change schedule warm-up"


def test_penalties_and_clipping_are_each_a_step_of_their_own(window: MainWindow, page: TrainingPage) -> None:
    session = window.session
    typed(page.rules, "l2", "0.01")
    typed(page.rules, "clip_norm", "1")
    assert (session.experiment.training.l2, session.experiment.training.clip_norm) == (0.01, 1.0)
    assert page.sections["rules"].brief.text() == "L2 0.01, Clip norm 1"
    session.undo()
    assert (session.experiment.training.l2, session.experiment.training.clip_norm) == (0.01, 0.0)
    session.undo()
    assert page.sections["rules"].brief.text() == "none"


def test_early_stopping_is_set_and_undone(window: MainWindow, page: TrainingPage, qtbot: QtBot) -> None:
    session = window.session
    patience = page.stopping.editor("patience").controls()[0]
    assert patience.accessibleName() == "Early stopping patience"
    qtbot.keyClick(patience, KEY.Key_Up)
    assert session.experiment.training.early_stopping == EarlyStopping(1)
    assert page.sections["stopping"].brief.text() == "after 1 epoch"
    qtbot.keyClick(patience, KEY.Key_Up)
    assert page.sections["stopping"].brief.text() == "after 2 epochs"
    session.undo()  # steps of one spin are one
    assert session.experiment.training.early_stopping == EarlyStopping()
    assert page.sections["stopping"].brief.text() == "none"


@pytest.mark.parametrize("section", ["schedule", "stopping"])
def test_what_waits_for_the_loss_says_of_which_samples(page: TrainingPage, section: str) -> None:
    tip = page.sections[section].head.toolTip()
    assert f"the test loss, of up to {MAX_TEST_SAMPLES:,} samples" in tip
    assert "without test samples the training loss" in tip


def test_the_rate_shown_is_that_of_the_next_update(window: MainWindow, page: TrainingPage, qtbot: QtBot) -> None:
    session = window.session
    plan = replace(session.experiment.training, schedule=StepDecay(every=1, factor=0.5))
    session.edit(replace(session.experiment, training=plan), "Change schedule")
    assert page.facts.text("Learning rate now") == "0.03"
    train(window, qtbot, 25)
    assert page.facts.text("Learning rate now") == "0.015"
    session.edit_training("Change schedule", schedule=ConstantRate(warm_up=1.0))
    assert page.facts.text("Learning rate now") == "0.00115"  # 0.03/26: it will begin so


def test_a_run_that_ends_early_says_so_in_the_status_line_and_why_in_its_tip(
    window: MainWindow, page: TrainingPage, qtbot: QtBot
) -> None:
    session = window.session
    session.edit_training("Stop early", early_stopping=EarlyStopping(1, min_delta=10.0))
    session.play()
    run = session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.state is RunState.FINISHED and not session.is_training)
    qtbot.waitUntil(lambda: "stopped early" in window.status.text.text())
    assert run.updates == 50
    assert window.status.text.toolTip().startswith("Early stopping ended this run: the test loss has not improved on ")

"""Forms made from the fields of any Struct: every member of every family gets one, and says what was changed."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget
from pytestqt.qtbot import QtBot

from bplab.data import Circle, Csv, Dataset, Drawn
from bplab.engine import ELU, Dense, LeakyReLU, Momentum, Normal, OwnValues, Tanh, Uniform
from bplab.engine.activations import Activation
from bplab.engine.choices import Choice, type_name
from bplab.engine.initializers import Initializer
from bplab.engine.losses import Loss
from bplab.engine.optimizers import Optimizer
from bplab.engine.schedules import Schedule
from bplab.gui.editors import (
    CheckEditor,
    Editor,
    IntegerEditor,
    NumberEditor,
    PickEditor,
    SliderEditor,
    TableEditor,
    TextEditor,
)
from bplab.gui.forms import ChoiceEditor, Form, label_of
from bplab.gui.numbers import Limits
from bplab.gui.panels.data_editors import FeaturesEditor
from bplab.lab.experiment import TrainingPlan

Show = Callable[[QWidget], QWidget]
FAMILIES: tuple[type[Choice], ...] = (Activation, Initializer, Loss, Optimizer, Schedule, Dataset)
MEMBERS = [member for family in FAMILIES for member in family.members().values()]


NOT_IN_FORMS = {Csv: ("inputs",), Drawn: ("points", "classes")}
"""Fields that are edited in view of the table, or by drawing, and have tests of their own there."""


def in_a_form(kind: type[Any]) -> list[str]:
    return [name for name in kind.__struct_fields__ if name not in NOT_IN_FORMS.get(kind, ())]


def made(value: Any, **options: Any) -> Form:
    return Form(value, only=in_a_form(type(value)), editors={"features": FeaturesEditor}, **options)


def another(editor: Editor, value: Any) -> Any:
    """Operate an editor's control so that the value becomes another; returns the value to expect."""
    match editor:
        case IntegerEditor():
            step = 1 if editor.box.value() < editor.box.maximum() else -1
            editor.box.stepBy(step)
            return value + step
        case SliderEditor():
            editor.slider.setValue(editor.slider.value() + (5 if editor.slider.value() < 50 else -5))
            return editor.field.number
        case NumberEditor():
            field = editor.field
            number = next(n for n in (value * 0.5, value + 0.25) if n != value and not field.limits.refusal(n))
            field.setText(repr(number))
            field.editingFinished.emit()
            return number
        case CheckEditor():
            editor.box.click()
            return not value
        case PickEditor():
            index = (editor.box.currentIndex() + 1) % editor.box.count()
            editor.box.setCurrentIndex(index)
            editor.box.activated.emit(index)
            return editor._values[index]
        case TableEditor():
            editor.field.setText("1, −2; 0.5 4")
            editor.field.editingFinished.emit()
            return ((1.0, -2.0), (0.5, 4.0))
        case TextEditor():
            editor.field.setText("other")
            editor.field.editingFinished.emit()
            return "other"
        case FeaturesEditor():
            editor.boxes["xy"].click()
            return (*value, "xy")
    raise AssertionError(f"no way to operate {editor}")


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: type_name(member))
@pytest.mark.parametrize("sliders", [False, True])
def test_every_field_of_every_member_of_every_family_can_be_edited_in_a_form(
    member: type[Any], sliders: bool, shown: Show, qtbot: QtBot
) -> None:
    value = member()
    form = made(value, sliders=sliders)
    shown(form)
    assert form.value == value
    for name in in_a_form(member):
        before = form.value
        with qtbot.waitSignal(form.changed) as told:
            expected = another(form.editor(name), getattr(before, name))
        assert told.args[0] == form.value == replace(before, **{name: expected})
        assert label_of(name).lower() in told.args[1].lower()


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: type_name(member))
def test_showing_another_value_of_the_class_tells_no_one(member: type[Any], qtbot: QtBot) -> None:
    form = made(member())
    qtbot.addWidget(form)
    with qtbot.assertNotEmitted(form.changed):
        form.show_value(member())


def test_a_check_box_carries_its_own_label(qtbot: QtBot) -> None:
    form = Form(TrainingPlan(), only=["shuffle"])
    qtbot.addWidget(form)
    box = form.editor("shuffle").findChild(QCheckBox)
    assert box is not None
    assert box.text() == "Shuffle"


def test_choosing_another_member_shows_its_own_fields_and_remembers_those_of_the_one_before(
    shown: Show, qtbot: QtBot
) -> None:
    form = Form(Dense(4, LeakyReLU(slope=0.2)), only=["activation"])
    shown(form)
    editor = form.editor("activation")
    assert isinstance(editor, ChoiceEditor)
    texts = [editor.box.itemText(index) for index in range(editor.box.count())]

    def choose(title: str) -> None:
        index = texts.index(title)
        editor.box.setCurrentIndex(index)
        editor.box.activated.emit(index)

    choose("ELU")
    assert form.value.activation == ELU()
    assert [control.accessibleName() for control in editor.controls()] == ["Activation", "Activation α"]
    choose("tanh")
    assert form.value.activation == Tanh()
    assert len(editor.controls()) == 1
    choose("leaky ReLU")
    assert form.value.activation == LeakyReLU(slope=0.2)


def test_a_parameter_of_a_chosen_member_is_named_with_what_it_belongs_to(shown: Show, qtbot: QtBot) -> None:
    form = Form(Dense(4, Tanh(), weights=Normal()), only=["weights"])
    shown(form)
    mean, deviation = form.editor("weights").controls()[1:]
    assert (mean.accessibleName(), deviation.accessibleName()) == ("Weights mean", "Weights deviation")
    with qtbot.waitSignal(form.changed) as told:
        qtbot.keyClick(deviation, Qt.Key.Key_Up)
    value, label, key = told.args
    assert value.weights == Normal(std=1.1)
    assert (label, key) == ("Change weights deviation", "weights.std")


def test_values_that_do_not_go_together_are_refused_in_a_sentence_and_taken_back(shown: Show, qtbot: QtBot) -> None:
    form = Form(Uniform(low=-1.0, high=1.0))
    shown(form)
    editor = form.editor("low")
    assert isinstance(editor, NumberEditor)
    with qtbot.waitSignal(form.refused) as told, qtbot.assertNotEmitted(form.changed):
        editor.field.setText("2")
        editor.field.editingFinished.emit()
    assert told.args == ["Low: the lower bound 2 is above the upper bound 1"]
    assert editor.field.text() == "-1"


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("", ()),
        ("  ;  ", ()),
        ("3", ((3.0,),)),
        ("1 2,3;4,5 , 6;", ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))),
        ("−1e-3; .5", ((-0.001,), (0.5,))),
    ],
)
def test_a_table_is_typed_row_by_row(typed: str, values: tuple[tuple[float, ...], ...], qtbot: QtBot) -> None:
    form = Form(OwnValues(((9.0, 9.0),)))
    qtbot.addWidget(form)
    editor = form.editor("values")
    assert isinstance(editor, TableEditor)
    assert editor.field.text() == "9, 9"
    editor.field.setText(typed)
    editor.field.editingFinished.emit()
    assert form.value == OwnValues(values)
    again = TableEditor(Limits())
    qtbot.addWidget(again)
    again.show_value(values)
    assert editor.field.text() == again.field.text()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1, two", "Values: two is no number"),
        ("1, 2e7", "Values: 2e7 cannot be taken: it must be at most 1000000"),
        ("nan", "Values: nan cannot be taken: it must be a finite number"),
    ],
)
def test_what_is_no_number_of_a_table_is_refused_and_taken_back(typed: str, sentence: str, qtbot: QtBot) -> None:
    form = Form(OwnValues(((9.0,),)))
    qtbot.addWidget(form)
    editor = form.editor("values")
    assert isinstance(editor, TableEditor)
    with qtbot.waitSignal(form.refused) as told, qtbot.assertNotEmitted(form.changed):
        editor.field.setText(typed)
        editor.field.editingFinished.emit()
    assert told.args == [sentence]
    assert editor.field.text() == "9"


def test_edits_of_a_number_merge_until_it_is_left_and_choices_never_do(shown: Show, qtbot: QtBot) -> None:
    form = Form(Momentum())
    shown(form)
    keys = []
    form.changed.connect(lambda value, label, key: keys.append(key))
    qtbot.keyClick(form.editor("momentum").controls()[0], Qt.Key.Key_Down)
    qtbot.keyClick(form.editor("momentum").controls()[0], Qt.Key.Key_Down)
    qtbot.mouseClick(form.editor("nesterov").controls()[0], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert keys == ["momentum", "momentum", None]


def test_dragging_a_slider_ends_with_a_release(shown: Show, qtbot: QtBot) -> None:
    form = Form(Circle(), only=["noise"], sliders=True)
    shown(form)
    editor = form.editor("noise")
    assert isinstance(editor, SliderEditor)
    values = []
    form.changed.connect(lambda value, label, key: values.append(value.noise))
    slider = editor.slider
    grip = QPoint(6, slider.height() // 2)
    with qtbot.waitSignal(form.released):
        qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=grip)
        for x in (30, 60):
            qtbot.mouseMove(slider, QPoint(x, slider.height() // 2))
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(60, slider.height() // 2))
    assert len(values) >= 2
    assert 0 < values[0] < values[-1] <= 0.5


def test_a_member_that_is_no_choice_is_greyed_out_and_says_why(qtbot: QtBot) -> None:
    form = Form(
        Dense(4, Tanh()), only=["biases"], refusals={"biases": lambda kind: "" if kind.for_biases else "needs a matrix"}
    )
    qtbot.addWidget(form)
    box = form.editor("biases").controls()[0]
    index = box.findText("orthogonal")  # type: ignore[attr-defined]
    item = box.model().index(index, 0)  # type: ignore[attr-defined]
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert item.data(Qt.ItemDataRole.ToolTipRole) == "needs a matrix"


def test_seeds_beyond_32_bits_can_be_shown_and_edited(shown: Show, qtbot: QtBot) -> None:
    form = Form(TrainingPlan(seed=2**53 - 2), only=["seed"])
    shown(form)
    editor = form.editor("seed")
    assert isinstance(editor, IntegerEditor)
    qtbot.keyClick(editor.box, Qt.Key.Key_Up)
    assert form.value.seed == 2**53 - 1


def test_the_wheel_passes_over_a_control_that_has_not_the_focus(shown: Show, qtbot: QtBot) -> None:
    form = Form(TrainingPlan(), only=["batch_size", "loss"])
    shown(form)
    for control in form.controls():
        control.clearFocus()
        event = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(control, event)
        assert not event.isAccepted()
    assert form.value == TrainingPlan()

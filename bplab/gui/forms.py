"""Forms: from the fields of a frozen Struct, their types and limits, to labelled widgets. One generator for all.

A dataset, an activation, an initialization, an optimizer, a layer or the training plan: whatever fields the class
has, the form shows them in their order and tells of a new value with the field changed. Adding a class with a new
parameter needs nothing here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect as types
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QStandardItemModel
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QWidget

from bplab.engine.choices import Choice

from .editors import (
    CheckEditor,
    ComboBox,
    Editor,
    IntegerEditor,
    NumberEditor,
    OptionalIntegerEditor,
    PickEditor,
    SliderEditor,
    TableEditor,
    TextEditor,
)
from .little_curves import CURVE, little_curve
from .numbers import Limits
from .theme import GRID

LABEL_WIDTH = 11 * GRID
LARGEST = 2**53 - 1
_LABELS = {
    "dtype": "Number type",
    "std": "Deviation",
    "beta1": "β₁",
    "beta2": "β₂",
    "epsilon": "ε",
    "alpha": "α",
    "test_fraction": "Test share",
    "seed": "Seed",
    "path": "File",
    "warm_up": "Warm-up",
    "min_delta": "Least gain",
}

EditorMaker = Callable[[], Editor]
Refusal = Callable[[type[Any]], str]
"""Why a member of a family cannot be chosen here; empty if it can."""


def label_of(name: str) -> str:
    """What the window calls a field: ``batch_size`` → ``Batch size``."""
    words = name.replace("_", " ")
    return _LABELS.get(name, words[:1].upper() + words[1:])


class Form(QWidget):
    """Labels and editors for the fields of one Struct.

    ``changed`` brings the new value, a name for the undo menu, and the key under which edits that follow each
    other merge (None where each is a step of its own). ``released`` ends such a row of edits.
    """

    changed = Signal(object, str, object)
    released = Signal()
    refused = Signal(str)

    def __init__(
        self,
        value: Any,
        *,
        only: Sequence[str] | None = None,
        editors: Mapping[str, EditorMaker] | None = None,
        refusals: Mapping[str, Refusal] | None = None,
        sliders: bool = False,
        context: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """``only`` picks fields and their order, ``editors`` brings special ones by field name, ``refusals`` says
        for a field which members of its family are no choice. ``context`` goes before accessible names.
        """
        super().__init__(parent)
        self._value = value
        self._context = context
        self._editors: dict[str, Editor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        fields = fields_of(type(value))
        for name in only if only is not None else fields:
            kind, tip = fields[name]
            made = (editors or {}).get(name)
            refusal = (refusals or {}).get(name)
            editor = made() if made else make_editor(kind, label_of(name), self.name_of(name), sliders, refusal)
            self._place(name, editor, tip)
        self.show_value(value)

    @property
    def value(self) -> Any:
        """The Struct as shown."""
        return self._value

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to set."""
        return not self._editors

    def editor(self, name: str) -> Editor:
        """The editor of field ``name``."""
        return self._editors[name]

    def show_value(self, value: Any) -> None:
        """Show another value of the same class without telling anyone."""
        self._value = value
        for name, editor in self._editors.items():
            editor.show_value(getattr(value, name))

    def controls(self) -> list[QWidget]:
        """Everything that takes the keyboard, in reading order."""
        return [control for editor in self._editors.values() for control in editor.controls()]

    def name_of(self, name: str) -> str:
        """The accessible name of a field: its label, after what it belongs to."""
        label = label_of(name)
        return f"{self._context} {label[:1].lower()}{label[1:]}" if self._context else label

    def _place(self, name: str, editor: Editor, tip: str) -> None:
        self._editors[name] = editor
        editor.setObjectName(name)
        editor.describe(self.name_of(name), tip[:1].upper() + tip[1:] if tip else label_of(name))
        row = self._grid.rowCount()
        if editor.labelled:
            label = QLabel(label_of(name))
            label.setBuddy(editor.controls()[0])
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if editor.wide:
            self._grid.addWidget(editor, row + 1, 0, 1, 2)
        else:
            self._grid.addWidget(editor, row, 1)
        if isinstance(editor, ChoiceEditor):
            self._grid.addWidget(editor.below, row + 1, 0, 1, 2)

        def on_edited(new: object) -> None:
            self._on_edited(name, new)

        # The closure lives in the editor's connection and holds the form that owns the editor: they go together.
        editor.edited.connect(on_edited)
        editor.released.connect(self.released)
        editor.refused.connect(self.refused)

    def _on_edited(self, name: str, new: object) -> None:
        editor = self._editors[name]
        try:
            value = msgspec.structs.replace(self._value, **{name: new})
        except ValueError as error:
            editor.show_value(getattr(self._value, name))
            self.refused.emit(f"{self.name_of(name)}: {error}")
            return
        self._value = value
        editor.show_value(new)
        what = self.name_of(name)
        label, key = f"Change {what[:1].lower()}{what[1:]}", name if editor.merges else None
        if isinstance(editor, ChoiceEditor) and editor.parameter_change is not None:
            label, inner = editor.parameter_change
            key = inner and f"{name}.{inner}"
        self.changed.emit(value, label, key)


class ChoiceEditor(Editor):
    """A member of a family in a combo box, and ``below`` it the form of the member's own parameters.

    Where there may be none of the family, the first item says ``nothing`` and stands for None.
    """

    def __init__(
        self,
        family: type[Any],
        name: str,
        refusal: Refusal | None = None,
        parameters: bool = True,
        nothing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Without ``parameters``, ``below`` stays empty."""
        super().__init__(parent)
        self.parameter_change: tuple[str, str | None] | None = None
        """Label and merge key of the last edit if it changed a parameter; None if it chose another member."""
        self._name = name
        self._members: list[type[Any]] = [*([type(None)] if nothing else []), *family.members().values()]
        self._remembered: dict[type[Any], Any] = {}
        self._parameters = parameters
        self._shown: type[Any] | None = None
        self._tip = ""
        self._form: Form | None = None
        self.box = ComboBox()
        if nothing:
            self.box.addItem(nothing)
        for index, member in enumerate(family.members().values(), start=self.box.count()):
            self.box.addItem(member.title())
            self._explain_item(index, explanation(member), refusal(member) if refusal else "")
        self._add(self.box)
        self.below = QWidget(self)
        self._below = QGridLayout(self.below)
        self._below.setContentsMargins(0, 0, 0, 0)
        self.below.hide()
        self.box.activated.connect(self._on_activated)
        self.box.opening.connect(self._on_opening)

    def show_value(self, value: Any) -> None:
        self._shown = type(value)
        self._remembered[self._shown] = value
        self.box.setCurrentIndex(self._members.index(type(value)))
        self.box.setToolTip(explanation(type(value)) if value is not None else self._tip)
        if self._form is not None and type(self._form.value) is type(value):
            self._form.show_value(value)
            return
        if self._parameters:
            self._rebuild(value)

    def controls(self) -> list[QWidget]:
        return [self.box, *(self._form.controls() if self._form else [])]

    def describe(self, name: str, tip: str) -> None:
        self.box.setAccessibleName(name)
        self._tip = tip

    def _explain_item(self, index: int, text: str, refusal: str) -> None:
        self.box.setItemData(index, refusal or text, Qt.ItemDataRole.ToolTipRole)
        model = self.box.model()
        if refusal and isinstance(model, QStandardItemModel):
            model.item(index).setEnabled(False)

    def _rebuild(self, value: Any) -> None:
        if self._form is not None:
            self._below.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if value is None:
            self.below.hide()
            return
        self._form = form = Form(value, context=self._name, parent=self.below)
        self._below.addWidget(form, 0, 0)
        self.below.setVisible(not form.is_empty)
        form.changed.connect(self._on_parameter_changed)
        form.released.connect(self.released)
        form.refused.connect(self.refused)
        controls = self.controls()
        for one, following in itertools.pairwise(controls):
            QWidget.setTabOrder(one, following)

    def _on_opening(self) -> None:
        """Beside every activation or initialization its little curve, in the colours of the present theme."""
        palette = QApplication.palette()
        ink, quiet = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)
        for index, member in enumerate(self._members):
            picture = little_curve(member, ink, quiet)
            if picture is not None:
                self.box.setIconSize(CURVE)
                self.box.setItemIcon(index, picture)

    def _on_activated(self, index: int) -> None:
        member = self._members[index]
        if member is self._shown:
            return
        self.parameter_change = None
        value = self._remembered.get(member)
        self.edited.emit(value if value is not None else member())

    def _on_parameter_changed(self, value: Any, label: str, key: str | None) -> None:
        self._remembered[type(value)] = value
        self.parameter_change = (label, key)
        self.edited.emit(value)


def explanation(member: type[Choice]) -> str:
    """What a member of a family is, and in a line of its own what to know before choosing it."""
    return "\n".join(filter(None, (member.summary(), member.hint())))


def fields_of(struct: type[Any]) -> dict[str, tuple[types.Type, str]]:
    """Type, without its notes, and description of every field of a Struct."""
    info = types.type_info(struct)
    assert isinstance(info, types.StructType)
    return {field.name: _kind_and_tip(field.type) for field in info.fields}


def _kind_and_tip(kind: types.Type) -> tuple[types.Type, str]:
    tip = ""
    while isinstance(kind, types.Metadata):
        tip = tip or str((kind.extra_json_schema or {}).get("description", ""))
        kind = kind.type
    if isinstance(kind, types.UnionType):
        parts = [_kind_and_tip(part) for part in kind.types]
        kind = types.UnionType(tuple(part for part, _ in parts))
        tip = tip or next((found for _, found in parts if found), "")
    return kind, tip


def make_editor(
    kind: types.Type, label: str, name: str, sliders: bool = False, refusal: Refusal | None = None
) -> Editor:
    """The editor for a type; ``TypeError`` for one that no setting has had so far."""
    match kind:
        case types.CustomType(cls=family) if issubclass(family, Choice):
            return ChoiceEditor(family, name, refusal)
        case types.BoolType():
            return CheckEditor(label)
        case types.IntType():
            return IntegerEditor(*_whole_limits(kind))
        case types.FloatType():
            limits = _limits(kind)
            low, high = limits.at_least, limits.at_most if limits.at_most is not None else limits.below
            if sliders and low is not None and high is not None:
                return SliderEditor(limits, low, high)
            return NumberEditor(limits)
        case types.VarTupleType(item_type=types.VarTupleType(item_type=types.FloatType() as number)):
            return TableEditor(_limits(number))
        case types.LiteralType(values=values):
            return PickEditor(values, [str(value) for value in values])
        case types.StrType(max_length=longest):
            return TextEditor(longest)
        case types.UnionType(types=members):
            found = {type(member) for member in members}
            if found == {types.CustomType, types.NoneType}:
                family = next(member.cls for member in members if isinstance(member, types.CustomType))
                return ChoiceEditor(family, name, refusal, nothing="none")
            if found == {types.IntType, types.NoneType}:
                whole = next(member for member in members if isinstance(member, types.IntType))
                return OptionalIntegerEditor(*_whole_limits(whole))
            if found == {types.BoolType, types.NoneType}:
                return PickEditor([None, True, False], ["auto", "yes", "no"])
            if found == {types.IntType, types.StrType}:
                return TextEditor(numbers=True)
    raise TypeError(f"there is no editor for {kind}")


def _limits(kind: types.FloatType) -> Limits:
    return Limits(kind.ge, kind.gt, kind.le, kind.lt)


def _whole_limits(kind: types.IntType) -> tuple[int, int]:
    low = kind.ge if kind.ge is not None else (kind.gt + 1 if kind.gt is not None else -LARGEST)
    high = kind.le if kind.le is not None else (kind.lt - 1 if kind.lt is not None else LARGEST)
    return int(low), int(high)

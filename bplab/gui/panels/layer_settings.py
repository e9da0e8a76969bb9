"""The settings of one kind of layer: what it responds with, how it starts, and what stands around its activation."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.engine import Conv2D, Dense
from bplab.lab.editing import SkipChoice

from ..editors import OptionalIntegerEditor
from ..forms import EditorMaker, Form, Refusal, fields_of
from ..theme import GRID, Theme
from .activation_curve import ActivationCurve
from .bar_parts import Caption
from .layer_editors import PercentEditor, SkipEditor
from .section import Section

START = ("weights", "biases")
AROUND = ("normalization", "dropout", "skip", "bias", "frozen")
MOST_DROPOUT = 0.95
_SECTION = {
    True: ("Around the activation", "Normalization, dropout, a skip from an earlier layer, bias, frozen"),
    False: ("Bias and freezing", "Whether there is a bias, and whether anything is learned here"),
}


def biases_only(kind: type[Any]) -> str:
    """Why biases cannot be drawn so; empty if they can."""
    return "" if kind.for_biases else "This draws a matrix, and biases are none"


def one_value(kind: type[Any]) -> str:
    """Why a convolution cannot have this activation; empty if it can."""
    return "" if kind.elementwise else "This goes over a whole layer; a convolution's maps need an f of one value"


class LayerSettings(QWidget):
    """Forms for the fields of ``layer`` and of others of its class."""

    changed = Signal(object, str, object)
    """As a form's: the new layer, a name for the undo menu, a key to merge by."""
    released = Signal()
    refused = Signal(str)

    def __init__(self, layer: Any, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        names = list(fields_of(type(layer)))
        self._is_dense = isinstance(layer, Dense)
        self.what = Caption(type(layer).summary())
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.what.setWordWrap(True)
        refusals: dict[str, Refusal] = {"biases": biases_only}
        if isinstance(layer, Conv2D):
            refusals["activation"] = one_value
        editors = self._special_editors(layer)
        rest = [name for name in names if name not in (*START, *AROUND, "activation")]
        rest += ["activation"] if "activation" in names else []  # the last, for its curve comes below
        self.response = Form(layer, only=rest, editors=editors, refusals=refusals)
        self.curve = ActivationCurve(theme)
        self.hint = Caption("")
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setAccessibleName("When to use this activation and how it stalls")
        self.start = Form(layer, only=[name for name in START if name in names], refusals=refusals)
        self.around = Form(layer, only=[name for name in AROUND if name in names], editors=editors)
        self.section = Section(*_SECTION[self._is_dense], self.around)
        self._has_activation = "activation" in names
        self._lay_out()
        for form in self.forms:
            form.changed.connect(self.changed)
            form.released.connect(self.released)
            form.refused.connect(self.refused)

    @property
    def forms(self) -> tuple[Form, Form, Form]:
        """All forms, in reading order."""
        return self.response, self.start, self.around

    def show_layer(self, layer: Any, colour: QColor, brief: str, skips: list[SkipChoice]) -> None:
        """Show ``layer``, of the same class; ``brief`` says what is unusual about it, ``skips`` where one can start."""
        if self._skip is not None:
            self._skip.offer(skips)
        for form in self.forms:
            form.show_value(layer)
        self.section.say(brief or "as usual")
        self.curve.show_activation(layer.activation, colour)
        self.hint.setText(layer.activation.hint())
        self.hint.setVisible(self._has_activation and bool(self.hint.text()))

    def _special_editors(self, layer: Any) -> dict[str, EditorMaker]:
        self._skip: SkipEditor | None = None
        if isinstance(layer, Dense):
            self._skip = skip = SkipEditor()
            return {"dropout": lambda: PercentEditor(MOST_DROPOUT), "skip": lambda: skip}
        if "size" in layer.__struct_fields__:
            return {"stride": lambda: OptionalIntegerEditor(1, 64, "as the size")}
        return {}

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        parts = (
            (self.what, not self._is_dense),
            (self.response, not self.response.is_empty),
            (self.curve, self._has_activation),
            (self.hint, self._has_activation),
            (self.start, not self.start.is_empty),
            (self.section, not self.around.is_empty),
        )
        for widget, there in parts:
            column.addWidget(widget)
            if not there:
                widget.hide()

"""A weight or a bias shown and edited in place: a small field at the mouse that says what will become of the number."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from bplab.engine import Dense, InputError
from bplab.gui.numbers import NumberField
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.editing import layer_name
from bplab.lab.experiment import Experiment
from bplab.lab.own_values import BIAS, with_value

from .arrangement import Hit, Kind

WIDE, ASIDE, PAD = 252, 10, 10
RUNNING = "Training goes on. Type a number to set it: then training pauses."
BEFORE = "It becomes one of the own values that {0} starts from."
AFTER = (
    "Training is paused. A new run will go on from the values on view and this one; "
    "the run of {1:,} updates stays as it is."
)


class _Value(NumberField):
    """Space stays with Play."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)


class ValueEditor(QWidget):
    """Opens at a click on an edge or a bias, a double click on a neuron; Enter takes the number, Escape leaves it.

    Until something is typed it follows the training that goes on.
    """

    opened = Signal(object)
    """It shows the number of another edge or bias, told as the :class:`Hit` of that."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._theme, self._view = session, theme, parent
        self._edits = self._begun = self._resumes = False
        self._layer = self._source = self._unit = -1
        self._name, self._place = "", QPointF()
        self.setObjectName("value_editor")
        self.title, self.note = QLabel(), QLabel()
        self.field = _Value(parent=self)
        self.title.setBuddy(self.field)
        self.note.setWordWrap(True)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD, PAD, PAD)
        column.setSpacing(6)
        for part in (self.title, self.field, self.note):
            column.addWidget(part)
        self.setFixedWidth(WIDE)
        self.hide()
        self.field.textEdited.connect(self._begin)
        self.field.number_changed.connect(self._on_number_changed)
        self.field.refused.connect(session.refused)
        self.field.editingFinished.connect(self._on_done)
        session.experiment_changed.connect(self._on_experiment_changed)
        session.ticked.connect(self._on_ticked)

    def open(self, hit: Hit, place: QPointF) -> None:
        """Edit the weight of an edge or the bias of a neuron, beside ``place`` of the parent."""
        of_neuron = hit.kind in (Kind.NEURON, Kind.BIAS)
        if not (of_neuron or (hit.kind is Kind.GAP and hit.source >= 0)):
            return
        session = self._session
        live = session.live
        self._layer, self._source, self._unit = hit.layer, hit.source, hit.neuron
        spot = live.network.places[hit.layer]
        if of_neuron:
            self._source, self._unit = BIAS, hit.neuron // (spot.units // spot.channels)
        try:
            self._changed(0.0)
        except InputError as error:
            session.refused.emit(str(error))
        else:
            self._begun = self._resumes = False
            session.history.break_merge()
            self._show(place)
            self.opened.emit(Hit(Kind.BIAS, hit.layer, hit.neuron) if of_neuron else hit)

    def _begin(self) -> None:
        """What is typed is meant for the values on view: they stand still from now on."""
        session, run = self._session, self._session.run
        if self._begun:
            return
        self._begun, self._resumes = True, session.is_training
        if run is not None and self._resumes:
            session.pause()
            run.wait_idle(1.0)
            session.tick()
        self._say()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the number as it is, and training goes on if it did; pages go to the neuron's other numbers."""
        if event.key() == Qt.Key.Key_Escape:
            resumes = self._resumes and self._session.run_is_on_view
            self.close_without()
            if resumes:
                self._session.play()
        elif event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.field.take()
            self._go_on(1 if event.key() == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def _go_on(self, by: int) -> None:
        """To the next number of the same neuron: its bias, then its weights from the first input on."""
        place = self._session.live.network.places[self._layer]
        if isinstance(place.layer, Dense):
            count = place.fan_in + 1
            source = (self._source - BIAS + by) % count + BIAS
            kind = Kind.BIAS if source == BIAS else Kind.GAP
            begun, resumes = self._begun, self._resumes
            self.open(Hit(kind, self._layer, self._unit, source), self._place)
            self._begun, self._resumes = begun, resumes
            self._say()

    def close_without(self) -> None:
        """Go, whatever is being typed."""
        self.field.show_number(self.field.number)
        self._on_done()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card on the drawing."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(self._theme.colours.raised))
            painter.setPen(QPen(QColor(self._theme.colours.line), 1.0))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)

    @property
    def _trained(self) -> bool:
        return self._session.run_is_on_view and self._session.live.updates > 0

    @property
    def _value(self) -> float:
        return float(self._session.live.network.numbers[self._layer]["matrix"][self._source, self._unit])

    def _say(self) -> None:
        """What becomes of a number that is typed."""
        session = self._session
        running = session.is_training and not self._begun
        text = RUNNING if running else AFTER if self._trained else BEFORE
        self.note.setText(text.format(layer_name(session.experiment, self._layer), session.live.updates))
        self.setFixedHeight(self._column.totalHeightForWidth(WIDE))

    def _show(self, place: QPointF) -> None:
        session = self._session
        own = layer_name(session.experiment, self._layer)
        names = session.live.problem.shape.input_names
        if self._source == BIAS:
            self._name = f"Bias of {own}, {self._unit + 1}"
        else:
            before = names[self._source] if self._layer == 0 else _nth(session, self._layer - 1, self._source)
            self._name = f"Weight from {before} to {own}, {self._unit + 1}"
        self.title.setText(self._name)
        self.field.setAccessibleName(self._name)
        self.field.setToolTip(
            "Enter takes the number, Escape leaves it; Page Down and Page Up go to the neuron's bias and other weights"
        )
        self.field.show_number(self._value)
        self._say()
        self._place, room = place, self._view.rect()
        x = min(round(place.x()) + ASIDE, room.right() - self.width() - 4)
        y = min(round(place.y()) + ASIDE, room.bottom() - self.height() - 4)
        self.move(max(x, 4), max(y, 4))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def _changed(self, value: float) -> Experiment:
        session, spot = self._session, (self._layer, self._source, self._unit)
        return with_value(session.experiment, session.live.network, *spot, value, self._trained)

    def _on_number_changed(self, value: float) -> None:
        self._begin()
        key = f"value {self._layer} {self._source} {self._unit}"
        self._edits, self._resumes = True, False
        self._session.edit(self._changed(value), self._name, key)
        self._edits = False
        self.note.setText(BEFORE.format(layer_name(self._session.experiment, self._layer)))

    def _on_done(self) -> None:
        if self.field.hasFocus():
            self._view.setFocus()
        self.hide()

    def _on_ticked(self) -> None:
        if self.isVisible() and not self._begun and self.field.number != self._value:
            self.field.show_number(self._value)
            self.field.selectAll()
            self._say()

    def _on_experiment_changed(self) -> None:
        if self.isVisible() and not self._edits:
            self.close_without()  # the network that it spoke of is another one now


def _nth(session: Session, layer: int, unit: int) -> str:
    return f"{layer_name(session.experiment, layer)}, {unit + 1}"

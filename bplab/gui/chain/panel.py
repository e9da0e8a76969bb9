"""The chain-rule panel: what is looked at, its equation with symbols and numbers, its factors, and the sentence.

It costs nothing while it is not seen. While the network trains it follows a few times a second.
"""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QFont, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from bplab.gui.focus import Focus
from bplab.gui.session import Session
from bplab.lab.explaining import SIGNS, Explanation, Target, equations, unrolled

from ..editors import FIELD_HEIGHT
from ..panels.bar_parts import Caption
from ..theme import GRID, Theme
from ..type_size import size_with_type
from .factor_axis import Axis, FactorAxis
from .factor_row import FactorRow
from .lighting import lights_of
from .live_equations import Line, LiveEquations
from .sample_picker import SamplePicker
from .target_picker import TargetPicker
from .teller import Teller, Told
from .words import title_of

SHARE, LEAST_SECONDS, MOST_SECONDS = 0.02, 0.2, 1.0
"""Of the time, while training; and from one look to the next."""
SIDE_BY_SIDE = 80 * GRID
HINT = "Click a weight, bias, neuron or layer of the network to see what its gradient is made of."
UNROLL = ("▸ Down to the loss", "▾ Down to the loss")
UNROLL_TIP = "Follow the error layer by layer down to the loss"


class ChainPanel(QWidget):
    """Follows a session and its focus."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme, self.focus = session, theme, Focus.of(session)
        self._teller = Teller(session, self.focus)
        self._not_before = 0.0
        self._told: Told | None = None
        self._shown: tuple[Target, int | None] | None = None
        self._axis = Axis()
        self._lit: str | None = None
        self.setObjectName("chain_panel")
        self.title, self.note, self.hint = QLabel(), Caption(""), Caption(HINT)
        self.message, self.sentence, self.signs = QLabel(), QLabel(), Caption(SIGNS.replace("|…|", "‖…‖"))
        self.target, self.sample = TargetPicker(self.focus), SamplePicker(self.focus)
        self.equations = LiveEquations(theme)
        self.unroll, self.copy = self._button(UNROLL[0], UNROLL_TIP), self._copy_button()
        self.unroll.setCheckable(True)
        self.unroll.setAccessibleName("Down to the loss")
        self.rows: list[FactorRow] = []
        self.axis = FactorAxis(theme)
        self._lay_out()
        self._connect()

    # -- putting together -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        bold = QFont(self.title.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(bold)
        for label in (self.title, self.note, self.hint, self.message, self.sentence, self.signs):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.message.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._body = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._body)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(2 * GRID)
        self._sides.addWidget(self._equation_side(), 1)
        self._sides.addWidget(self._factor_side(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        self._choices = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._choices.setSpacing(GRID)
        self._choices.addWidget(self.target, 3)
        self._choices.addWidget(self.sample, 2)
        for part in (self.title, self.note, self.hint):
            column.addWidget(part)
        column.addLayout(self._choices)
        column.addWidget(self.message)
        column.addWidget(self.sentence)
        column.addWidget(self._body)
        column.addStretch(1)

    def _equation_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        buttons = QHBoxLayout()
        buttons.addWidget(self.unroll)
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        column.addWidget(self.equations)
        column.addLayout(buttons)
        column.addWidget(self.signs)
        column.addStretch(1)
        return side

    def _factor_side(self) -> QWidget:
        side = QWidget()
        self._rows_place = QVBoxLayout()
        self._rows_place.setSpacing(0)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(self._rows_place)
        column.addWidget(self.axis)
        column.addStretch(1)
        return side

    @staticmethod
    def _button(text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        size_with_type(button, height=FIELD_HEIGHT)
        return button

    def _copy_button(self) -> QToolButton:
        button = self._button("Copy", "The equations for somewhere else, as text, as LaTeX or as a picture")
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.addActions(self.copy_actions())
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def copy_actions(self) -> list[QAction]:
        """What copies the equations."""
        return [self.equations.copy_text, self.equations.copy_latex, self.equations.copy_picture]

    def _connect(self) -> None:
        self._session.ticked.connect(self._on_ticked)
        self.focus.changed.connect(self._on_focus_changed)
        self.focus.lit_changed.connect(self._on_lit_changed)
        self.unroll.toggled.connect(self._on_unrolled)

    def sizeHint(self) -> QSize:
        """Wide enough for an equation."""
        return QSize(38 * GRID, 70 * GRID)

    # -- following --------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        if not self.isVisible():
            return
        told, now = self._told, perf_counter()
        if told is not None and told.live is self._teller.live() and told.updates == told.live.updates:
            return
        if self._session.is_training and told is not None and now < self._not_before:
            return
        self._refresh()

    def _on_focus_changed(self) -> None:
        self._lit = None
        if self.isVisible():
            self._refresh()
        else:
            self._told = None

    def _on_unrolled(self, unrolls: bool) -> None:
        self.unroll.setText(UNROLL[unrolls])
        if self._told is not None:
            self._show_equations(self._told.explanation, keep_height=False)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Equations and factors beside each other where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        towards = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._sides.direction() != towards:
            self._sides.setDirection(towards)
            self._choices.setDirection(towards)
            self.target.set_columns(4 if wide else 2)

    def changeEvent(self, event: QEvent) -> None:
        """Symbols follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for row in self.rows:
                row.updateGeometry()

    def _refresh(self) -> None:
        begun = perf_counter()
        told = self._teller.tell()
        ended = perf_counter()
        self._not_before = ended + min(max((ended - begun) / SHARE, LEAST_SECONDS), MOST_SECONDS)
        if isinstance(told, str):
            self._show_message(told)
        else:
            self._show(told)

    def _show_message(self, message: str) -> None:
        self._told, self._shown = None, None
        self.message.setText(message)
        self.message.show()
        self._body.hide()
        target, live = self.focus.shown, self._teller.live()
        for part in (self.title, self.target):
            part.setVisible(target is not None and live is not None)
        for absent in (self.note, self.hint, self.sample, self.sentence):
            absent.hide()
        if target is not None and live is not None:
            self.title.setText(title_of(target, live))
            self.target.show_target(live, target)

    def _show(self, told: Told) -> None:
        explanation = told.explanation
        same = self._shown == (told.target, told.sample) and self._told is not None and self._told.live is told.live
        self._told, self._shown = told, (told.target, told.sample)
        if not same:
            self._axis = Axis()
            self.message.hide()
            for present in (self._body, self.title, self.target, self.note, self.sample, self.sentence):
                present.show()
            self.hint.setVisible(self.focus.target is None)
            self.title.setText(title_of(told.target, told.live))
            self.target.show_target(told.live, told.target)
            self.sample.show_sample(told.sample, len(told.live.problem.train_inputs))
            self.signs.setVisible(explanation.entries > 1 or told.target.kind in ("neuron", "layer"))
        self.note.setText(self._note(told))
        self._show_equations(explanation, keep_height=same)
        self._show_factors(explanation)
        self._say(explanation.sentence, keep_height=same)

    def _say(self, sentence: str, *, keep_height: bool) -> None:
        """What is below the sentence does not move up when it gets shorter for a while."""
        label = self.sentence
        if sentence != label.text() or not keep_height:
            label.setText(sentence)
            needed = label.heightForWidth(max(label.width(), 20 * GRID))
            label.setMinimumHeight(max(needed, label.minimumHeight() if keep_height else 0))

    def _note(self, told: Told) -> str:
        samples = told.explanation.samples
        step = f"step {told.updates:,}"
        if told.sample is None:
            return f"over {samples:,} training samples, {step}"
        return f"training sample {told.sample + 1:,}, its part of a batch of {samples:,}, {step}"

    def _show_equations(self, told: Explanation, *, keep_height: bool) -> None:
        lines = [*equations(told), *(unrolled(told)[1:] if self.unroll.isChecked() else ())]
        shown = []
        for number, line in enumerate(lines):
            shown += [
                Line(line.latex_symbols, line.symbols, begins=number > 0),
                Line(line.latex_numbers, line.numbers),
            ]
        self.equations.show_lines(shown, keep_height=keep_height)
        self.unroll.setEnabled(len(told.path) > 1)

    def _show_factors(self, told: Explanation) -> None:
        self._axis = self._axis.holding(told)
        while len(self.rows) < len(told.factors):
            row = FactorRow(self._theme)
            row.clicked.connect(self._on_factor)
            self._rows_place.addWidget(row)
            self.setTabOrder(self.rows[-1] if self.rows else self.copy, row)
            self.rows.append(row)
        for number, row in enumerate(self.rows):
            row.setVisible(number < len(told.factors))
            if number < len(told.factors):
                row.setChecked(told.factors[number].name == self._lit)
                row.show_factor(told.factors[number], told, self._axis)
        self.axis.show_axis(self._axis)

    # -- lighting up ------------------------------------------------------------------------------------

    def _on_factor(self) -> None:
        row = self.sender()
        if not isinstance(row, FactorRow) or row.factor is None or self._told is None:
            return
        if not row.isChecked():
            self.focus.light()
            return
        told = self._told
        self.focus.light(*lights_of(row.factor, told.explanation, told.live.network.places))
        self._lit = row.factor.name
        self._show_factors(told.explanation)

    def _on_lit_changed(self) -> None:
        """Someone else lights something, or nothing is lit any more."""
        self._lit = None
        for row in self.rows:
            row.setChecked(False)

"""The time bar under the plots: a line of time with its buttons, which update is on view, forks and branches."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from ..branches import Branches
from ..icons import icon
from ..numbers import Limits, NumberField
from ..session import Session
from ..theme import GRID, Theme, tabular
from ..time_actions import TimeActions
from ..time_machine import TimeMachine
from ..type_size import scaled, size_with_type
from .time_slider import TimeSlider

EVERY = 0.2
"""Seconds between two looks at a run that trains on: its end moves faster than anybody reads."""
BUTTON = 3 * GRID
SAID_WIDTH = 44 * GRID
"""Room for what the bar says, at scale 1."""


class TimeBar(QWidget):
    """Buttons and line, the number of the update, what is shown of it, and what can be made of it."""

    def __init__(
        self, session: Session, machine: TimeMachine, actions: TimeActions, branches: QMenu, theme: Theme
    ) -> None:
        super().__init__()
        self._session, self._machine, self._actions = session, machine, actions
        self._looked_at = 0.0
        self.slider = TimeSlider(session, machine, theme)
        self.field = NumberField(Limits(at_least=0.0))
        self.field.setAccessibleName("Update to look at")
        self.field.setToolTip("The update that is looked at; type another one")
        self.said = Said(theme)
        self.buttons = {action: _button(action) for action in actions.ways()}
        self.fork = _button(actions.fork, "Fork")
        self.branches = _menu_button(branches)
        self._lay_out()
        self.field.number_changed.connect(self._on_number_changed)
        self.field.refused.connect(session.refused)
        actions.go_to.triggered.connect(self._on_go_to)
        machine.changed.connect(self.follow)
        session.run_changed.connect(self.follow)
        session.draft_changed.connect(self.follow)
        session.ticked.connect(self._on_ticked)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.follow()

    def follow(self) -> None:
        """Show where the time machine looks, and say it."""
        machine = self._machine
        self._looked_at = monotonic()
        self.slider.follow()
        self.field.setEnabled(machine.newest > 0)
        self.field.limits = Limits(at_least=0.0, at_most=float(machine.newest))
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.show_number(float(machine.newest if machine.asked is None else machine.asked))
        self.said.say(said_of(self._session, machine), in_past=machine.asked is not None)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 0, GRID, 0)
        row.setSpacing(0)
        buttons = list(self.buttons.values())
        for button in buttons[:3]:
            row.addWidget(button)
        row.addWidget(self.slider, 3)
        for button in buttons[3:]:
            row.addWidget(button)
        row.addSpacing(GRID)
        size_with_type(self.field, width=9 * GRID, height=3 * GRID)
        row.addWidget(self.field)
        row.addSpacing(GRID)
        row.addWidget(self.said, 2)
        row.addWidget(self.fork)
        row.addWidget(self.branches)
        size_with_type(self, height=4 * GRID)

    # -- following --------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        if not self._session.is_training or monotonic() - self._looked_at >= EVERY:
            self.follow()

    def _on_number_changed(self, number: float) -> None:
        self.field.setModified(False)
        self._machine.go_to(round(number))
        self.follow()

    def _on_go_to(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _on_theme_changed(self) -> None:
        names = ("to start", "row back", "back", "forward", "row forward", "to now")
        for action, name in zip(self.buttons, names, strict=True):
            action.setIcon(icon(name))
        self._actions.fork.setIcon(icon("fork"))


def said_of(session: Session, machine: TimeMachine) -> str:
    """Which update is on view, in words: never more than is shown."""
    newest, asked, moment = machine.newest, machine.asked, machine.moment
    if not newest:
        return "no updates yet"
    if asked is None:
        own = Branches.of(session).own_words
        return f"now: update {newest:,}" + (f" · {own}" if own else "")
    if not machine.can_show:
        return f"update {asked:,} of {newest:,} · not shown, as the network has been edited since"
    if machine.on_the_way:
        shown = f"≈ shown {moment.updates:,}, " if moment is not None else ""
        return f"{shown}{'waits for training to pause' if machine.waits else f'going to {asked:,}'}"
    if session.draft is not None:
        return f"fork from update {asked:,}: change settings, then Play · Esc gives it up"
    assert moment is not None
    then = "training goes on from the end" if session.is_training else f"epoch {moment.epoch:,.4g} · Esc: back to now"
    return f"update {asked:,} of {newest:,} · exact · {then}"


class Said(QLabel):
    """One line that gives way where room is short; in the accent colour while the past is on view."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._in_past = theme, False
        self.setFont(tabular(self.font()))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Time")

    def say(self, text: str, *, in_past: bool) -> None:
        """Show ``text``, which a tooltip says in full."""
        if (text, in_past) != (self.text(), self._in_past):
            self._in_past = in_past
            self.setText(text)
            self.setToolTip(text)
            self.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:
        """The same whatever it says: nothing in the bar moves with it."""
        return QSize(scaled(SAID_WIDTH), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, cut where it has no room."""
        colours, painter = self._theme.colours, QPainter(self)
        painter.setPen(QColor(colours.accent if self._in_past else colours.quiet))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _button(action: QAction, text: str = "") -> QToolButton:
    """A flat button for an action, with its icon, or its icon and ``text``."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAccessibleName(action.text())
    action.setIconVisibleInMenu(False)
    button.setAutoRaise(True)
    button.setIconSize(QSize(2 * GRID, 2 * GRID))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        action.setIconText(text)
    else:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        size_with_type(button, width=BUTTON, height=BUTTON)
    return button


def _menu_button(menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setText("Branches ")
    button.setAccessibleName("Branches: runs to show and to compare")
    button.setToolTip("Runs of this project: look at another one, or compare their curves with this one's")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setMenu(menu)
    return button

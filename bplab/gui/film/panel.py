"""The panel of step mode: what happens in the present phase in words and as an equation, all phases, and the controls.

It shows a :class:`StepMode` and asks it; while the mode is off nobody sees it.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bplab.gui.editors import FIELD_HEIGHT, ComboBox, WheelPasses
from bplab.gui.equation_view import EquationView
from bplab.gui.icons import icon
from bplab.gui.theme import GRID, Theme, tabular
from bplab.gui.type_size import size_with_type
from bplab.lab.film import Film, Scene, what_is_shown

from .mode import SECONDS, StepMode
from .phase_list import PhaseList

WAITING = "The run comes to rest …"
SAMPLE_TIP = "Whose numbers are shown: those of one sample of the batch, or of all of them together"
LARGER = 1.4
NEXT, MAKE = "Next phase", "Make this update"
NEXT_TIP = "The next phase of this step; Space and → do the same"
MAKE_TIP = "Let the run make this step, and film the next one; Space and → do the same"


class SampleBox(WheelPasses, QSpinBox):
    """Which sample of the batch is looked at, counted from 1; below that, the whole batch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSpecialValueText("whole batch")
        self.setPrefix("sample ")
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(tabular(self.font()))
        self.setAccessibleName("Sample looked at")
        self.setToolTip(SAMPLE_TIP)
        size_with_type(self, height=FIELD_HEIGHT)

    def show_sample(self, sample: int | None, samples: int) -> None:
        """Show which of so many is looked at, from 0, or None for all."""
        self.blockSignals(True)
        self.setRange(0, samples)
        self.setSuffix(f" of {samples:,}")
        self.setValue(0 if sample is None else sample + 1)
        self.blockSignals(False)


class FilmPanel(QWidget):
    """Controls, words, equation and phases, from top to bottom."""

    def __init__(self, mode: StepMode, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode, self._theme = mode, theme
        self.where, self.title, self.told = QLabel(), QLabel(), QLabel()
        self.equation = EquationView(theme, larger=LARGER)
        self.sample = SampleBox()
        self.phases = PhaseList(theme)
        self.first = _button("First phase", "Back to the first phase; Home does the same")
        self.back = _button("Phase back", "One phase back; ← does the same")
        self.last = _button("Last phase", "On to the last phase; End does the same")
        self.next = QPushButton(NEXT)
        self.by_itself = QPushButton("Play slowly")
        self.speed = ComboBox()
        self._dress()
        self._lay_out()
        self._connect()

    def _dress(self) -> None:
        for label in (self.title, self.told):
            label.setWordWrap(True)
        for label in (self.where, self.title, self.told):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.where, self.told):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        bold = QFont(self.title.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPointSizeF(1.15 * bold.pointSizeF())
        self.title.setFont(bold)
        self.title.setAccessibleName("What happens in this phase")
        self.next.setAccessibleName("Next phase")
        self.next.setDefault(False)
        self.by_itself.setCheckable(True)
        self.by_itself.setAccessibleName("Play slowly")
        self.by_itself.setToolTip("Let one phase follow the other, up to the end of the step")
        self.speed.setAccessibleName("Time for each phase")
        self.speed.setToolTip("How long each phase is shown while the film plays")
        for seconds in SECONDS:
            self.speed.addItem(f"{seconds:g} s", seconds)
        self.speed.setCurrentIndex(SECONDS.index(1.0))
        size_with_type(self.speed, width=8 * GRID)
        for control in (self.next, self.by_itself):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            size_with_type(control, least_height=28)

    def _lay_out(self) -> None:
        ways, slowly = QHBoxLayout(), QHBoxLayout()
        for row in (ways, slowly):
            row.setSpacing(GRID // 2)
        for button in (self.first, self.back):
            ways.addWidget(button)
        ways.addWidget(self.next, 1)
        ways.addWidget(self.last)
        slowly.addWidget(self.by_itself)
        slowly.addWidget(self.speed)
        slowly.addWidget(self.sample, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.where)
        column.addLayout(ways)  # above what is as high as it needs to be: buttons stay under the mouse
        column.addLayout(slowly)
        parts: tuple[QWidget, ...] = (self.title, self.equation, self.told)
        for part in parts:
            column.addWidget(part)
        column.addWidget(self.phases, 1)

    def _connect(self) -> None:
        mode = self._mode
        mode.changed.connect(self._on_changed)
        mode.switched.connect(self._on_changed)
        self.first.clicked.connect(mode.go_to_start)
        self.back.clicked.connect(mode.back)
        self.next.clicked.connect(mode.forward)
        self.last.clicked.connect(mode.go_to_end)
        self.phases.chosen.connect(mode.go_to)
        self.by_itself.clicked.connect(mode.play)
        self.speed.activated.connect(self._on_speed)
        self.sample.valueChanged.connect(self._on_sample)
        self._theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._on_changed()

    def keyed(self) -> list[QWidget]:
        """The parts whose keys may lead along the film."""
        return [self.phases, self.first, self.back, self.next, self.last, self.by_itself]

    # -- following --------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        film, scene = self._mode.film, self._mode.scene
        for control in (self.first, self.back, self.next, self.last, self.by_itself, self.sample):
            control.setEnabled(film is not None)
        if film is None or scene is None:
            self.where.setText("")
            self.title.setText(WAITING if self._mode.is_on else "")
        else:
            self._show(film, scene)

    def _show(self, film: Film, scene: Scene) -> None:
        phase, at_end = film.phase, self._mode.at_end
        count = len(film.phases)
        self.where.setText(f"Update {film.start.updates + 1:,} · phase {film.at + 1} of {count}")
        self.title.setText(phase.title if not (at_end and film.divergence) else f"{phase.title}\n{film.divergence}")
        self.equation.show_equations((phase.equation,), phase.title)
        self.told.setText(what_is_shown(scene))
        self.sample.setToolTip(f"{SAMPLE_TIP}\n{self.told.text()}")
        self.sample.setVisible(len(scene.samples) > 1)
        self.sample.show_sample(scene.sample, len(scene.samples))
        self.phases.show_phase(film.phases, film.at, len(film.take.stages))
        self.next.setText(MAKE if at_end else NEXT)
        self.next.setAccessibleName(MAKE if at_end else NEXT)
        self.next.setToolTip(MAKE_TIP if at_end else NEXT_TIP)
        self.next.setEnabled(not (at_end and film.end is None))
        for button in (self.first, self.back):
            button.setEnabled(film.at > 0)
        self.last.setEnabled(not at_end)
        self.by_itself.setChecked(self._mode.plays)
        self.by_itself.setText("Stop" if self._mode.plays else "Play slowly")

    def _on_speed(self, index: int) -> None:
        self._mode.set_seconds(self.speed.itemData(index))

    def _on_sample(self, value: int) -> None:
        self._mode.look_at(value - 1 if value else None)

    def _on_theme_changed(self) -> None:
        self.told.setVisible(not self._theme.teaches)  # large type leaves no room: the sample's tooltip says it
        names = ((self.first, "to start"), (self.back, "back"), (self.last, "to now"))
        for button, name in names:
            button.setIcon(icon(name))


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setIconSize(QSize(2 * GRID, 2 * GRID))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    size_with_type(button, width=28, height=28)
    return button

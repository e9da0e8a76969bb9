"""The list of all phases of a step: the present one marked, those to come quiet; a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListWidget, QListWidgetItem, QWidget

from bplab.gui.theme import GRID, Theme
from bplab.lab.film import Phase

HEADINGS = {"weigh": "Forward", "delta": "Backward"}
"""Before the first phase of a kind."""
NUMBER = Qt.ItemDataRole.UserRole


class PhaseList(QListWidget):
    """Shows the phases of a film; knows no film."""

    chosen = Signal(int)
    """Somebody wants to go to this phase, from 0."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._phases: tuple[Phase, ...] = ()
        self._layers = self._at = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIconSize(QSize(GRID, GRID))
        self.setUniformItemSizes(True)
        self.setAccessibleName("Phases of the step")
        self.setToolTip("All phases of this step; a click, or the keys ↑ and ↓, go to one")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._on_current_changed)
        theme.changed.connect(self._colour)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(8 * GRID, 8 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The present phase stays in sight."""
        super().resizeEvent(event)
        self._show_current()

    def show_phase(self, phases: tuple[Phase, ...], at: int, layers: int) -> None:
        """Mark phase ``at`` of ``phases``, of a network with so many layers."""
        self.blockSignals(True)
        if [phase.short for phase in phases] != [phase.short for phase in self._phases]:
            self._layers = layers
            self._fill(phases)
        self._phases, self._at = phases, at
        for item in self._items():
            number = item.data(NUMBER)
            if number is not None:
                item.setToolTip(phases[number].title)
                if number == at:
                    self.setCurrentItem(item)
                    self._show_current()
        self._colour()
        self.blockSignals(False)

    def _show_current(self) -> None:
        if self.currentItem() is not None:
            self.scrollToItem(self.currentItem(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _fill(self, phases: tuple[Phase, ...]) -> None:
        self.clear()
        headed: set[str] = set()
        for number, phase in enumerate(phases):
            if phase.kind in HEADINGS and phase.kind not in headed:
                headed.add(phase.kind)
                self._add_heading(HEADINGS[phase.kind])
            item = QListWidgetItem(phase.short, self)
            item.setData(NUMBER, number)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, phase.title)
            item.setIcon(self._dot(phase.layer))

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text, self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        item.setFont(font)

    def _dot(self, layer: int | None) -> QIcon:
        """A square in the layer's colour; a clear one where a phase is no layer's."""
        picture = QPixmap(4 * GRID, 4 * GRID)
        clear = QColor(Qt.GlobalColor.transparent)
        picture.fill(clear if layer is None else self._theme.layer_colours(self._layers)[layer])
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)
        return icon

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _colour(self) -> None:
        colours, to_come = self._theme.colours, False
        for item in self._items():
            number = item.data(NUMBER)
            to_come = to_come or (number is not None and number > self._at)
            heading = number is None
            item.setForeground(QColor(colours.quiet if to_come or heading else colours.text))
            if not heading:
                item.setIcon(self._dot(self._phases[number].layer))
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(NUMBER) is not None:
            self.chosen.emit(item.data(NUMBER))

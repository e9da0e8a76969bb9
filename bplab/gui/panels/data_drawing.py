"""Where data is drawn: the classes to choose from, the tools, the board, and which points the network learns from."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bplab.data import Drawn, Split
from bplab.data.drawn import MAX_DRAWN_CLASSES, MIN_DRAWN_CLASSES, MIN_POINTS
from bplab.lab.palette import class_colour, class_marker

from ..theme import GRID, Theme
from .bar_parts import Caption
from .data_board import DrawingBoard, Tool
from .data_gestures import Point, fresh_points
from .dataset_pictures import marker

COLUMNS = 3
ICON = 14
NAME_LENGTH = 12
"""Letters of a class's name that are shown; the tooltip has all."""
_TIPS = {
    Tool.POINT: "Click to add a point, drag to move one",
    Tool.BRUSH: "Drag to scatter points of the chosen class",
    Tool.ERASER: "Drag to erase points; the right button always does",
}


class DrawingDesk(QWidget):
    """``edited`` brings the data as it was drawn, with a name for the undo menu."""

    edited = Signal(object, str)
    refused = Signal(str)
    run_asked = Signal()
    """The network is to learn from these points now."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = Drawn()
        self.board = DrawingBoard(theme)
        self.classes = ClassChooser(theme)
        self.tools = {tool: ChoiceButton(theme, tool.value, tip, f"{tool.value} tool") for tool, tip in _TIPS.items()}
        self.tools[Tool.POINT].setChecked(True)
        self.add_class = _button("+ class", "One class more to draw points of", "Add a class")
        self.remove_class = _button("− class", "", "Remove a class")
        over = "Leave one point of each class, to draw the others anew"
        self.start_over = _button("Start over", over, "Start over")
        self.said = Caption("")
        self.said.setWordWrap(True)
        self.learn = QPushButton("Learn these points")
        self.learn.setToolTip("End the run that is on and start one that learns from the points as they are now")
        self.learn.setAccessibleName("Learn these points")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._group = QButtonGroup(self)
        tools, changes = QHBoxLayout(), QHBoxLayout()
        for row in (tools, changes):
            row.setSpacing(GRID // 2)
        for tool in self.tools.values():
            self._group.addButton(tool)
            tools.addWidget(tool, 1)
        for button in (self.add_class, self.remove_class, self.start_over):
            changes.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(tools)
        column.addWidget(self.classes)
        column.addWidget(self.board)
        column.addLayout(changes)
        column.addWidget(self.said)
        column.addWidget(self.learn)

    def _connect(self) -> None:
        self._group.buttonClicked.connect(self._on_tool)
        self.classes.chosen.connect(self._on_class)
        self.board.class_asked.connect(self._on_class)
        self.board.drawn.connect(self._on_drawn)
        self.board.refused.connect(self.refused)
        self.add_class.clicked.connect(self._on_add_class)
        self.remove_class.clicked.connect(self._on_remove_class)
        self.start_over.clicked.connect(self._on_start_over)
        self.learn.clicked.connect(self.run_asked)

    def show_data(self, data: Drawn, split: Split) -> None:
        """Show these points and their classes."""
        self._data = data
        self.board.show_data(data, split)
        names = data.classes
        self.classes.show_names(names)
        self._on_class(min(self.board.chosen, len(names) - 1))
        self.add_class.setEnabled(len(names) < MAX_DRAWN_CLASSES)
        self.remove_class.setEnabled(len(names) > MIN_DRAWN_CLASSES)
        more = f"There are at most {MAX_DRAWN_CLASSES} classes"
        less = f"There are at least {MIN_DRAWN_CLASSES} classes"
        self.add_class.setToolTip("One class more to draw points of" if self.add_class.isEnabled() else more)
        last = f"Remove “{names[-1]}” with its points"
        self.remove_class.setToolTip(last if self.remove_class.isEnabled() else less)

    def show_run(self, trains: bool, learns_these: bool) -> None:
        """Say which points a run learns from; nothing where there is no other run than one with these."""
        if learns_these:
            text = ""
        elif trains:
            text = "The run that is on still learns from the points as they were when it began."
        else:
            text = "The next run learns from these points."
        self.said.setText(text)
        self.said.setVisible(bool(text))
        self.learn.setVisible(trains and not learns_these)

    def stops(self) -> list[QWidget]:
        """Everything the Tab key stops at, in reading order."""
        changes = (self.add_class, self.remove_class, self.start_over, self.learn)
        return [*self.tools.values(), *self.classes.buttons, self.board, *changes]

    def _on_tool(self, button: QToolButton) -> None:
        self.board.set_tool(next(tool for tool, each in self.tools.items() if each is button))

    def _on_class(self, index: int) -> None:
        self.board.chosen = index
        self.classes.show_chosen(index)

    def _on_drawn(self, points: tuple[Point, ...], label: str) -> None:
        self._edit(label, points=points)

    def _on_add_class(self) -> None:
        names = self._data.classes
        free = (f"class {number}" for number in range(len(names) + 1, 2 * MAX_DRAWN_CLASSES + 2))
        name = next(name for name in free if name not in names)
        self.board.chosen = len(names)
        self._edit("Add a class", classes=(*names, name))

    def _on_remove_class(self) -> None:
        names = self._data.classes[:-1]
        points = tuple(point for point in self._data.points if point[2] < len(names))
        if len(points) < MIN_POINTS:
            points = fresh_points(len(names))
        self._edit("Remove a class", classes=names, points=points)

    def _on_start_over(self) -> None:
        self._edit("Start over", points=fresh_points(len(self._data.classes)))

    def _edit(self, label: str, **changes: Any) -> None:
        self.edited.emit(msgspec.structs.replace(self._data, **changes), label)


class ChoiceButton(QToolButton):
    """One of several buttons of which one is down, and ringed."""

    def __init__(self, theme: Theme, text: str, tip: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        _set_up(self, text, tip, name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ring is what shows it on both grounds."""
        super().paintEvent(event)
        if self.isChecked():
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(self._theme.colours.accent), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)


class ClassChooser(QWidget):
    """A button for each class with its colour, its marker and its name: the legend of the board, too."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.buttons: list[QToolButton] = []
        self._names: tuple[str, ...] = ()
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID // 2)
        self._group.buttonClicked.connect(self._on_clicked)

    def show_names(self, names: tuple[str, ...]) -> None:
        """These are the classes; buttons stay as long as they can, so that none loses the focus."""
        while len(self.buttons) < len(names):
            self._append(len(self.buttons))
        while len(self.buttons) > len(names):
            gone = self.buttons.pop()
            self._group.removeButton(gone)
            gone.hide()
            gone.deleteLater()
        columns = len(names) if len(names) < COLUMNS else COLUMNS if len(names) != 4 else 2
        for index, (button, name) in enumerate(zip(self.buttons, names, strict=True)):
            self._grid.addWidget(button, *divmod(index, columns))
            room = button.fontMetrics().horizontalAdvance("x" * NAME_LENGTH)
            button.setText(button.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room))
            button.setToolTip(f"Draw points of “{name}” ({index + 1})")
            button.setAccessibleName(f"Draw points of {name}")
        self._names = names

    def show_chosen(self, index: int) -> None:
        """Mark the class that is drawn."""
        self.buttons[index].setChecked(True)

    def _append(self, index: int) -> None:
        button = ChoiceButton(self._theme, "", "", "")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(class_icon(index))
        button.setIconSize(QSize(ICON, ICON))
        self._group.addButton(button)
        self.buttons.append(button)

    def _on_clicked(self, button: QToolButton) -> None:
        self.chosen.emit(self.buttons.index(button))


def class_icon(index: int) -> QIcon:
    """The marker of a class in its colour."""
    made = QIcon()
    for ratio in (1, 2, 3):
        pixmap = QPixmap(ICON * ratio, ICON * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(class_colour(index)))
            painter.drawPath(marker(class_marker(index), 10.0 * ratio).translated(ICON * ratio / 2, ICON * ratio / 2))
        made.addPixmap(pixmap)
    return made


def _button(text: str, tip: str, name: str) -> QToolButton:
    """A button as wide as there is room; a click leaves the space bar to Play."""
    button = QToolButton()
    _set_up(button, text, tip, name)
    return button


def _set_up(button: QToolButton, text: str, tip: str, name: str) -> None:
    button.setText(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

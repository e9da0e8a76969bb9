"""The command palette: a line to type in, and below it every command that answers, for the keyboard alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from .commands import Command
from .fuzzy import Match, match
from .theme import GRID

WIDTH, ROWS = 78 * GRID, 12
_COMMAND, _PLACES = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_WALKS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
Index = QModelIndex | QPersistentModelIndex


def found(query: str, commands: Sequence[Command]) -> list[tuple[Command, Match]]:
    """The commands that answer ``query``, best first; of equals what can be done now, then in the order given.

    A command is found by its title, and less well by the menu where it stands.
    """
    answers = []
    for command in commands:
        title = match(query, command.title)
        whole = title or match(query, f"{command.title} {command.place}")
        if whole is not None:
            inside = tuple(place for place in whole.places if place < len(command.title))
            answers.append((command, Match(whole.score + (0.5 if title else 0.0), inside)))
    return sorted(answers, key=lambda answer: (-answer[1].score, bool(answer[0].why_not))) if query.split() else answers


class CommandList(QAbstractListModel):
    """The commands that answer what is typed."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = list(commands)
        self._shown = found("", self._commands)

    def search(self, query: str) -> None:
        """Show what answers ``query``."""
        self.beginResetModel()
        self._shown = found(query, self._commands)
        self.endResetModel()

    def command(self, row: int) -> Command:
        """The command in a row."""
        return self._shown[row][0]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        command, matched = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (command.title, command.place, command.keys, command.why_not)))
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return command.why_not or command.tip
            case _ if role == _COMMAND:
                return command
            case _ if role == _PLACES:
                return matched.places
        return None


class CommandRow(QStyledItemDelegate):
    """A command in a line: a tick if it is on, its title with the letters that were found, its place, its keys."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Three half grid steps of air."""
        return QSize(0, QFontMetrics(option.font).height() + 3 * GRID // 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """From left to right."""
        command: Command = index.data(_COMMAND)
        role, chosen = QPalette.ColorRole, bool(option.state & QStyle.StateFlag.State_Selected)
        text = option.palette.color(role.HighlightedText if chosen else role.Text)
        quiet = text if chosen else option.palette.color(role.PlaceholderText)
        if chosen:
            painter.fillRect(option.rect, option.palette.color(role.Highlight))
        line = option.rect.adjusted(GRID, 0, -GRID, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        painter.setPen(text)
        if command.is_on:
            painter.drawText(line, middle, "✓")
        line.setLeft(line.left() + 2 * GRID)
        painter.setPen(quiet if command.why_not else text)
        line.setLeft(_draw_title(painter, line, command.title, index.data(_PLACES)) + 2 * GRID)
        painter.setPen(quiet)
        last = command.why_not or command.keys
        wide = min(painter.fontMetrics().horizontalAdvance(last), max(0, line.width() - 12 * GRID))
        right = QRect(line.right() - wide, line.top(), wide + 1, line.height())
        painter.drawText(right, middle | Qt.AlignmentFlag.AlignRight, _elided(painter, last, wide))
        line.setRight(right.left() - 2 * GRID)
        painter.drawText(line, middle, _elided(painter, command.place, line.width()))


def _elided(painter: QPainter, text: str, wide: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, wide) + 1)


def _draw_title(painter: QPainter, line: QRect, title: str, places: tuple[int, ...]) -> int:
    """The title with the letters at ``places`` in bold; returns where it ends."""
    plain, strong = QFont(painter.font()), QFont(painter.font())
    strong.setWeight(QFont.Weight.Bold)
    left = line.left()
    for part, bold in _parts(title, set(places)):
        painter.setFont(strong if bold else plain)
        line.setLeft(left)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, part)
        left += painter.fontMetrics().horizontalAdvance(part)
    painter.setFont(plain)
    return left


def _parts(title: str, places: set[int]) -> list[tuple[str, bool]]:
    """Stretches of letters that are all found, or all not."""
    parts: list[tuple[str, bool]] = []
    for index, letter in enumerate(title):
        bold = index in places
        if parts and parts[-1][1] is bold:
            parts[-1] = (parts[-1][0] + letter, bold)
        else:
            parts.append((letter, bold))
    return parts


class SearchLine(QLineEdit):
    """A line to type in whose up and down keys walk in a list below it."""

    def __init__(self, below: QListView) -> None:
        super().__init__()
        self._below = below

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, or type."""
        if event.key() in _WALKS:
            QCoreApplication.sendEvent(self._below, event)
        else:
            super().keyPressEvent(event)


class CommandPalette(QDialog):
    """Type a few letters, walk with the arrow keys, do it with Enter, leave with Esc."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle("Commands")
        self.setModal(True)
        self.list, self.model, self.hint = QListView(), CommandList(commands, self), QLabel()
        self.line = SearchLine(self.list)
        self._chosen: Command | None = None
        self._lay_out()
        self.line.textChanged.connect(self._on_typed)
        self.line.returnPressed.connect(self._on_enter)
        self.list.clicked.connect(self._on_enter)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.finished.connect(self._on_finished)
        self._on_typed("")

    def _lay_out(self) -> None:
        self.line.setPlaceholderText("Type what you want to do")
        self.line.setAccessibleName("Search commands")
        self.line.setToolTip("Letters of a command, in their order: ‘rwns’ finds Reset with new seed")
        self.line.setClearButtonEnabled(False)
        self.list.setModel(self.model)
        self.list.setItemDelegate(CommandRow(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands found")
        self.list.setToolTip("Commands that answer what is typed; Enter does the one selected")
        row = self.fontMetrics().height() + 3 * GRID // 2
        self.list.setFixedHeight(ROWS * row)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.hint.setFixedHeight(self.fontMetrics().height() + GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        for part in (self.line, self.list, self.hint):
            column.addWidget(part)

    def open_over(self, window: QWidget) -> None:
        """Show near the top of ``window``, in its middle."""
        self.resize(min(WIDTH * self.fontMetrics().height() // 15, window.width() - 4 * GRID), self.sizeHint().height())
        across = (window.width() - self.width()) // 2
        self.move(window.mapToGlobal(QPoint(across, min(10 * GRID, max(0, window.height() - self.height())))))
        self.show()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def current(self) -> Command | None:
        """The command that Enter does."""
        index = self.list.currentIndex()
        return self.model.command(index.row()) if index.isValid() else None

    def changeEvent(self, event: QEvent) -> None:
        """A click elsewhere leaves it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.reject()

    def _on_typed(self, query: str) -> None:
        self.model.search(query)
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))
        else:
            self.hint.setText("No command is called so")

    def _on_current_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            command = self.model.command(index.row())
            text = command.why_not or command.tip
            self.hint.setText(text.partition("\n")[0])
            self.hint.setToolTip(text)

    def _on_enter(self) -> None:
        """Do it, unless it cannot be done now: then the reason stays on view."""
        command = self.current()
        if command is not None and not command.why_not:
            self._chosen = command
            self.accept()

    def _on_finished(self) -> None:
        """Only when this dialog is closed: what is done may open another, or close the window."""
        chosen, self._chosen = self._chosen, None
        self.deleteLater()
        if chosen is not None:
            chosen.do()

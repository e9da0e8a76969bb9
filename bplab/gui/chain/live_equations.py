"""Equations whose numbers change while the network trains: one below the other, broken to the width there is, to be
copied as text, as LaTeX or as a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..theme import GRID, Theme
from .atoms import Atom, atoms_of
from .lines import Row, rows_of
from .typeset import is_set, paint_piece, prepare

LARGER, LEADING, EDGE = 1.3, 0.32, 2.0
"""Size of the equations against the text around them; space between lines, and around all."""
AT_A_TIME = 0.012
"""Seconds that are spent on typesetting before the window may draw again."""
SHARPNESS = 3.0
"""Pixels of a copied picture for one of the screen."""


@dataclass(frozen=True, slots=True)
class Line:
    """One equation: LaTeX, the same as plain text, and whether it begins a new group."""

    latex: str
    plain: str
    begins: bool = False


class LiveEquations(QWidget):
    """Shows lines of LaTeX; new ones appear when all of them are typeset, and the old ones stay until then."""

    shown = Signal()
    """New lines are typeset and drawn from now on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Line, ...] = ()
        self._wanted: tuple[Line, ...] = ()
        self._atoms: list[list[Atom]] = []
        self._rows: list[tuple[Row, Line]] = []
        self._tallest = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        self.setObjectName("equations")
        self.setAccessibleName("Equations")
        self.setToolTip("The chain rule with symbols, and with the numbers of this step; Ctrl+C copies it")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.copy_text = self._action("Copy equations as text", "The equations as plain text", self._on_copy_text)
        self.copy_latex = self._action("Copy equations as LaTeX", "The equations as LaTeX", self._on_copy_latex)
        self.copy_picture = self._action(
            "Copy equations as picture", "The equations as they are", self._on_copy_picture
        )
        self.copy_text.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_text.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        theme.changed.connect(self.update)

    def _action(self, text: str, tip: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    # -- what is shown ----------------------------------------------------------------------------------

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is drawn."""
        return self._lines

    @property
    def is_ready(self) -> bool:
        """True if all that was given last is drawn."""
        return self._lines == self._wanted

    def show_lines(self, lines: Sequence[Line], *, keep_height: bool = False) -> None:
        """Show other equations; with ``keep_height`` the view does not get lower, so that changing numbers move nothing
        below it.
        """
        self._wanted = tuple(lines)
        if not keep_height:
            self._tallest = 0
        if self._wanted != self._lines:
            self._go_on()

    def _go_on(self) -> None:
        """Typeset what is missing, for a moment; what is more comes after the window has drawn."""
        begun = perf_counter()
        atoms = [atoms_of(line.latex) for line in self._wanted]
        for piece in {atom.latex for line in atoms for atom in line if not is_set(atom.latex)}:
            if perf_counter() - begun > AT_A_TIME:
                self._timer.start(0)
                return
            prepare(piece)
        self._lines, self._atoms = self._wanted, atoms
        self.setAccessibleDescription("\n".join(line.plain for line in self._lines))
        self._arrange()
        self.shown.emit()

    def _arrange(self) -> None:
        before = self._tallest
        width = max(self.width() - 2 * EDGE, 40.0) / self._size
        self._rows = [
            (row, line) for line, atoms in zip(self._lines, self._atoms, strict=True) for row in rows_of(atoms, width)
        ]
        self._tallest = max(self._tallest, self._height())
        if self._tallest != before or self._tallest != self.minimumHeight():
            self.setFixedHeight(self._tallest)
        self.update()

    @property
    def _size(self) -> float:
        """Pixels of the equations' font."""
        return LARGER * QFontMetricsF(self.font()).height() * 0.8

    def _height(self) -> int:
        size = self._size
        groups = sum(line.begins for line in self._lines)
        rows = sum(row.ascent + row.descent + LEADING for row, _ in self._rows)
        return round(size * rows + groups * GRID + 2 * EDGE)

    # -- painting ---------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As tall as its lines."""
        return QSize(30 * GRID, max(self._tallest, 4 * GRID))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(15 * GRID, max(self._tallest, 4 * GRID))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines, and the mark of the focus."""
        with QPainter(self) as painter:
            self.paint_lines(painter)
            if self.hasFocus():
                painter.setPen(QPen(QColor(self._theme.colours.accent), 1.0, Qt.PenStyle.DotLine))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def paint_lines(self, painter: QPainter) -> None:
        """Draw all lines from the top left corner."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, size, ratio = QColor(self._theme.colours.text), self._size, self.devicePixelRatioF()
        room = max(self.width() - 2 * EDGE, 40.0)
        y, last = EDGE, None
        for row, line in self._rows:
            if line.begins and line is not last:
                y += GRID
            last = line
            own = size * min(1.0, room / (row.width * size)) if row.width else size
            baseline = round((y + size * row.ascent) * ratio) / ratio
            for piece in row.pieces:
                paint_piece(painter, piece.latex, QPointF(EDGE + own * piece.x, baseline), own, colour)
            y += size * (row.ascent + row.descent + LEADING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._tallest = 0
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._tallest = 0
            self._arrange()

    # -- copying ----------------------------------------------------------------------------------------

    def picture(self) -> QImage:
        """The equations on the ground of the present theme, sharp enough for a page."""
        wide = max((EDGE + self._size * row.width for row, _ in self._rows), default=1.0)
        room = QRect(0, 0, min(round(wide + EDGE), self.width()) + 2 * GRID, self._height() + 2 * GRID)
        image = QImage(room.size() * SHARPNESS, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        image.fill(QColor(self._theme.colours.ground))
        with QPainter(image) as painter:
            painter.translate(GRID, GRID)
            self.paint_lines(painter)
        return image

    def _on_copy_text(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(line.plain for line in self._lines))

    def _on_copy_latex(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(rf"\[ {line.latex} \]" for line in self._lines))

    def _on_copy_picture(self) -> None:
        QGuiApplication.clipboard().setImage(self.picture())

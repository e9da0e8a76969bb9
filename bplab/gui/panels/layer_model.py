"""The layer table's model: a row for each layer of the session's experiment, read and changed through columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from bplab.engine import InputError

from ..session import Session
from ..theme import Theme
from .layer_columns import COLUMNS, Cell, LayerColumn, cells_of, is_needed

Index = QModelIndex | QPersistentModelIndex
Role, Flag = Qt.ItemDataRole, Qt.ItemFlag
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
GAP = "\u2002"
"""Behind what is set flush right: else it would touch the next column."""
SWATCH = 16
YES_OR_NO = {"yes": Qt.CheckState.Checked, "no": Qt.CheckState.Unchecked}


def swatch(colour: QColor, edge: QColor) -> QIcon:
    """A square of a colour, the same in a selected row, where its edge sets it off."""
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(edge)
    with QPainter(picture) as painter:
        painter.fillRect(1, 1, SWATCH - 2, SWATCH - 2, colour)
    made = QIcon(picture)
    made.addPixmap(picture, QIcon.Mode.Selected)
    return made


class LayerTableModel(QAbstractTableModel):
    """What is set through :meth:`setData` is one undo step, or refused by the session in a sentence."""

    def __init__(self, session: Session, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._cells: list[Cell] = []
        self._swatches: list[QIcon] = []

    def follow(self) -> None:
        """Show the experiment as it is now."""
        cells = cells_of(self._session.experiment)
        as_many = len(cells) == len(self._cells)
        if not as_many:
            self.beginResetModel()
        self._cells = cells
        edge = QColor(self._theme.colours.ground)
        self._swatches = [swatch(colour, edge) for colour in self._theme.layer_colours(len(cells))]
        if as_many:
            self.dataChanged.emit(self.index(0, 0), self.index(len(cells) - 1, len(COLUMNS) - 1))
        else:
            self.endResetModel()

    def cell(self, index: Index) -> tuple[LayerColumn, Cell]:
        """Column and layer of an index."""
        return COLUMNS[index.column()], self._cells[index.row()]

    def needed(self, column: int) -> bool:
        """True if some layer has what the column shows."""
        return is_needed(COLUMNS[column], self._cells)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Layers."""
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Columns, those of images among them."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What can be changed here can be edited; yes and no are ticked."""
        column, cell = self.cell(index)
        found = Flag.ItemIsEnabled | Flag.ItemIsSelectable | Flag.ItemNeverHasChildren
        if column.is_switch(cell):
            return found | Flag.ItemIsUserCheckable
        return found if column.refusal(cell) else found | Flag.ItemIsEditable

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Texts, ticks, the layer's colour, and each cell in words for a screen reader."""
        column, cell = self.cell(index)
        if role == Role.DisplayRole:
            return None if column.is_switch(cell) else column.shown(cell)
        if role == Role.EditRole:
            return None if column.refusal(cell) else column.present(cell)
        if role == Role.CheckStateRole:
            return YES_OR_NO[column.shown(cell)] if column.is_switch(cell) else None
        if role == Role.TextAlignmentRole:
            return int(ALIGN_RIGHT if column.number else ALIGN_LEFT)
        if role == Role.DecorationRole and index.column() == 0:
            return self._swatches[index.row()]
        if role == Role.ForegroundRole and column.refusal(cell) and index.column():
            return QColor(self._theme.colours.quiet)
        if role == Role.AccessibleTextRole:
            return f"{column.name(cell)}: {column.shown(cell)}" if index.column() else column.shown(cell)
        if role in (Role.ToolTipRole, Role.AccessibleDescriptionRole):
            return self._explained(column, cell)
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Change a layer; False if that is refused, or nothing is changed by it."""
        column, cell = self.cell(index)
        if role == Role.CheckStateRole:
            value = Qt.CheckState(value) == Qt.CheckState.Checked
        elif role != Role.EditRole:
            return False
        try:
            experiment, label = column.changed(cell, value)
        except InputError as error:
            self._session.refused.emit(str(error))
            return False
        return self._session.edit(experiment, label)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Titles with what they mean."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Role.DisplayRole:
                return COLUMNS[section].title + GAP * COLUMNS[section].number
            if role in (Role.ToolTipRole, Role.AccessibleDescriptionRole):
                return COLUMNS[section].tip
            if role == Role.TextAlignmentRole:
                return int(ALIGN_RIGHT if COLUMNS[section].number else ALIGN_LEFT)
        return None

    def _explained(self, column: LayerColumn, cell: Cell) -> str:
        refusal = "" if column.is_switch(cell) else column.refusal(cell)
        return f"{column.tip}. {refusal}" if refusal else column.tip

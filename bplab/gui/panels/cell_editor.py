"""Editing in a cell: the editors of the forms over a cell of a table, with Enter, Tab and Escape as in a sheet.

What is done in the editor counts when it is left, all of it as one change. Below a choice stand the parameters of
what is chosen, so that the editor may be larger than its cell.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QApplication,
    QComboBox,
    QFrame,
    QLineEdit,
    QSlider,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ..actions import take_typed_number
from ..canvas.layer_edits import LayerEdits
from ..editors import Editor
from ..forms import ChoiceEditor
from ..session import Session
from ..theme import GRID
from .layer_columns import KIND
from .layer_model import GAP, LayerTableModel

Index = QModelIndex | QPersistentModelIndex
Hint = QAbstractItemDelegate.EndEditHint
HAS_FOCUS = QStyle.StateFlag.State_HasFocus
PARAMETERS_WIDTH = 30 * GRID


class CellEditor(QFrame):
    """Holds an editor and what was last done in it."""

    def __init__(self, editor: Editor, delegate: CellDelegate, cell: QRect, cells: QWidget) -> None:
        """``cell`` is its place among the ``cells``; the editor lies over their window, which has room enough."""
        super().__init__(cells.window())
        self._editor, self._delegate, self._cell, self._cells = editor, delegate, cell, cells
        self.value: Any = None
        self.changed = self._left = False
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        self._column = column
        column.addWidget(editor)
        if isinstance(editor, ChoiceEditor):
            column.addWidget(editor.below)
        column.addStretch(1)
        fields = [control for control in editor.controls() if not isinstance(control, QSlider)]
        self._first = fields[0]
        self.setFocusProxy(self._first)
        editor.edited.connect(self._on_edited)
        editor.refused.connect(delegate.session.refused)

    def show_value(self, value: Any) -> None:
        """Begin with ``value``."""
        self.value, self.changed = value, False
        self._editor.show_value(value)
        self.place()
        field = self._first
        line = field if isinstance(field, QLineEdit) else field.findChild(QLineEdit)
        if line is not None and not isinstance(field, QComboBox):
            line.selectAll()

    def move_to(self, cell: QRect) -> None:
        """The cell is there now."""
        self._cell = cell
        self.place()

    def place(self) -> None:
        """Over the cell and as much more as is needed, within the window."""
        window = self._cells.window()
        room, wanted = window.rect(), self.sizeHint()
        has_more = isinstance(self._editor, ChoiceEditor) and not self._editor.below.isHidden()
        wide = max(self._cell.width(), PARAMETERS_WIDTH if has_more else wanted.width())
        place = QRect(self._cells.mapTo(window, self._cell.topLeft()), wanted)
        place.setWidth(min(wide, room.width()))
        place.setHeight(max(self._cell.height(), wanted.height()))
        place.moveRight(min(place.right(), room.right()))
        place.moveBottom(min(place.bottom(), room.bottom()))
        place.moveTo(max(place.left(), 0), max(place.top(), 0))
        self.setGeometry(place)

    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab goes through the editor's controls, and past the last on to the next cell."""
        if self.isHidden():  # its row is gone, and Qt only looks for another place for the focus
            return super().focusNextPrevChild(following)
        controls, focus = self._editor.controls(), QApplication.focusWidget()
        at = controls.index(focus) + (1 if following else -1) if focus in controls else 0
        if 0 <= at < len(controls):
            controls[at].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.leave(Hint.EditNextItem if following else Hint.EditPreviousItem)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes what was done, Escape leaves all as it was; other keys stay here."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave(Hint.NoHint)
        elif event.key() == Qt.Key.Key_Escape:
            self.leave(Hint.RevertModelCache)

    def has_focus(self) -> bool:
        """True if keys act here, or in the list of a combo box, which is a window of its own."""
        widget = QApplication.focusWidget()
        while widget is not None and widget is not self:
            widget = widget.parentWidget()
        return widget is self

    def leave(self, hint: Hint) -> None:
        """Close, and unless it is taken back hand over what was done."""
        if not self._left:
            if hint is not Hint.RevertModelCache:
                take_typed_number()
            self._left = True
            self._delegate.close(self, hint)

    def _on_edited(self, value: Any) -> None:
        self.value, self.changed = value, True
        self._editor.show_value(value)
        self._column.activate()
        self.place()


class CellDelegate(QStyledItemDelegate):
    """Makes the editor of a cell and brings what was done in it to the model."""

    def __init__(self, session: Session, edits: LayerEdits, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self._edits, self._table = session, edits, parent
        self._open: CellEditor | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room between one column and the next."""
        return super().sizeHint(option, index) + QSize(2 * GRID, 0)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Numbers end a little before the next column begins."""
        super().initStyleOption(option, index)
        if bool(option.displayAlignment & Qt.AlignmentFlag.AlignRight):
            option.text += GAP

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell, and a frame around the one on which keys act."""
        super().paint(painter, option, index)
        if bool(option.state & HAS_FOCUS):
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.HighlightedText), 1.5))
            painter.drawRect(QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """The editor that the inspector has for this."""
        column, cell = self._model(index).cell(index)
        refusals = self._edits.kind_refusals(cell.layer) if column.title == KIND else {}
        editor = column.editor(cell, refusals)
        editor.describe(column.name(cell), column.tip)
        if self._open is None:
            _application().focusChanged.connect(self._on_focus_changed)
        self._open = CellEditor(editor, self, QRect(option.rect), parent)
        return self._open

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        """It is gone, by itself or with its row."""
        self._forget(editor)
        super().destroyEditor(editor, index)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with the cell's value."""
        assert isinstance(editor, CellEditor)
        editor.show_value(index.data(Qt.ItemDataRole.EditRole))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """One change, if anything was done."""
        assert isinstance(editor, CellEditor)
        if editor.changed:
            model.setData(index, editor.value)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """It places itself."""
        if editor is self._open:
            self._open.move_to(QRect(option.rect))

    def eventFilter(self, watched: object, event: object) -> bool:
        """Keys and focus are the editor's own business."""
        return False

    def close(self, editor: CellEditor, hint: Hint) -> None:
        """Take what was done and give the cell back to the table."""
        if hint is not Hint.RevertModelCache:
            self.commitData.emit(editor)
        if editor.has_focus():  # Qt looks only at the first of the controls
            self._table.setFocus()
        self._forget(editor)
        self.closeEditor.emit(editor, hint)

    def _forget(self, editor: QWidget) -> None:
        if editor is self._open:
            self._open = None
            _application().focusChanged.disconnect(self._on_focus_changed)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        """Clicking elsewhere takes what was done."""
        editor = self._open
        if now is not None and editor is not None and editor.isVisible() and not editor.has_focus():
            editor.leave(Hint.NoHint)

    def _model(self, index: Index) -> LayerTableModel:
        model = index.model()
        assert isinstance(model, LayerTableModel)
        return model


def _application() -> QApplication:
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    return found

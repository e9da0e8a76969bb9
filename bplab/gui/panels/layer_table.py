"""The layer table: the design that the canvas draws, as a table to be read, heard and typed into."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from ..canvas.layer_actions import LayerActions
from ..canvas.layer_edits import LayerEdits, Verb
from ..session import Session
from ..theme import GRID, Theme, tabular
from .bar_parts import Caption
from .cell_editor import CellDelegate
from .layer_columns import COLUMNS
from .layer_model import LayerTableModel

KEYS = {
    Verb.ADD_NEURON: ("+",),
    Verb.REMOVE_NEURON: ("-",),
    Verb.ADD_BEFORE: ("Shift+Ins",),
    Verb.ADD_AFTER: ("Ins",),
    Verb.DUPLICATE_LAYER: ("Ctrl+D",),
    Verb.MOVE_EARLIER: ("Ctrl+Shift+Up",),
    Verb.MOVE_LATER: ("Ctrl+Shift+Down",),
    Verb.REMOVE_LAYER: ("Del",),
}
"""Letters are for typing into cells."""
HELP = "F2 or a double click edits a cell · Insert adds a layer, Delete removes it · Ctrl+Shift+↑ ↓ moves it"
BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
LEAST_ROWS = 3
Trigger = QAbstractItemView.EditTrigger


class _View(QTableView):
    """A table in which Enter edits, Space ticks and else plays, and Tab goes on to what follows."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits the cell or ticks it; Space is the window's where there is nothing to tick."""
        key, index = event.key(), self.currentIndex()
        ticks = index.isValid() and bool(index.flags() & Qt.ItemFlag.ItemIsUserCheckable)
        if key == Qt.Key.Key_Space and not ticks:
            event.ignore()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid() and not event.modifiers():
            if ticks:
                ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
                state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
                index.model().setData(index, state, Qt.ItemDataRole.CheckStateRole)
            elif index.flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(index)
        else:
            super().keyPressEvent(event)

    def fit_rows(self) -> None:
        """Rows as high as the type needs, and room for a few of them."""
        high = self.fontMetrics().height() + 10
        self.verticalHeader().setDefaultSectionSize(high)
        self.setMinimumHeight(self.horizontalHeader().sizeHint().height() + LEAST_ROWS * high)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit_rows()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Arriving by keyboard there is always a cell to begin from."""
        super().focusInEvent(event)
        if event.reason() in BY_KEY and not self.currentIndex().isValid():
            self.setCurrentIndex(self.model().index(0, 0))


class LayerTable(QWidget):
    """A row a layer. What is selected here is selected on the canvas, and the other way round."""

    layer_selected = Signal(int)
    """Another layer was chosen here; −1 for none."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._layer, self._column, self._follows = -1, 0, False
        self.edits = LayerEdits(session, self)
        self.model = LayerTableModel(session, theme, self)
        self.view = self._make_view()
        self.actions_here = LayerActions(self.edits, self.view, KEYS, Qt.ShortcutContext.WidgetShortcut)
        self.help = Caption(HELP)
        self.help.setContentsMargins(2 * GRID, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addWidget(self.view)
        column.addWidget(self.help)
        self.edits.edited.connect(self._choose)
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.view.customContextMenuRequested.connect(self._on_menu_wanted)
        session.experiment_changed.connect(self._follow)
        theme.changed.connect(self._follow)
        self._follow()

    @property
    def layer(self) -> int:
        """The selected layer, from 0; −1 for none."""
        return self._layer

    def select_layer(self, layer: int) -> None:
        """Select a layer, −1 for none; says nothing."""
        self._layer = layer if 0 <= layer < self.model.rowCount() else -1
        self._show_selection()

    def take_focus(self, shown: bool = True) -> None:
        """Let keys act here, if the table is ``shown``."""
        if shown:
            self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """What happened meanwhile is shown now."""
        super().showEvent(event)
        self._follow()

    def _make_view(self) -> _View:
        view = _View(self)
        view.setModel(self.model)
        view.setItemDelegate(CellDelegate(self._session, self.edits, view))
        view.setAccessibleName("Layers of the network")
        view.setAccessibleDescription(HELP)
        view.setFont(tabular(view.font()))
        view.setEditTriggers(Trigger.DoubleClicked | Trigger.EditKeyPressed | Trigger.AnyKeyPressed)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setTabKeyNavigation(False)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setFrameShape(QTableView.Shape.NoFrame)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(0)
        view.fit_rows()
        return view

    def _follow(self) -> None:
        if not self.isVisible() and self.model.rowCount():
            return
        self.model.follow()
        for column in range(len(COLUMNS)):
            self.view.setColumnHidden(column, not self.model.needed(column))
        self.select_layer(min(self._layer, self.model.rowCount() - 1))

    def _show_selection(self) -> None:
        """Mark the layer's row; the column stays."""
        self.actions_here.follow(self._layer)
        self._follows = True
        if self._layer < 0:
            self.view.setCurrentIndex(QModelIndex())
            self.view.clearSelection()
        elif self.view.currentIndex().row() != self._layer:
            self.view.setCurrentIndex(self.model.index(self._layer, self._column))
        self._follows = False

    def _choose(self, layer: int) -> None:
        self.select_layer(layer)
        self.layer_selected.emit(self._layer)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if self._follows or not current.isValid():
            return
        self._column = current.column()
        if current.row() != self._layer:
            self._choose(current.row())

    def _on_menu_wanted(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if index.isValid():
            self.view.setCurrentIndex(index)
        if self._layer >= 0:
            self.actions_here.menu(self.view).popup(self.view.viewport().mapToGlobal(place))

"""The sheet of keys: every shortcut as its action has it, grouped as in the menus, to search and to print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSize, Qt
from PySide6.QtGui import QAction, QFont, QPageLayout, QPageSize, QPalette, QPdfWriter, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bplab.engine import InputError
from bplab.lab.files import write_atomically

from .commands import actions_of, keys_text, plain
from .error_dialog import button_row, dialog_button
from .fuzzy import match
from .theme import GRID

TITLE = "Keyboard shortcuts"
PAGES = "PDF (*.pdf)"


@dataclass(frozen=True)
class Shortcut:
    """What a key does, and the menu or the part of the window where it does."""

    group: str
    what: str
    keys: str


WITHOUT_ACTION = (
    Shortcut("Everywhere", "Play or pause", "Space"),
    Shortcut("Everywhere", "Back to now from an earlier update; give up a fork that is prepared", "Esc"),
    Shortcut("Everywhere", "Next or previous control", "Tab, Shift+Tab"),
    Shortcut("While stepping through an update", "Next phase; at the last one, make the update", "Space or →"),
    Shortcut("While stepping through an update", "One phase back", "←"),
    Shortcut("While stepping through an update", "First phase, last phase", "Home, End"),
    Shortcut("While stepping through an update", "Leave; nothing has changed", "Esc"),
    Shortcut("In fields and pictures", "Change a number by its second digit", "↑ ↓ in a number field"),
    Shortcut("In fields and pictures", "Take back what is being typed", "Esc in a number field"),
    Shortcut("In fields and pictures", "Look at an update earlier, later", "← → on the line of time"),
    Shortcut("In fields and pictures", "Look at a row of the record earlier, later", "PgDn, PgUp on the line of time"),
    Shortcut("In fields and pictures", "Look at the start of the run, at now", "Home, End on the line of time"),
    Shortcut("In fields and pictures", "Walk among the datasets", "← → ↑ ↓ on their pictures"),
    Shortcut("In fields and pictures", "Move the cross-hair of drawn points", "← → ↑ ↓, with Shift finely"),
    Shortcut("In fields and pictures", "Add a point there, or erase it", "Space, Del on the drawing board"),
    Shortcut("In fields and pictures", "Choose the class that is drawn", "1 … 6 on the drawing board"),
    Shortcut("In fields and pictures", "Walk among layers and neurons", "← → ↑ ↓ on the network"),
    Shortcut("In fields and pictures", "Select several layers", "Shift+← → on the network"),
    Shortcut("In fields and pictures", "Set the bias of the selected neuron", "Enter on the network"),
    Shortcut("In fields and pictures", "Go on to that neuron's weights", "PgDown, PgUp in its field"),
    Shortcut("In fields and pictures", "Light up where a factor comes from", "Enter on it in Chain rule"),
    Shortcut("In fields and pictures", "Look at one image's share of the gradients", "Enter on it in Data"),
)
"""Keys of which only the widget knows that has the focus: there is no action to ask."""


def shortcuts(menus: Iterable[QMenu], window: QWidget) -> list[Shortcut]:
    """The keys of all actions: those of the menus in their order, then those of the window that are in no menu."""
    in_menus = [(place.partition(" ▸ ")[0], action) for place, action in actions_of(menus, window)]
    listed = {id(action) for _, action in in_menus}
    elsewhere = [("Elsewhere", action) for action in window.findChildren(QAction) if id(action) not in listed]
    found = [
        Shortcut(group, plain(action.text()), keys_text(action))
        for group, action in (*in_menus, *elsewhere)
        if action.shortcuts() and action.text()
    ]
    first = {(row.what, row.keys): row for row in reversed(found)}  # what also is in a menu is not listed again
    listed_once = [row for row in found if first[row.what, row.keys] is row]
    return [*WITHOUT_ACTION[:2], *listed_once, *WITHOUT_ACTION[2:]]


class ShortcutsSheet(QDialog):
    """A searchable list of shortcuts, which can be written as a page to print."""

    def __init__(self, rows: Iterable[Shortcut], folder: Path, parent: QWidget | None = None) -> None:
        """``folder`` is where the page is offered to be written."""
        super().__init__(parent)
        self.rows = list(rows)
        self._folder = folder
        self._headings: list[QTreeWidgetItem] = []
        self.setWindowTitle(TITLE)
        self.search, self.tree, self.said = QLineEdit(), QTreeWidget(), QLabel()
        self._lay_out()
        self._fill()
        self.search.textChanged.connect(self._on_typed)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search: what to do, or a key")
        self.search.setAccessibleName("Search shortcuts")
        self.search.setToolTip("Shows what contains these letters in this order")
        self.search.setClearButtonEnabled(True)
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["What it does", "Keys"])
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setAccessibleName(TITLE)
        self.tree.setToolTip("All keys that do something")
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        save = dialog_button("Save as PDF…", "Write these keys as pages to print")
        save.clicked.connect(self._on_save)
        close = dialog_button("Close", "Close this window")
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for part in (self.search, self.tree, self.said):
            column.addWidget(part)
        column.addLayout(button_row(close, save))

    def _fill(self) -> None:
        strong = QFont(self.tree.font())
        strong.setWeight(QFont.Weight.DemiBold)
        height = QSize(0, self.fontMetrics().height() + GRID)
        for group, rows in groupby(self.rows, key=lambda row: row.group):
            heading = QTreeWidgetItem(self.tree, [group])
            self._headings.append(heading)
            heading.setFont(0, strong)
            heading.setFirstColumnSpanned(True)
            heading.setSizeHint(0, height + QSize(0, GRID))
            for row in rows:
                item = QTreeWidgetItem(heading, [row.what, row.keys])
                for column, text in enumerate((row.what, row.keys)):
                    room = self.tree.fontMetrics().horizontalAdvance(text) + 2 * GRID
                    item.setSizeHint(column, height + QSize(room, 0))
        self.tree.expandAll()
        wide = sum(self.tree.sizeHintForColumn(column) for column in range(2))
        self.resize(wide + 14 * GRID, 46 * self.fontMetrics().height())
        self._on_typed("")

    def _on_typed(self, query: str) -> None:
        """Hide what does not answer, and groups of which nothing is left."""
        left = 0
        for heading in self._headings:
            items = [heading.child(row) for row in range(heading.childCount())]
            for item in items:
                item.setHidden(match(query, f"{item.text(0)} {item.text(1)} {heading.text(0)}") is None)
            shown = sum(not item.isHidden() for item in items)
            heading.setHidden(not shown)
            left += shown
        self.said.setText(f"{left} shortcut{'s' * (left != 1)}" if left else "No shortcut answers that")

    def _on_save(self) -> None:
        proposed = str(self._folder / "bplab-shortcuts.pdf")
        chosen, _ = QFileDialog.getSaveFileName(self, "Save as PDF", proposed, PAGES)
        if chosen:
            path = Path(chosen)
            try:
                write_pages(path, self.rows)
            except InputError as error:
                self.said.setText(f"{error}.")
            else:
                self.said.setText(f"The shortcuts are written: {path}")


def write_pages(path: Path, rows: Iterable[Shortcut]) -> None:
    """The shortcuts as a PDF; ``InputError`` if it cannot be written."""
    document, buffer = QTextDocument(), QBuffer()
    document.setHtml(as_html(rows))
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(f"bplab: {TITLE.lower()}")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(18, 18, 18, 18), QPageLayout.Unit.Millimeter)
    document.print_(writer)
    del writer  # it writes the end of the file
    write_atomically(path, bytes(buffer.data().data()))


def as_html(rows: Iterable[Shortcut]) -> str:
    """A table with a heading for each group."""
    parts = [f"<h2>bplab: {TITLE.lower()}</h2>", "<table cellpadding='3' width='100%'>"]
    for group, members in groupby(rows, key=lambda row: row.group):
        parts.append(f"<tr><td colspan='2'><b>{escape(group)}</b></td></tr>")
        parts += [f"<tr><td>{escape(row.what)}</td><td>{escape(row.keys)}</td></tr>" for row in members]
    return "".join([*parts, "</table>"])

"""The layers as a table of numbers: what the plots draw, to be read, copied and spoken by a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QColor, QKeySequence, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QVBoxLayout, QWidget

from bplab.engine.probes import Reading
from bplab.gui.numbers import percent_text, short_text
from bplab.gui.row_on_view import row_on_view
from bplab.gui.session import Session
from bplab.gui.theme import Theme, tabular
from bplab.lab.layer_words import has_activation, has_weights, size_text
from bplab.lab.problem import layer_names

READ_EVERY = 6
"""While a run trains, numbers change with every sixth redraw: faster they cannot be read."""
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class LayerRow:
    """A layer with its numbers; ``update_ratio`` is None before the first update."""

    name: str
    units: str
    activation: str
    delta_rms: float
    weight_gradient_rms: float | None
    """None where the layer has no weights."""
    saturation: float | None
    """None where nothing can saturate."""
    dead: int
    update_ratio: float | None


@dataclass(frozen=True)
class Heading:
    """A column: what stands above it, what that means, and a row's text."""

    text: str
    tip: str
    cell: Callable[[LayerRow], str]

    def lines(self) -> str:
        """The text in two lines where it has a unit or a divisor: numbers are narrower than their headings."""
        return self.text.replace(" RMS", "\nRMS").replace(" ÷", "\n÷")


HEADINGS = (
    Heading("layer", "First hidden layer first, output layer last", lambda row: row.name),
    Heading("activation", "f in a = f(z), or what the layer does", lambda row: row.activation),
    Heading("units", "Neurons in the layer; for images maps × rows × columns", lambda row: row.units),
    Heading("δ RMS", "δ = ∂C/∂z, the error that reaches the layer: RMS over neurons and probe samples",
            lambda row: short_text(row.delta_rms)),
    Heading("∂C/∂W RMS", "∂C/∂W = a_in · δ, what the weights are told: RMS over the layer's weights",
            lambda row: short_text(row.weight_gradient_rms)),
    Heading("saturated", "Share of neurons and probe samples with |f'| below 5 % of its maximum",
            lambda row: percent_text(row.saturation)),
    Heading("dead", "Neurons with f' = 0 on every probe sample",
            lambda row: "–" if row.saturation is None else f"{row.dead:,}"),
    Heading("|ΔW| ÷ |W|", "Size of the last recorded update against the weights; healthy training is near 1e-3",
            lambda row: short_text(row.update_ratio)),
)  # fmt: skip


def _alignment(heading: Heading) -> int:
    """Words begin below each other, numbers end below each other."""
    return int(ALIGN_LEFT if heading.text in ("layer", "activation") else ALIGN_RIGHT)


class LayerModel(QAbstractTableModel):
    """The rows of the table."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LayerRow] = []
        self._colours: list[QColor] = []
        self._warning = QColor()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Layers."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Headings."""
        return 0 if parent.isValid() else len(HEADINGS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, the layer's colour, dead neurons as a warning."""
        row, heading = self._rows[index.row()], HEADINGS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return heading.cell(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(heading)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._colours[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole and heading.text == "dead" and row.dead:
            return self._warning
        if role == Qt.ItemDataRole.ToolTipRole:
            return heading.tip
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings with their meaning."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADINGS[section].lines()
            if role == Qt.ItemDataRole.ToolTipRole:
                return HEADINGS[section].tip
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(HEADINGS[section])
        return None

    def show_rows(self, rows: list[LayerRow], colours: list[QColor], warning: QColor) -> None:
        """Show these; the table stays as it is where only numbers have changed."""
        same = len(rows) == len(self._rows)
        if not same:
            self.beginResetModel()
        self._rows, self._colours, self._warning = rows, colours, warning
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(HEADINGS) - 1))

    def table(self) -> list[list[str]]:
        """Headings and cells as texts."""
        return [[heading.text for heading in HEADINGS], *([h.cell(row) for h in HEADINGS] for row in self._rows)]


class LayerNumbers(QWidget):
    """The network on view, layer by layer."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._beat = 0
        self._shown: tuple[object, ...] = ()
        self.model = LayerModel(self)
        self.table = self._make_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        session.ticked.connect(self.refresh)
        session.run_changed.connect(self.refresh)
        session.experiment_changed.connect(self.refresh)
        theme.changed.connect(self._on_theme_changed)

    def refresh(self) -> None:
        """Show the numbers of the moment, if anyone can see them."""
        if not self.isVisible() or self.window().isMinimized():
            return
        self._beat = (self._beat + 1) % READ_EVERY
        if self._session.is_training and self._beat and self._shown:
            return
        session = self._session
        record = session.record if session.run_is_on_view else None
        version = record.version if record is not None and session.past is None else -1
        shown = (session.live, session.live.updates, record, version)
        if shown != self._shown:
            self._shown = shown
            self._show()

    def copy(self) -> None:
        """Put the table on the clipboard, ready for a spreadsheet."""
        QApplication.clipboard().setText("\n".join("\t".join(cells) for cells in self.model.table()))

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while nobody looked is shown now."""
        super().showEvent(event)
        self._shown = ()
        self.refresh()

    def _show(self) -> None:
        rows = layer_rows(self._session)
        self.model.show_rows(rows, self._theme.layer_colours(len(rows)), QColor(self._theme.colours.warning))

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName("Numbers of each layer")
        font = tabular(table.font())
        font.setPointSizeF(max(6.0, 0.85 * font.pointSizeF()))
        for part in (table, table.horizontalHeader()):
            part.setFont(font)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)  # the arrow keys go from cell to cell; Tab goes on to what follows
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(0)
        copy = QAction("Copy table", table)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        table.addAction(copy)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return table

    def _on_theme_changed(self) -> None:
        self._shown = ()
        self.refresh()


def layer_rows(session: Session) -> list[LayerRow]:
    """The network on view: from the record's row where there is one of it, else measured on its probe batch."""
    network = session.live.network
    record, row = session.record, row_on_view(session)
    ratios: list[float | None] = [None] * len(network.layers)
    if record is not None and row is not None:
        delta, gradient, dead, saturated, ratio = record.values_at(
            row, "delta_rms", "weight_gradient_rms", "dead", "saturated", "update_ratio"
        )
        shares: Floats = record.layer_means(saturated[None])[0]
        if row > 0:
            ratios = ratio.tolist()
    else:
        reading: Reading = session.live.reading
        delta, gradient, dead = reading.delta_rms, reading.weight_gradient_rms, reading.dead
        shares = np.array([session.live.saturation(layer).mean() for layer in range(len(network.layers))])
    return [
        LayerRow(
            name=name,
            units=size_text(place),
            activation=place.layer.in_brief(),
            delta_rms=float(delta[at]),
            weight_gradient_rms=float(gradient[at]) if has_weights(place.layer) else None,
            saturation=float(shares[at]) if has_activation(place.layer) else None,
            dead=int(dead[at]),
            update_ratio=ratios[at] if has_weights(place.layer) else None,
        )
        for at, (name, place) in enumerate(zip(layer_names(network.layers), network.places, strict=True))
    ]

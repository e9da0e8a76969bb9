"""The menu of a plot: take it away as a picture or as numbers, hold it, and choose how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from bplab.engine import InputError
from bplab.lab.files import write_atomically

from .export import csv_text, picture, png_bytes, svg_bytes

if TYPE_CHECKING:
    from .plot_frame import PlotFrame


SMOOTHINGS = (("No smoothing", 0.0), ("Means over 1 % of the run", 0.01), ("Means over 5 % of the run", 0.05))
"""Names, and the share of the shown rows over which a point of a curve is the mean."""


class PlotMenu(QMenu):
    """Opened by a right click on the plot, and by its ⋯ button."""

    def __init__(self, plot: PlotFrame) -> None:
        super().__init__(plot)
        self._plot = plot
        self.setToolTipsVisible(True)
        self._taking = [
            self.addAction("Copy picture", self.copy_picture),
            self.addAction("Save as PNG…", self._on_save_png),
            self.addAction("Save as SVG…", self._on_save_svg),
            self.addAction("Save numbers as CSV…", self._on_save_csv),
        ]
        self.addSeparator()
        self.pause_action = self._switch("Pause this plot", plot.set_paused)
        self.smoothing_actions: list[QAction] = []
        self._set_smoothing: Callable[[float], None] | None = None
        self.aboutToShow.connect(self.update_actions)

    def add_whole(self, show_whole: Callable[[], None]) -> None:
        """Offer the whole run."""
        self.addAction("Show the whole run", show_whole)

    def add_log(self, text: str, checked: bool, chosen: Callable[[bool], None]) -> QAction:
        """Offer another axis, by a switch."""
        return self._switch(text, chosen, checked)

    def add_smoothing(self, chosen: Callable[[float], None]) -> None:
        """Offer smoothing of the curves; ``chosen`` gets the share of the rows for a mean."""
        submenu, self._set_smoothing = self.addMenu("Smoothing"), chosen
        group = QActionGroup(submenu)
        for text, share in SMOOTHINGS:
            action = submenu.addAction(text)
            action.setCheckable(True)
            action.setChecked(not share)
            action.setData(share)
            group.addAction(action)
            self.smoothing_actions.append(action)
        group.triggered.connect(self._on_smoothing)

    def refuse(self, text: str, reason: str) -> None:
        """Show what other plots offer and this one cannot: greyed out, with the reason as its tooltip."""
        action = self.addAction(text)
        action.setEnabled(False)
        action.setToolTip(reason)
        action.setStatusTip(reason)

    def update_actions(self) -> None:
        """What can be done now is enabled."""
        anything = bool(self._plot.table())
        for action in self._taking:
            action.setEnabled(anything)

    def _switch(self, text: str, chosen: Callable[[bool], None], checked: bool = False) -> QAction:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
        action.toggled.connect(chosen)
        return action

    def _on_smoothing(self, action: QAction) -> None:
        if self._set_smoothing is not None:
            self._set_smoothing(float(action.data()))

    def copy_picture(self) -> None:
        """Put a picture of the plot on the clipboard."""
        plot = self._plot
        QApplication.clipboard().setImage(picture(plot.draw_picture, plot.size()))

    def save_to(self, path: Path) -> None:
        """Save the plot as the ending of ``path`` says; what hinders it is said by the session's ``refused``."""
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            write_atomically(path, self._contents(path))
        except InputError as error:
            self._plot.session.refused.emit(str(error))
        finally:
            QApplication.restoreOverrideCursor()

    def _contents(self, path: Path) -> bytes | str:
        plot, ending = self._plot, path.suffix.lower()
        if ending == ".png":
            return png_bytes(plot.draw_picture, plot.size())
        if ending == ".svg":
            return svg_bytes(plot.draw_drawing, plot.size(), plot.title, plot.logicalDpiX())
        if ending == ".csv":
            return csv_text(plot.table())
        raise InputError(f"{path.name}: a plot is saved as .png, .svg or .csv")

    def _ask_and_save(self, ending: str, kind: str) -> None:
        plot = self._plot
        name = re.sub(r'[\\/:*?"<>|]', "-", f"{plot.shown_experiment().name} {plot.title.lower()}").strip()
        chosen, _ = QFileDialog.getSaveFileName(plot, f"Save {kind}", f"{name}.{ending}", f"{kind} (*.{ending})")
        if chosen:
            path = Path(chosen)
            self.save_to(path if path.suffix.lower() == f".{ending}" else path.with_name(f"{path.name}.{ending}"))

    def _on_save_png(self) -> None:
        self._ask_and_save("png", "PNG image")

    def _on_save_svg(self) -> None:
        self._ask_and_save("svg", "SVG drawing")

    def _on_save_csv(self) -> None:
        self._ask_and_save("csv", "CSV table")

"""The menu of a plot: take it away as a picture or as numbers, and see the whole run again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from bplab.engine import InputError
from bplab.lab.files import write_atomically

from .export import csv_text, picture, png_bytes, svg_bytes

if TYPE_CHECKING:
    from .live_plot import LivePlot


class PlotMenu(QMenu):
    """Opened by a right click on the plot, and by its ⋯ button."""

    def __init__(self, plot: LivePlot) -> None:
        super().__init__(plot)
        self._plot = plot
        self._taking = [
            self.addAction("Copy picture", self.copy_picture),
            self.addAction("Save as PNG…", self._on_save_png),
            self.addAction("Save as SVG…", self._on_save_svg),
            self.addAction("Save numbers as CSV…", self._on_save_csv),
        ]
        self.addSeparator()
        self.whole_action = self.addAction("Show the whole run", plot.show_whole)
        self.aboutToShow.connect(self.update_actions)

    def update_actions(self) -> None:
        """What can be done now is enabled."""
        for action in self._taking:
            action.setEnabled(len(self._plot.steps) > 0)
        self.whole_action.setEnabled(not self._plot.shows_whole)

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
            return svg_bytes(plot.draw_sheet, plot.size(), plot.title, plot.logicalDpiX())
        if ending == ".csv" and plot.record is not None:
            return csv_text(plot.columns(plot.record))
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

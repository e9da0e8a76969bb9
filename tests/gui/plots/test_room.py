"""In the window there is room for what must be read: quantity and unit of every plot, every column of the table."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.gui.main_window import MainWindow
from bplab.gui.plots import LayerNumbers
from bplab.gui.plots.controls import QuietText
from bplab.gui.plots.live_plot import LivePlot
from bplab.gui.theme import Theme

from ..acts import train


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_every_plots_title_says_its_unit(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.reset_layout()
    train(window, qtbot, 100)
    QApplication.processEvents()
    plots = [dock.content for dock in window.docks.values() if isinstance(dock.content, LivePlot)]
    shown = {plot.title: plot.header.findChild(QuietText).shown() for plot in plots}
    assert shown["Gradient"].endswith("RMS, log")
    assert shown["Loss"].endswith("per sample")
    assert shown["Saturation"].endswith("samples")
    assert all(shown.values())


def test_a_title_without_room_loses_its_first_words(theme: Theme) -> None:
    text = QuietText(theme, "share of samples · a line is a mean")
    whole, words, word = map(text.fontMetrics().horizontalAdvance, (text.text, "of samples", "samples"))
    for width, shown in ((whole, text.text), (whole - 1, "share of samples"), (words, "of samples"), (word, "samples")):
        text.resize(width, 20)
        assert text.shown() == shown
    text.resize(word - 1, 20)
    assert text.shown() == ""


def test_every_column_of_the_table_is_seen_at_1440_pixels(window: MainWindow) -> None:
    window.resize(1440, 900)
    window.reset_layout()
    window.docks["Layer numbers"].raise_()
    QApplication.processEvents()
    numbers = window.docks["Layer numbers"].content
    assert isinstance(numbers, LayerNumbers)
    assert 0 < numbers.table.horizontalHeader().length() <= numbers.table.viewport().width()

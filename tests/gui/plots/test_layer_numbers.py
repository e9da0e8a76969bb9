"""The table of the layers: the record's newest row where the run is on view, a measurement where it is not."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.gui.numbers import percent_text, short_text
from bplab.gui.plots import LayerNumbers
from bplab.gui.session import Session
from bplab.gui.theme import Theme

from .conftest import MakePlot, dead_experiment, train


@pytest.fixture
def numbers(make_plot: MakePlot) -> LayerNumbers:
    made = make_plot(LayerNumbers)
    assert isinstance(made, LayerNumbers)
    return made


def cells(numbers: LayerNumbers, heading: str) -> list[str]:
    head, *rows = numbers.model.table()
    return [row[head.index(heading)] for row in rows]


def test_before_a_run_the_first_weights_are_measured(numbers: LayerNumbers, session: Session) -> None:
    assert cells(numbers, "layer") == ["h1", "h2", "out"]
    assert cells(numbers, "units") == ["5", "3", "1"]
    assert cells(numbers, "activation") == ["tanh", "tanh", "tanh"]
    assert cells(numbers, "δ RMS") == [short_text(value) for value in session.live.reading.delta_rms]
    assert cells(numbers, "|ΔW| ÷ |W|") == ["–", "–", "–"]


def test_after_a_run_the_numbers_are_the_records_newest(numbers: LayerNumbers, session: Session) -> None:
    train(session, 50)
    record = session.record
    assert cells(numbers, "δ RMS") == [short_text(value) for value in record.last("delta_rms")]
    assert cells(numbers, "∂C/∂W RMS") == [short_text(value) for value in record.last("weight_gradient_rms")]
    shares = record.layer_means(record.column("saturated"))[-1]
    assert cells(numbers, "saturated") == [percent_text(value) for value in shares]
    assert cells(numbers, "|ΔW| ÷ |W|") == [short_text(value) for value in record.last("update_ratio")]


def test_an_edited_network_is_measured_anew(numbers: LayerNumbers, session: Session) -> None:
    train(session, 50)
    session.edit_layer(0, "More units", units=7)
    assert cells(numbers, "units")[0] == "7"
    assert cells(numbers, "δ RMS") == [short_text(value) for value in session.live.reading.delta_rms]


def test_dead_neurons_are_counted_in_the_colour_of_warnings(
    numbers: LayerNumbers, session: Session, theme: Theme
) -> None:
    session.open(dead_experiment())
    assert cells(numbers, "dead") == ["4", "4", "0"]
    column = numbers.model.table()[0].index("dead")
    colour = numbers.model.data(numbers.model.index(0, column), Qt.ItemDataRole.ForegroundRole)
    assert colour.name() == theme.colours.warning
    assert numbers.model.data(numbers.model.index(2, column), Qt.ItemDataRole.ForegroundRole) is None


def test_each_layer_wears_its_colour_in_either_theme(numbers: LayerNumbers, theme: Theme) -> None:
    def chips() -> list[str]:
        role = Qt.ItemDataRole.DecorationRole
        return [numbers.model.data(numbers.model.index(row, 0), role).name() for row in range(3)]

    light = chips()
    assert light == [colour.name() for colour in theme.layer_colours(3)]
    theme.set_dark(True)
    assert chips() == [colour.name() for colour in theme.layer_colours(3)] != light
    theme.set_dark(False)


def test_a_hidden_table_is_left_alone(numbers: LayerNumbers, session: Session) -> None:
    before = numbers.model.table()
    numbers.hide()
    train(session, 50)
    assert numbers.model.table() == before
    numbers.show()
    assert numbers.model.table() != before


def test_the_table_is_copied_for_a_spreadsheet(numbers: LayerNumbers, qtbot: QtBot) -> None:
    numbers.copy()
    lines = QApplication.clipboard().text().split("\n")
    assert [line.split("\t") for line in lines] == numbers.model.table()
    assert numbers.table.accessibleName()


def test_every_column_says_what_it_holds(numbers: LayerNumbers) -> None:
    model = numbers.model
    for section in range(model.columnCount()):
        assert model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert model.data(model.index(0, section), Qt.ItemDataRole.ToolTipRole)

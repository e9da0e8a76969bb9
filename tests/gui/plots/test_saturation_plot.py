"""The saturation plot: the heat map is the record's counts, the bars its newest row."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from bplab.engine import Dense, Tanh
from bplab.gui.plots import SaturationPlot
from bplab.gui.plots.saturation import bands_of, colour_map
from bplab.gui.session import Session
from bplab.gui.theme import Theme

from .conftest import MakePlot, dead_experiment, small_experiment, train


@pytest.fixture
def plot(make_plot: MakePlot) -> SaturationPlot:
    made = make_plot(SaturationPlot)
    assert isinstance(made, SaturationPlot)
    return made


def shares(session: Session) -> np.ndarray:
    return session.record.column("saturated") / session.record.probe_samples


def test_each_neuron_has_a_line_and_each_row_a_column(plot: SaturationPlot, session: Session) -> None:
    train(session, 100)
    np.testing.assert_array_equal(plot.heat_map.levels.T, np.rint(255 * shares(session)))


def test_a_run_drawn_piece_by_piece_looks_like_one_drawn_at_once(
    plot: SaturationPlot, session: Session, make_plot: MakePlot
) -> None:
    for updates in (7, 300, 1, 5000, 40):
        train(session, updates)
    late = make_plot(SaturationPlot)
    assert isinstance(late, SaturationPlot)
    np.testing.assert_array_equal(plot.heat_map.levels, late.heat_map.levels)


def test_a_record_that_drops_rows_is_drawn_anew(plot: SaturationPlot, session: Session) -> None:
    train(session, 200)
    record = session.record
    record.capacity = len(record) + len(record) % 2
    train(session, 200)
    assert record.stride > 1
    np.testing.assert_array_equal(plot.heat_map.levels.T, np.rint(255 * shares(session)))
    assert plot.heat_map._width == record.stride


def test_wide_layers_share_lines_and_the_title_says_so(plot: SaturationPlot, session: Session) -> None:
    session.open(small_experiment(Dense(500, Tanh()), Dense(300, Tanh()), Dense(1, Tanh())))
    train(session, 5)
    assert plot.heat_map.levels.shape[0] <= 201
    assert "a line is the mean of up to 5 neurons" in plot.describe(session.experiment)
    first_four = shares(session)[:, :4].mean(axis=1)
    np.testing.assert_allclose(plot.heat_map.levels[0] / 255, first_four, atol=0.5 / 255)


def test_few_neurons_need_no_remark(plot: SaturationPlot, session: Session) -> None:
    train(session, 5)
    assert "mean of" not in plot.describe(session.experiment)


def test_the_bars_are_the_layers_shares_now(plot: SaturationPlot, session: Session) -> None:
    train(session, 100)
    np.testing.assert_allclose(plot.bars._shares, session.record.layer_means(session.record.column("saturated"))[-1])
    assert plot.bars_axis.labelText == "now"


def test_dead_neurons_are_counted_beside_the_bars(plot: SaturationPlot, session: Session) -> None:
    session.open(dead_experiment())
    train(session, 20)
    assert plot.bars.texts[0] == ("100 %", "4 dead")
    assert plot.bars.texts[2][1] == ""
    assert "8 of 9 dead" in plot.readout.text


def test_the_bars_go_back_in_time_with_the_mouse(plot: SaturationPlot, session: Session) -> None:
    train(session, 100)
    pane = plot.pane.sceneBoundingRect()
    plot.view.hovered.emit(QPointF(pane.left() + 0.5 * pane.width(), pane.center().y()))
    row = int(np.abs(plot.steps - 50).argmin())
    np.testing.assert_allclose(plot.bars._shares, session.record.layer_means(session.record.column("saturated"))[row])
    assert plot.bars_axis.labelText == f"at {plot.steps[row]}"


def test_bands_stand_in_the_order_of_the_layers_and_none_is_too_thin_to_be_read(plot: SaturationPlot) -> None:
    colours = plot.theme.layer_colours(3)
    bands = bands_of((512, 16, 1), ["h1", "h2", "out"], colours)
    heights = [band.bottom - band.top for band in bands]
    assert [band.name for band in bands] == ["h1", "h2", "out"]
    assert bands[0].top == 0.0
    assert bands[-1].bottom == pytest.approx(1.0)
    assert min(heights) >= 0.15
    assert heights[0] == max(heights)


def test_a_hidden_plot_takes_another_theme_though_the_run_has_other_layers_by_now(
    plot: SaturationPlot, session: Session
) -> None:
    train(session, 20)
    plot.hide()
    session.open(small_experiment(*(Dense(2, Tanh()) for _ in range(5)), Dense(1, Tanh())))
    train(session, 20)
    plot.theme.set_dark(True)
    plot.theme.set_dark(False)
    plot.show()
    assert plot.heat_map.levels.shape[0] == 11


def test_logarithmic_colours_tell_small_shares_apart_in_map_and_legend(theme: Theme) -> None:
    plain, log = colour_map(theme, False).astype(int), colour_map(theme, True).astype(int)
    few = slice(0, 26)  # up to 10 %
    assert np.abs(log[few][-1] - log[few][0]).sum() > 3 * np.abs(plain[few][-1] - plain[few][0]).sum()
    assert (log[0] == plain[0]).all()
    assert (log[-1] == plain[-1]).all()


def test_the_menu_switches_the_colours_and_back(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(SaturationPlot)
    train(session, 200)
    before = plot.grab().toImage()
    plot.log_action.trigger()
    assert plot.grab().toImage() != before
    plot.log_action.trigger()
    assert plot.grab().toImage() == before


def test_the_legend_gives_way_before_the_title_is_cut(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(SaturationPlot)
    header = plot.header
    header.setMinimumWidth(0)
    header.resize(header.sizeHint().width() - 30, header.height())
    header.layout().activate()
    assert plot._title.width() >= plot._title.sizeHint().width()
    assert plot._legend.width() < plot._legend.sizeHint().width()

"""The gradient plot: a curve per layer, and the profile that shows how the error shrinks from out to h1."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from bplab.gui.plots import GradientPlot
from bplab.gui.plots.gradient import QUANTITIES
from bplab.gui.plots.layer_curves import separated
from bplab.gui.session import Session
from bplab.lab.palette import layer_colours

from .conftest import MakePlot, dead_experiment, train


@pytest.fixture
def plot(make_plot: MakePlot) -> GradientPlot:
    made = make_plot(GradientPlot)
    assert isinstance(made, GradientPlot)
    return made


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_layer_has_a_curve_of_the_quantity_chosen_in_its_own_colour(
    quantity: str, plot: GradientPlot, session: Session
) -> None:
    train(session, 100)
    plot.show_quantity(quantity)
    steps, values = session.record.columns("step", quantity)
    for layer, curve in enumerate(plot.curves):
        x, y = curve.getData()
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_allclose(y, np.log10(values[:, layer]))
        assert curve.opts["pen"].color().name() == layer_colours(3, False)[layer].lower()


def test_at_first_the_error_itself_is_shown(plot: GradientPlot) -> None:
    assert plot.quantity == "delta_rms"
    assert "δ" in plot.describe(plot.session.experiment)


def test_the_axis_is_logarithmic_and_labelled_in_numbers(plot: GradientPlot, session: Session) -> None:
    train(session, 100)
    assert "0.01" in plot.left.texts()
    assert not any(text.startswith(("-", "−")) for text in plot.left.texts())


def test_the_profile_shows_both_quantities_of_every_layer_on_the_axis_of_the_curves(
    plot: GradientPlot, session: Session
) -> None:
    train(session, 100)
    for shown, quantity in zip(plot.markers.series, QUANTITIES, strict=True):
        np.testing.assert_allclose(shown, np.log10(session.record.last(quantity)))
    assert plot.profile_pane.viewRange()[1] == plot.pane.viewRange()[1]
    assert plot.profile_axis.texts() == ["h1", "h2", "out"]
    assert plot.profile_axis.labelText == "now"


def test_the_profile_goes_back_in_time_with_the_mouse(plot: GradientPlot, session: Session) -> None:
    train(session, 100)
    pane = plot.pane.sceneBoundingRect()
    plot.view.hovered.emit(QPointF(pane.left(), pane.center().y()))
    first = session.record.column("delta_rms")[0]
    np.testing.assert_allclose(plot.markers.series[0], np.log10(first))
    assert plot.profile_axis.labelText == "at 0"
    assert "h1 " in plot.readout.text
    plot.view.left.emit()
    assert plot.profile_axis.labelText == "now"


def test_the_names_of_the_layers_stand_at_the_ends_of_their_curves(plot: GradientPlot, session: Session) -> None:
    train(session, 100)
    ends = np.log10(session.record.last("delta_rms"))
    assert [name for _, name, _ in plot.labels._labels] == ["h1", "h2", "out"]
    np.testing.assert_allclose([place for place, _, _ in plot.labels._labels], ends)


def test_the_readout_says_how_much_of_the_error_is_left_at_the_first_layer(
    plot: GradientPlot, session: Session
) -> None:
    train(session, 100)
    assert "δ h1 ÷ δ out = " in plot.readout.text


def test_a_dead_net_shows_its_zeros_on_a_place_of_their_own(plot: GradientPlot, session: Session) -> None:
    session.open(dead_experiment())
    train(session, 50)
    assert (session.record.column("delta_rms")[:, 0] == 0).all()
    assert plot.scale.zero is not None
    assert "0" in plot.left.texts()
    _, y = plot.curves[0].getData()
    assert (y[np.isfinite(y)] == plot.scale.zero).all()
    assert plot.markers.series[0][0] == plot.scale.zero
    assert "is 0" in plot.readout.text
    plot.grab()


def test_no_line_leads_from_a_number_to_zero() -> None:
    _, y = separated(np.arange(4.0), np.array([-1.0, -9.0, -9.0, -2.0]), -9.0)
    joined = np.isfinite(y[:-1]) & np.isfinite(y[1:])
    assert all(abs(y[1:][joined] - y[:-1][joined]) < 5)
    assert np.isin([-1.0, -2.0, -9.0], y).all()


def test_the_profile_drops_names_that_have_no_room_but_never_the_last(plot: GradientPlot, session: Session) -> None:
    train(session, 10)
    plot.names = [f"h{number}" for number in range(1, 40)] + ["out"]
    shown = [text for _, text in plot._layer_ticks(-0.6, 39.4, 90.0)]
    assert shown[-1] == "out"
    assert len(shown) < 6


def test_the_profile_at_the_start_of_the_run_stands_faintly_behind(plot: GradientPlot, session: Session) -> None:
    train(session, 100)
    for shown, quantity in zip(plot.ghost.series, QUANTITIES, strict=True):
        np.testing.assert_allclose(shown, np.log10(session.record.column(quantity)[0]))
    assert plot.ghost.opacity() < 0.5 < plot.markers.opacity()
    assert "faint: at the start" in plot.readout.text
